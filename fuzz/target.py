"""What is fuzzed: a decoder as one function, what good input looks like, and its bounds."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType

from fuzz import targets
from wasm_engine.concepts.errors import Misuse

SECONDS = 5.0
"""Within which every input is to be done with; the slowest machine included."""
MIB = 1 << 20
MOST_BYTES = 64 << 10
"""What mutation makes is no longer: bounds of the decoders themselves are tested in their tests."""


@dataclass(frozen=True)
class Target:
    """A decoder.

    Attributes:
        name: Of its module.
        says: What it decodes, in a line.
        check: Gives it bytes. What it raises is a finding, but for what it may refuse them with.
        seeds: Good input, and what was once bad.
        forms: How input is mutated besides byte by byte: `text`, `msgpack`.
        words: What stands in such text.
        refuses: The errors of ours with which input may be refused; a Bug is never among them.
        memory: MiB that it may take besides what the process has at its beginning.
    """

    name: str
    says: str
    check: Callable[[bytes], None]
    seeds: Callable[[], Sequence[bytes]]
    forms: tuple[str, ...]
    words: tuple[bytes, ...]
    refuses: tuple[type[Exception], ...]
    memory: int


def names() -> list[str]:
    """All targets."""
    return sorted(module.name for module in pkgutil.iter_modules(targets.__path__))


def load(name: str) -> Target:
    """A target by its name: a module with `check`, `seeds`, and what is not as it usually is.

    A name with dots is that of a module elsewhere.
    """
    module: ModuleType = importlib.import_module(name if "." in name else f"fuzz.targets.{name}")
    return Target(
        name,
        (module.__doc__ or "").splitlines()[0],
        module.check,
        module.seeds,
        getattr(module, "FORMS", ()),
        getattr(module, "WORDS", ()),
        getattr(module, "REFUSES", (Misuse,)),
        getattr(module, "MEMORY", 768),
    )
