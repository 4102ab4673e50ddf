"""Files of keys: private ones that only we may read, and public ones that the operator trusts."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.host import places
from wasm_engine.host.disk import PrivateFolder
from wasm_engine.host.locks import sync_folder

PRIVATE, PUBLIC = ".key", ".pub"
_MAX_BYTES = 64 << 10


def own_folder() -> Path:
    """Where the keys are that this user signs with."""
    return places.data_folder() / "keys"


def trusted_folder() -> Path:
    """Where the public keys are that this machine's operator trusts."""
    return places.config_folder() / "keys"


def private_folder(path: Path) -> Path:
    """Makes a folder that is ours alone, if it is not there.

    Raises:
        Misuse: There is one, and it is not.
        HostFault: It cannot be made.
    """
    try:
        return PrivateFolder(path).path
    except OSError as error:
        raise HostFault(f"{path}: cannot be made: {error.strerror}") from None


def write_new(path: Path, data: bytes, *, secret: bool) -> None:
    """Writes a file where there is none yet, for good; a secret one only we may read.

    Raises:
        Misuse: There is something already, or the folder cannot be written to.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600 if secret else 0o644)
    except FileExistsError:
        message = f"{path}: there is something already; a key is never written over anything"
        raise Misuse(message, hint="choose another name, or another folder") from None
    except OSError as error:
        raise Misuse(f"{path}: cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    sync_folder(path.absolute().parent)


def read_private(path: Path) -> bytes:
    """The bytes of a private key's file.

    Raises:
        Misuse: It cannot be read, or others than we can read or write it.
    """
    data, status = _read(path)
    if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
        message = f"{path}: others may use this key; it must be ours alone (mode 0600)"
        raise Misuse(message, code="bad-key", hint=f"chmod 600 {path}")
    return data


def read_public(path: Path) -> str:
    """The text of a public key's file.

    Raises:
        Misuse: It cannot be read, or is not text.
    """
    data, _ = _read(path)
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise Misuse(f"{path}: not a public key: it is not text", code="bad-key") from None


def names(folder: Path, suffix: str) -> list[str]:
    """The names of the keys in a folder, sorted; none where there is no folder.

    Raises:
        Misuse: The folder is not ours alone.
    """
    if not folder.is_dir():
        return []
    found = PrivateFolder(folder).entries()
    return sorted(name.removesuffix(suffix) for name, _, _ in found if name.endswith(suffix))


def replace(path: Path, data: bytes) -> None:
    """Writes a file at once, over what is there: readers see the one or the other.

    Raises:
        Misuse: It cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        temporary.write_bytes(data)
        try:
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Misuse(f"{path}: cannot be written: {error.strerror}") from None


def _read(path: Path) -> tuple[bytes, os.stat_result]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Misuse(f"{path}: no such file", code="bad-key") from None
    except OSError as error:
        raise Misuse(f"{path}: cannot be read: {error.strerror}", code="bad-key") from None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Misuse(f"{path}: not a file", code="bad-key")
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise Misuse(f"{path}: too large to be a key", code="bad-key")
    return data, status
