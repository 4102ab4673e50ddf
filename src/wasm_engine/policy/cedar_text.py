"""Text in Cedar before it is given to the package: its policies, their lines, and their bounds.

The package recurses over what it reads, on the stack of whoever calls it; where that is spent, the
process dies. Run files bring such text with them, so what is beyond the bounds never gets there.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from wasm_engine.concepts.mistakes import Wrong

MOST_BYTES = 1 << 20
"""Of a text."""
MOST_DEEP = 100
"""How deep brackets may be nested."""
MOST_STEPS = 200
"""Of what nests beside brackets (operators, attributes and indices, `if`) in one policy."""
_TOKEN = re.compile(
    r'"(?:\\.|[^"\\])*"?|//[^\n\r]*|\n|;|[(\[{]|[)\]}]'
    r"|&&|\|\||[-+*.!]|\b(?:if|has)\b",
    re.DOTALL,
)
_WORD = re.compile(r"\S")


class Statement(NamedTuple):
    """One policy of a file: where it stands, and its text."""

    line: int
    text: str


def statements(text: str) -> list[Statement]:
    """The policies of a text, each with the line in which it begins.

    Raises:
        Wrong: It is beyond the bounds; the text says how, and in which line.
    """
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise Wrong(f"1: a policy has at most {MOST_BYTES >> 20} MiB")
    return _Scan(text).run()


class _Scan:
    """One pass over a text; strings and comments are passed over."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[Statement] = []
        self._line, self._begun, self._start = 1, 0, 0
        self._depth, self._steps = 0, 0

    def run(self) -> list[Statement]:
        """The statements."""
        end = 0
        for match in _TOKEN.finditer(self._text):
            self._begin(end, match.start())
            piece, end = match[0], match.end()
            if piece == "\n":
                self._line += 1
            elif not piece.startswith("//"):
                self._begin(match.start(), end)
                self._line += piece.count("\n")
                self._take(piece, end)
        self._begin(end, len(self._text))
        if self._begun:
            self._found.append(Statement(self._begun, self._text[self._start :]))
        return self._found

    def _begin(self, start: int, end: int) -> None:
        """A statement begins with the first of what is neither space nor comment."""
        if not self._begun:
            word = _WORD.search(self._text, start, end)
            if word is not None:
                self._begun, self._start = self._line, word.start()

    def _take(self, piece: str, end: int) -> None:
        if piece == ";":
            self._found.append(Statement(self._begun, self._text[self._start : end]))
            self._begun = self._depth = self._steps = 0
        elif piece in "([{":
            self._depth += 1
            self._steps += piece == "["  # it may be an index, of which one follows the other
        elif piece in ")]}":
            self._depth = max(self._depth - 1, 0)
        elif piece[0] != '"':
            self._steps += 1
        if self._depth > MOST_DEEP or self._steps > MOST_STEPS:
            raise Wrong(
                f"{self._line}: nested too deeply: at most {MOST_DEEP} brackets, and {MOST_STEPS} "
                "operators and attributes in one policy"
            )
