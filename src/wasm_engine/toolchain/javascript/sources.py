"""Where the sources of the interpreter of `.js` agents lie, and what identifies them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from wasm_engine.concepts.canonical import encode, sha256, sha256_hex
from wasm_engine.concepts.errors import Bug

_PACKAGE = Path(__file__).resolve().parent.parent.parent
_WIT = "wit"
_SDK = "guests/sdk/javascript"
_INTERPRETER = "guests/interpreters/javascript"
_NAMED = re.compile(r"(?:include|import|export) ([\w-]+):([\w-]+)/[\w-]+@([\w.-]+);")


class JavaScriptSources(NamedTuple):
    """What the interpreter is built from, beside QuickJS.

    Attributes:
        wit: Folder of the WIT packages that agents are written against, each in one of its own.
        sdk: Folder of the modules that agents import as `wasm-agent`.
        interpreter: Folder of the interpreter's scripts, its world, and the part of WASI it uses.
    """

    wit: Path
    sdk: Path
    interpreter: Path

    def packages(self) -> list[list[str]]:
        """The texts of each WIT package; what others include comes first, the world last."""
        world = (self.interpreter / "world.wit").read_text(encoding="utf-8")
        folders = [self.wit / name for name in _packages_in(world)]
        found = [sorted(folder.glob("*.wit")) for folder in folders if folder.is_dir()]
        found += [[path] for path in sorted(self.interpreter.glob("wasi/*.wit"))]
        return [[path.read_text(encoding="utf-8") for path in paths] for paths in found] + [[world]]

    def scripts(self) -> dict[str, str]:
        """The modules by the names by which they import each other."""
        folders = {"interpreter": self.interpreter, "wasm-agent": self.sdk}
        return {
            f"{name}/{path.name}": path.read_text(encoding="utf-8")
            for name, folder in folders.items()
            for path in sorted(folder.glob("*.js"))
        }

    def glue(self) -> str:
        """The text of the module between QuickJS and the host's functions."""
        return (self.interpreter / "engine.wat").read_text(encoding="utf-8")

    def npm(self) -> list[Path]:
        """The files that say which package of npm QuickJS comes in."""
        return [self.interpreter / "npm" / name for name in ("package.json", "package-lock.json")]

    def recipe(self, builder: str) -> str:
        """SHA-256 (hex) of all that decides what is built: the sources, and who builds."""
        texts = [*self.packages(), *sorted(self.scripts().items()), self.glue()]
        return sha256_hex(encode((builder, sha256(repr(texts).encode()))))


def javascript_sources() -> JavaScriptSources:
    """The sources in the installed package, or in the repository of an editable install."""
    for root in (_PACKAGE / "_data", _PACKAGE.parent.parent):
        sources = JavaScriptSources(root / _WIT, root / _SDK, root / _INTERPRETER)
        if all(folder.is_dir() for folder in sources):
            return sources
    message = "the sources of the JavaScript interpreter component are missing here"
    raise Bug(message)


def _packages_in(world: str) -> list[str]:
    """Folders of the WIT packages that a world names, in its order; each once."""
    named = (f"{space}-{name}@{version}" for space, name, version in _NAMED.findall(world))
    return list(dict.fromkeys(named))
