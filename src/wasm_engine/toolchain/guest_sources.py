"""Where the sources of the interpreter component lie, and what identifies them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from wasm_engine.concepts.canonical import encode, sha256, sha256_hex
from wasm_engine.concepts.errors import Bug

_PACKAGE = Path(__file__).resolve().parent.parent
_WIT = "wit"
_SDK = "guests/sdk/python"
_PACKAGE_NAME = re.compile(r"(?:include|import|export) ([\w-]+):([\w-]+)/[\w-]+@([\w.-]+);")
_INTERPRETER = "guests/interpreters/python"


class GuestSources(NamedTuple):
    """What a Python guest is built from.

    Attributes:
        wit: Folder of the WIT packages that agents are written against, each in one of its own.
        sdk: Folder that holds the package `wasm_agent`.
        interpreter: Folder that holds the interpreter's modules, and its world in WIT.
    """

    wit: Path
    sdk: Path
    interpreter: Path

    def files(self) -> list[tuple[str, Path]]:
        """Name and place of each source file, in the order of the names."""
        found = [
            (f"{part}/{path.relative_to(folder).as_posix()}", path)
            for part, folder, pattern in (
                *(("wit", self.wit, f"{package}/*.wit") for package in self._packages()),
                ("sdk", self.sdk, "wasm_agent/**/*.py"),
                ("interpreter", self.interpreter, "*.py"),
                ("interpreter", self.interpreter, "*.wit"),
            )
            for path in folder.glob(pattern)
        ]
        return sorted(found)

    def _packages(self) -> list[str]:
        """Folders of the WIT packages that its world names; others are no part of the recipe."""
        texts = [path.read_text(encoding="utf-8") for path in self.interpreter.glob("*.wit")]
        named = {match for text in texts for match in _PACKAGE_NAME.findall(text)}
        return sorted(f"{space}-{name}@{version}" for space, name, version in named)

    def recipe(self, builder: str) -> str:
        """SHA-256 (hex) of all that decides what is built: the sources, and who builds.

        Two builds of one recipe behave alike, but are not the same bytes.
        """
        rows = [(name, sha256(path.read_bytes())) for name, path in self.files()]
        return sha256_hex(encode((builder, rows)))


def guest_sources() -> GuestSources:
    """The sources in the installed package, or in the repository of an editable install."""
    for root in (_PACKAGE / "_data", _PACKAGE.parent.parent):
        sources = GuestSources(root / _WIT, root / _SDK, root / _INTERPRETER)
        if all(folder.is_dir() for folder in sources):
            return sources
    message = "the sources of the Python interpreter component are missing from this installation"
    raise Bug(message)


def carried_interpreter(language: str = "python") -> Path | None:
    """The interpreter of a language that a release carries ready-made, or None."""
    file = _PACKAGE / f"_data/interpreter/{language}.wasm"
    return file if file.is_file() else None
