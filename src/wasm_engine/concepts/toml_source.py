"""TOML text with the line of every key, so that a mistake can be shown where it is.

`tomllib` forgets positions. It is the judge of what is TOML; beside it the text is scanned for the
keys only. The scan is right about valid text, and no more than harmless on any other.
"""

from __future__ import annotations

import contextlib
import re
import tomllib
from collections.abc import Mapping
from typing import Any, TypeAlias

from msgspec import Struct

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys from the root; an int is a position in an array: `("messages", 0, "to")`."""

_DEEPEST = 8  # No mistake is told deeper than this, and a hostile file cannot make paths long.
_MOST_PARTS = 256
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    # What is never closed is one piece as well, lest every quote in it be tried as a start.
    r'|""".*'
    r"|'''.*"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|[\"'][^\n]*"
    r"|\#[^\n]*"
    r"|[\n\[\]{}=,.]"
    r"|[^\s\[\]{}=,.\"'\#]+",
    re.DOTALL,
)
_WHERE = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)\Z")


class NotToml(ValueError):
    """The text is not TOML; `line` says where it stops being so, counted from 1."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


class TomlSource(Struct, frozen=True):
    """Parsed TOML and where its keys are.

    Attributes:
        data: What `tomllib` made of the text.
        lines: Line, from 1, of each key and array element.
    """

    data: dict[str, Any]
    lines: Mapping[KeyPath, int]

    def line(self, path: KeyPath) -> int:
        """The line of a key, or of the nearest table around it that has one."""
        path = path[:_DEEPEST]
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse(text: str) -> TomlSource:
    """Parses TOML.

    Raises:
        NotToml: The text is not TOML, or nested beyond reason.
    """
    text = text.replace("\r\n", "\n")
    # First, for it refuses the endless keys on which tomllib would spend time without bound.
    lines = _Scan().run(text)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(text, str(error)) from None
    except RecursionError:
        raise NotToml(1, "nested too deeply") from None
    except ValueError:
        # int() refuses numbers of thousands of digits, without saying where.
        raise NotToml(1, "a number has too many digits") from None
    return TomlSource(data, lines)


def _not_toml(text: str, said: str) -> NotToml:
    where = _WHERE.search(said)
    if where is None:
        return NotToml(1, said)
    what = said[: where.start()].strip()
    if where[1] is None:
        return NotToml(text.rstrip("\n").count("\n") + 1, f"{what} (at the end of the file)")
    return NotToml(int(where[1]), f"{what} (column {where[2]})")


class _Scan(Struct):
    """One pass over valid TOML, with the open inline tables and arrays on a stack of its own.

    `stack` holds, for every open bracket, the path it is at and, for an array, the position
    reached in it (None for an inline table). `arrays` holds the last position of each `[[array]]`.
    """

    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    arrays: dict[KeyPath, int] = {}
    parts: list[str] = []
    stack: list[tuple[KeyPath, int | None]] = []
    in_value: bool = False
    value_at: KeyPath = ()

    def run(self, text: str) -> dict[KeyPath, int]:
        """Lines of all keys and array elements of the text."""
        line, header = 1, ""
        for match in _TOKEN.finditer(text):
            piece = match[0]
            if len(self.parts) > _MOST_PARTS:
                raise NotToml(line, f"a key of more than {_MOST_PARTS} parts")
            if header:
                header = self._header(piece, line, header)
            elif self.in_value:
                self._value(piece, line)
            elif piece == "[" and not self.stack:
                header = "[[" if text.startswith("[[", match.start()) else "["
            else:
                self._key(piece, line)
            line += piece.count("\n")
        return self.lines

    def _header(self, piece: str, line: int, opened: str) -> str:
        """Reads on in `[a.b]` or `[[a.b]]`; answers what is still open."""
        if piece != "]":
            self._part(piece)
            return opened
        path: KeyPath = ()
        for number, part in enumerate(self.parts[:_DEEPEST], start=1):
            path = (*path, part)
            self.lines.setdefault(path, line)
            if opened == "[[" and number == len(self.parts):
                self.arrays[path] = self.arrays.get(path, -1) + 1
                self.lines[(*path, self.arrays[path])] = line
            if path in self.arrays:
                path = (*path, self.arrays[path])
        self.table = path
        self.parts.clear()
        return ""

    def _key(self, piece: str, line: int) -> None:
        if piece == "}":
            self._close()
        elif piece == "=":
            path = self.stack[-1][0] if self.stack else self.table
            for part in self.parts[:_DEEPEST]:
                path = (*path, part)[:_DEEPEST]
                self.lines.setdefault(path, line)
            self.parts.clear()
            self.in_value, self.value_at = True, path
        else:
            self._part(piece)

    def _part(self, piece: str) -> None:
        """One part of a dotted key; anything else between keys is of no interest."""
        if piece == "\n":
            self.parts.clear()
        elif piece[0] in "\"'":
            with contextlib.suppress(tomllib.TOMLDecodeError):
                self.parts.append(tomllib.loads(f"k = {piece}")["k"])
        elif piece not in {".", ",", "[", "]"} and piece[0] != "#":
            self.parts.append(piece)

    def _value(self, piece: str, line: int) -> None:
        in_array = bool(self.stack) and self.stack[-1][1] is not None
        if piece in {"]", "}"}:
            self._close()
        elif piece == "," and in_array:
            path, position = self.stack[-1]
            self._element(path, (position or 0) + 1)
        elif piece in {",", "\n"}:
            # The end of `key = value`, unless an array simply goes on in the next line.
            self.in_value = in_array
        elif piece[0] != "#":
            if in_array:
                self.lines.setdefault(self.value_at, line)
            self._open(piece)

    def _open(self, piece: str) -> None:
        if piece == "[":
            self.stack.append((self.value_at, 0))
            self._element(self.value_at, 0)
        elif piece == "{":
            self.stack.append((self.value_at, None))
            self.in_value = False

    def _element(self, array: KeyPath, position: int) -> None:
        self.stack[-1] = (array, position)
        self.value_at = (*array, position)[:_DEEPEST]

    def _close(self) -> None:
        """Back to where the bracket was opened: the value of a key, or an element, has ended."""
        if self.stack:
            self.value_at, _ = self.stack.pop()
            self.in_value = True
