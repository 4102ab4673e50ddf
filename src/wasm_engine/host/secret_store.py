"""The operator's secrets on this machine: a file for each, readable by us alone."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.secrets import check_value
from wasm_engine.host import places
from wasm_engine.host.disk import PrivateFolder

_OF = "@"
"""Between name and world, neither of which may hold it."""
_LONGEST = 200


class Kept(NamedTuple):
    """What is kept under a name: for one world, or for all that have no other (None)."""

    name: str
    world: str | None


def keep(name: str, world: str | None, value: str) -> None:
    """Keeps a secret, in place of the one that was there.

    Raises:
        Misuse: It can be none, its name is too long, or others may use the folder.
        HostFault: The disk failed.
    """
    try:
        check_value(value)
    except Wrong as wrong:
        raise Misuse(str(wrong), code="bad-secret") from None
    try:
        _folder().write(_file(name, world), value.encode(), durable=True)
    except OSError as error:
        message = f"{_place()}: cannot keep a secret: {error.strerror}"
        raise HostFault(message) from error


def kept() -> list[Kept]:
    """What is kept, sorted by name; never the secrets themselves."""
    if not _place().is_dir():
        return []
    names = [name for name, _, _ in _folder().entries() if not name.startswith(".")]
    rows = [name.partition(_OF) for name in names]
    return sorted((Kept(name, world or None) for name, _, world in rows), key=_order)


def forget(name: str, world: str | None) -> bool:
    """Removes a secret; whether there was one."""
    if Kept(name, world) not in kept():
        return False
    _folder().remove(_file(name, world))
    return True


def find(name: str, world: str) -> str | None:
    """The secret for a world: its own, else that for all, else None.

    Raises:
        Misuse: Others may use the folder, or what is kept is no secret any more.
    """
    if not _place().is_dir():
        return None
    folder = _folder()
    for file in (_file(name, world), _file(name, None)):
        opened = folder.read_sealed(file, 0)
        if opened is not None:
            with opened[0].view() as view:
                return _checked(bytes(view), name)
    return None


def _checked(data: bytes, name: str) -> str:
    try:
        value = data.decode()
        check_value(value)
    except (UnicodeDecodeError, Wrong):
        message = f"{_place()}: what is kept as {name!r} is no secret"
        raise Misuse(message, code="bad-secret", hint=f"wasm-engine secret set {name}") from None
    return value


def _order(row: Kept) -> tuple[str, str]:
    return row.name, row.world or ""


def _file(name: str, world: str | None) -> str:
    file = name if world is None else f"{name}{_OF}{world}"
    if len(file) > _LONGEST:
        raise Misuse(f"{file!r}: names of a secret and a world have {_LONGEST} characters together")
    return file


def _place() -> Path:
    return places.config_folder() / "secrets"


def _folder() -> PrivateFolder:
    return PrivateFolder(_place())
