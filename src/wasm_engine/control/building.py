"""Builds components from source, and begins agents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.control.components import show
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.reports import Report
from wasm_engine.control.scripts import require_script
from wasm_engine.host.staging import staging_folder
from wasm_engine.toolchain.building import languages, scaffold
from wasm_engine.toolchain.building.typescript import stripped


@dataclass(frozen=True, slots=True)
class BuildReport(Report):
    """A component that was built.

    Attributes:
        file: Where it was written.
        language: What it was built from.
        digest: SHA-256 of its bytes.
        size: Their number.
        roles: What it can be: `handler`, `reducer`, `command`.
        imports: Names of the interfaces that it wants.
        reproducible: Whether the same sources give the same bytes with the same compiler.
    """

    file: str
    language: str
    digest: str
    size: int
    roles: tuple[str, ...]
    imports: tuple[str, ...]
    reproducible: bool


@dataclass(frozen=True, slots=True)
class NewReport(Report):
    """A world that was begun: its folder, the files in it, and what to do with them."""

    folder: str
    files: tuple[str, ...]
    commands: tuple[str, ...]


def build(
    sources: Sequence[Path],
    *,
    out: Path | None = None,
    world: str = "agent",
    observer: Observer = UNOBSERVED,
) -> BuildReport:
    """Builds a component, and looks whether the engine takes it.

    Args:
        sources: Files of one language.
        out: Where to write it; beside the first source with the suffix `.wasm` otherwise.
        world: `agent`, `pure-agent` or `command`.
        observer: Told what takes a while.

    Raises:
        Misuse: The sources cannot be built, or what builds them is not here.
        BadComponent: The engine does not take what was built.
        HostFault: The machine failed.
    """
    language = languages.language_of(sources)
    target = out or sources[0].with_suffix(".wasm")
    if target.resolve() in {source.resolve() for source in sources}:
        raise Misuse(f"{target}: would be written over its own source", hint="give --out FILE")
    if language.name in ("javascript", "typescript") and len(sources) == 1:
        require_script(sources[0], _script(sources[0], language.name), observer)
    data = languages.build(sources, world, observer.note)
    _write(target, data)
    shown = show(target, observer=observer)
    return BuildReport(
        file=str(target),
        language=language.title,
        digest=shown.digest,
        size=shown.size,
        roles=shown.roles,
        imports=tuple(row.name for row in shown.imports),
        reproducible=language.same,
    )


def _script(source: Path, language: str) -> bytes:
    """What the interpreter will read of a source."""
    if language == "typescript":
        with staging_folder() as folder:
            return stripped(source, folder).encode()
    try:
        return source.read_bytes()
    except OSError as error:
        raise Misuse(f"{source}: cannot be read: {error.strerror}") from None


def begin(folder: Path, language: str) -> NewReport:
    """Writes a world with one agent into a new folder.

    Raises:
        Misuse: There is something already, or no such language.
    """
    files = scaffold.files(language, folder.name)
    try:
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except FileExistsError:
        raise Misuse(f"{folder}: there is something already") from None
    except OSError as error:
        raise Misuse(f"{folder}: cannot be written: {error.strerror}") from None
    return NewReport(str(folder), tuple(files), tuple(scaffold.commands(language, folder)))


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except IsADirectoryError:
        raise Misuse(f"{path}: is a folder") from None
    except (FileNotFoundError, PermissionError, NotADirectoryError) as error:
        raise Misuse(f"{path}: cannot be written: {error.strerror}") from None
    except OSError as error:
        raise HostFault(f"{path}: cannot be written: {error.strerror}") from error
