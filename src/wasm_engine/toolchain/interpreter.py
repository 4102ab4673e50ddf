"""The interpreters of this installation: found, built on first use, exported and imported.

An interpreter is known by the digest of its bytes, since no two builds are the same. Beside it, a
recipe says what it was built from, so that one is used only by the installation that would have
built it. In the folder: `DIGEST.wasm`, and `imported-RECIPE` and `built-RECIPE` that name one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, TypeAlias

from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.host import places
from wasm_engine.host.disk import PrivateFolder
from wasm_engine.host.staging import turn
from wasm_engine.toolchain.guest_sources import carried_interpreter, guest_sources
from wasm_engine.toolchain.javascript.engine import quickjs
from wasm_engine.toolchain.javascript.guest import BUILDER as JAVASCRIPT_BUILDER
from wasm_engine.toolchain.javascript.guest import build_javascript_guest
from wasm_engine.toolchain.javascript.sources import JavaScriptSources, javascript_sources
from wasm_engine.toolchain.labels import is_component, label, labelled
from wasm_engine.toolchain.python_guest import BUILDER, build_python_guest

Note = Callable[[str], None]
"""Told what takes a while."""
Language: TypeAlias = Literal["python", "javascript"]
LANGUAGES: tuple[Language, ...] = ("python", "javascript")


class Sources(Protocol):
    """What an interpreter is built from."""

    def recipe(self, builder: str) -> str:
        """SHA-256 (hex) of all that decides what is built."""


Build = Callable[..., bytes]
"""Builds an interpreter from sources, and is told whom to tell what takes a while."""

RECIPE_LABEL = "wasm-engine:recipe"
MAX_BYTES = 256 << 20


class Interpreter(NamedTuple):
    """A component that runs `.py` or `.js` agents.

    Attributes:
        digest: SHA-256 of its bytes, hexadecimal.
        size: Its size in bytes.
        file: Where it is kept.
    """

    digest: str
    size: int
    file: Path


class Interpreters:
    """The interpreters of one language that are kept in one folder.

    Args:
        folder: Where they are kept, those of other languages too; made on first use.
        sources: What this installation would build one from.
        carried: The interpreter that came with the package, if one did.
        build: Builds one.
        builder: Who builds, and in which version: part of the recipe.
        language: What their agents are written in.
    """

    def __init__(
        self,
        folder: Path,
        sources: Sources,
        carried: Path | None = None,
        build: Build = build_python_guest,
        builder: str = BUILDER,
        language: Language = "python",
    ) -> None:
        self._folder = folder
        self._sources = sources
        self._carried = carried
        self._build = build
        self._builder = builder
        self._option = "" if language == "python" else f" --language {language}"

    def current(self) -> Interpreter | None:
        """The one that is used where no other is pinned: imported, else carried, else built.

        Raises:
            Misuse: It is damaged.
        """
        found = self._current()
        return found and found[0]

    def provide(self, pin: str | None, note: Note) -> bytes:
        """The bytes of the pinned interpreter, or of the current one, which is built if need be.

        Args:
            pin: SHA-256, hexadecimal; None for the current one.
            note: Told what takes a while.

        Raises:
            Misuse: It is not here, is damaged, or cannot be built.
            HostFault: The build failed.
        """
        found = self._pinned(pin) if pin else self._current()
        if found is None:
            found = self._built(note)
        return found[1]

    def build(self, note: Note) -> Interpreter:
        """The current interpreter, built if there is none.

        Raises:
            Misuse: It is damaged, or cannot be built.
            HostFault: The build failed.
        """
        found = self._current() or self._built(note)
        return found[0]

    def export(self, path: Path) -> Interpreter:
        """Writes the current interpreter to a new file.

        Raises:
            Misuse: There is none, or the file cannot be written.
        """
        found = self._current()
        if found is None:
            hint = f"`wasm-engine interpreter build{self._option}` makes one"
            raise Misuse("there is no interpreter to export", code="no-interpreter", hint=hint)
        try:
            with path.open("xb") as file:
                file.write(found[1])
        except FileExistsError:
            message = f"{path}: there is something already"
            raise Misuse(message) from None
        except OSError as error:
            message = f"{path}: cannot be written: {error.strerror}"
            raise Misuse(message) from None
        return found[0]

    def import_from(self, path: Path) -> Interpreter:
        """Takes an exported interpreter as the current one.

        Raises:
            Misuse: It is none, or was built from other sources than this installation has.
        """
        data = _read(path)
        theirs, ours = label(data, RECIPE_LABEL), self._recipe()
        if theirs is None:
            message = f"{path}: not an interpreter that `wasm-engine interpreter export` wrote"
            raise Misuse(message, code="bad-interpreter")
        if theirs != ours:
            message = (
                f"{path}: built from other sources (recipe {theirs[:12]}) than this installation "
                f"has (recipe {ours[:12]})"
            )
            hint = "export one from an installation of the same version"
            raise Misuse(message, code="bad-interpreter", hint=hint)
        return self._keep(data, f"imported-{ours}")

    def _recipe(self) -> str:
        return self._sources.recipe(self._builder)

    def _current(self) -> tuple[Interpreter, bytes] | None:
        recipe = self._recipe()
        imported = self._named(f"imported-{recipe}")
        if imported is not None:
            return imported
        if self._carried is not None:
            carried = _verified(self._carried, None)
            # One that was put into a working tree stays behind when the sources change.
            if label(carried[1], RECIPE_LABEL) == recipe:
                return carried
        return self._named(f"built-{recipe}")

    def _pinned(self, digest: str) -> tuple[Interpreter, bytes]:
        file = self._folder / f"{digest}.wasm"
        if file.is_file():
            return _verified(file, digest)
        if self._carried is not None:
            carried = _verified(self._carried, None)
            if carried[0].digest == digest:
                return carried
        message = f"the interpreter sha256:{digest} that the manifest pins is not on this machine"
        hint = (
            f"`wasm-engine interpreter import FILE{self._option}` brings it; without a pin, one is "
            "built"
        )
        raise Misuse(message, code="no-interpreter", hint=hint)

    def _named(self, name: str) -> tuple[Interpreter, bytes] | None:
        """The interpreter that a file of the folder names."""
        try:
            digest = (self._folder / name).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            digest = ""
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise _damaged(self._folder / name)
        return _verified(self._folder / f"{digest}.wasm", digest)

    def _built(self, note: Note) -> tuple[Interpreter, bytes]:
        recipe = self._recipe()
        folder = PrivateFolder(self._folder)
        with turn(
            folder.path / "build.lock", lambda: note("another process builds the interpreter")
        ):
            # Whoever waited finds what the other has built.
            found = self._current()
            if found is not None:
                return found
            data = labelled(self._build(self._sources, note), RECIPE_LABEL, recipe)
            kept = self._keep(data, f"built-{recipe}")
        note(f"the interpreter is kept as {kept.file} ({_size(kept.size)})")
        return kept, data

    def _keep(self, data: bytes, name: str) -> Interpreter:
        folder = PrivateFolder(self._folder)
        digest = sha256_hex(data)
        try:
            folder.write(f"{digest}.wasm", data, durable=True)
            # Last: what it names is there.
            folder.write(name, f"{digest}\n".encode(), durable=True)
        except OSError as error:
            message = f"{self._folder}: cannot keep the interpreter: {error.strerror}"
            raise HostFault(message) from error
        return Interpreter(digest, len(data), self._folder / f"{digest}.wasm")


def installed(language: Language = "python") -> Interpreters:
    """The interpreters of this installation."""
    folder = places.data_folder() / "interpreters"
    if language == "python":
        return Interpreters(folder, guest_sources(), carried_interpreter())
    return Interpreters(
        folder,
        javascript_sources(),
        carried_interpreter(language),
        _build_javascript,
        JAVASCRIPT_BUILDER,
        language,
    )


def _build_javascript(sources: JavaScriptSources, note: Note) -> bytes:
    folder = places.data_folder() / "interpreters"
    return build_javascript_guest(sources, lambda: quickjs(sources.npm(), folder, note))


def provided(language: Language, pin: str | None, note: Note) -> bytes:
    """The component that runs a language's agents; built on first use: `Interpreters.provide`."""
    return installed(language).provide(pin, note)


def _verified(file: Path, digest: str | None) -> tuple[Interpreter, bytes]:
    """An interpreter whose bytes are what their digest says; None: they have no other name."""
    try:
        status = file.stat()
    except OSError:
        raise _damaged(file) from None
    data, actual = _loaded(file, status.st_mtime_ns, status.st_size)
    if digest is not None and actual != digest:
        raise _damaged(file)
    return Interpreter(actual, len(data), file), data


@lru_cache(maxsize=4)
def _loaded(file: Path, _changed: int, _size: int) -> tuple[bytes, str]:
    """Bytes and digest: asked for by every kind of a world, read and hashed once."""
    try:
        data = file.read_bytes()
    except OSError:
        raise _damaged(file) from None
    return data, sha256_hex(data)


def _size(count: int) -> str:
    return f"{count >> 20} MiB" if count >> 20 else f"{count >> 10} KiB"


def _damaged(file: Path) -> Misuse:
    message = f"{file}: the interpreter that is kept here is damaged or gone"
    hint = f"remove what is in {file.parent}; it is built again, or import it again"
    return Misuse(message, code="bad-interpreter", hint=hint)


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            message = f"{path}: {'not a file' if path.exists() else 'there is no such file'}"
            raise Misuse(message)
        if path.stat().st_size > MAX_BYTES:
            message = f"{path}: too large to be an interpreter"
            raise Misuse(message, code="bad-interpreter")
        data = path.read_bytes()
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror}"
        raise Misuse(message) from None
    if not is_component(data):
        message = f"{path}: not a component"
        raise Misuse(message, code="bad-interpreter")
    return data
