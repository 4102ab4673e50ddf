"""All the mistakes of one document at once, each with its place and the word probably meant."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct

from wasm_engine.concepts.toml_source import KeyPath

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_LONGEST = 60


class Wrong(ValueError):
    """A value is wrong; the text says what it must be. Whoever knows the place adds it."""


class Mistakes(Struct):
    """Collects mistakes.

    Attributes:
        line: The line of a key path in the text, or None where there is no text.
        file: The name that each mistake starts with; empty where there is no file.
    """

    file: str = ""
    line: Callable[[KeyPath], int] | None = None
    _found: dict[tuple[int, str], None] = {}
    _places: set[KeyPath] = set()

    def add(self, path: KeyPath, text: str) -> None:
        """Notes a mistake at a key path."""
        self._places.add(path)
        what = f"{spell(path)}: {text}" if path else text
        line = self.line(path) if self.line else 0
        self._found[line, f"{self.file}:{line}: {what}" if self.line else what] = None

    def at(self, path: KeyPath) -> bool:
        """Whether a mistake was noted at exactly this place, so that nothing follows from it."""
        return path in self._places

    def unknown_keys(
        self, path: KeyPath, table: Mapping[Any, object], known: Iterable[str]
    ) -> None:
        """Notes every key of the table that is not known."""
        names = list(known)
        for key in table:
            if not isinstance(key, str):
                self.add(path, f"keys must be text, not {shown(key)}")
            elif key not in names:
                self.add((*path, key), f"unknown key{nearest(key, names)}")

    def texts(self) -> list[str]:
        """What was found, in the order of the text."""
        return [text for _, text in sorted(self._found, key=lambda entry: entry[0])]


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean "count"?`, or what there is to choose from, or nothing."""
    names = list(known)
    near = difflib.get_close_matches(word[:200], names, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {shown(near[0])}?"
    return f"; there are {', '.join(map(shown, names))}" if 0 < len(names) <= 8 else ""


def spell(path: KeyPath) -> str:
    """A key path as TOML writes it: `agents.worker.count`, `messages[0].to`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            key = part if _BARE.fullmatch(part) else shown(part)
            text += f".{key}" if text else key
    return text


def shown(value: object) -> str:
    """A value for a message: short, on one line, with nothing that a terminal obeys."""
    match value:
        case None:
            text = "nothing"
        case bool() | float():
            text = repr(value).lower()
        case int():
            # str() refuses numbers of thousands of digits.
            text = str(value) if value.bit_length() <= 128 else "a number of many digits"
        case str():
            text = json.dumps(value if len(value) <= _LONGEST else f"{value[:_LONGEST]}...")
        case bytes():
            text = f"{len(value)} bytes"
        case Mapping():
            text = "a table"
        case list() | tuple():
            text = "an array"
        case _:
            text = f"a {type(value).__name__}"
    return text
