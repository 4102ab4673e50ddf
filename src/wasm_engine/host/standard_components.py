"""Where the standard components lie that come with this engine: `std:NAME`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from wasm_engine.concepts.errors import Bug
from wasm_engine.concepts.references import Reference, standard_name
from wasm_engine.host.component_store import path_of

NAMES = ("assistant", "embedder", "ranker", "retriever", "searcher", "splitter", "tokenizer")
"""What they are called, sorted."""
_PACKAGE = Path(__file__).resolve().parent.parent
_STD = "guests/std"


@cache
def _root() -> Path:
    """The folder of the data in the installed package, or the repository of an editable install."""
    for root in (_PACKAGE / "_data", _PACKAGE.parent.parent):
        if (root / _STD).is_dir():
            return root / _STD
    message = "the standard components are missing from this installation"
    raise Bug(message)


def standard_path(text: str) -> Path | None:
    """The file that `std:NAME` stands for; None where a text is no such name, or there is none."""
    name = standard_name(text)
    return _root() / name / f"{name}.wasm" if name in NAMES else None


def named_path(text: str) -> Path | None:
    """The file of a component that a text names by itself, a standard or a kept one; else None."""
    kept = Reference.parse(text)
    return standard_path(text) if kept is None else path_of(kept)
