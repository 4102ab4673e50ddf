"""Where the kits for guests in each language lie, and the contract that they are held to."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from wasm_engine.concepts.errors import Bug

_PACKAGE = Path(__file__).resolve().parent.parent
_KITS = "guests/sdk"


@cache
def _root() -> Path:
    """The folder of the data in the installed package, or the repository of an editable install."""
    for root in (_PACKAGE / "_data", _PACKAGE.parent.parent):
        if (root / _KITS / "c").is_dir():
            return root
    message = "the kits for compiled guests are missing from this installation"
    raise Bug(message)


def kit(name: str) -> Path:
    """A folder of a kit, or a file in it: `rust`, `c/memory.wat`."""
    return _root() / _KITS / name


def contract_text() -> str:
    """The WIT of `wasm-engine:agent`."""
    return (_root() / "wit/wasm-engine-agent@0.1.0/agent.wit").read_text(encoding="utf-8")


BESIDE = (
    "wasm-engine-migration@0.1.0",
    "wasm-engine-swap@0.1.0",
    "wasm-engine-human@0.1.0",
    "wasm-engine-inference@0.1.0",
)
"""Packages that agents may import from beside the contract; kits wrap what is called of them."""


def beside_texts() -> list[str]:
    """The WIT of each of those packages; the file that says the package's name comes first."""
    found = []
    for name in BESIDE:
        files = sorted((_root() / "wit" / name).glob("*.wit"))
        texts = [path.read_text(encoding="utf-8") for path in files]
        texts.sort(key=lambda text: "\npackage " not in f"\n{text}")
        found.append("\n".join(texts))
    return found
