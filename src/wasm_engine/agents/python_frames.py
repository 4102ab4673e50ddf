"""Where a Python guest stands: its frames, read from its memory as a debugger reads them.

CPython leaves a table of its own layout in its memory, for debuggers. With it the chain of frames
is followed without the guest's doing anything: it costs no fuel, and the guest cannot tell. What is
read is the guest's to write, so it goes nowhere but into the text of a report: every address is
checked, every walk is bounded, and what does not fit is no frame.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

_COOKIE = b"xdebugpy"
_RELEASE = 0x030E
"""The release whose table is known: 3.14."""
_MAX_TABLES = 3
"""The first that fits is taken; of a memory full of them no more are tried."""
_MAX_FRAMES = 100
_MAX_NAME = 1_000
_MAX_LINES = 1 << 16
_MAX_OFFSET = 1 << 20
_TAGS = 3
"""Low bits of a reference on the stack, which say how it is counted."""
_OFFSETS = {
    "interpreters": 4,
    "threads": 8,
    "current": 25,
    "previous": 31,
    "code": 32,
    "instruction": 33,
    "file": 39,
    "function": 40,
    "lines": 42,
    "first_line": 43,
    "bytecode": 47,
    "bytes_size": 74,
    "bytes_data": 75,
    "text_length": 78,
    "text_data": 79,
}
"""Which number of the table is the offset of what."""


class Frame(NamedTuple):
    """A function that was entered and not yet left."""

    file: str
    line: int
    function: str


def frames(memory: bytes) -> list[Frame]:
    """The frames of the Python that lives in a linear memory, the innermost first.

    Args:
        memory: All of it, while the guest waits for a host call.

    Returns:
        None at all where there is no Python, or one whose layout is not known.
    """
    start = -1
    for _ in range(_MAX_TABLES):
        start = memory.find(_COOKIE, start + 1)
        if start < 0:
            break
        try:
            found = list(_Reader(memory, start).frames())
        except (struct.error, ValueError):
            found = []
        if found:
            return found
    return []


class _Reader:
    """One interpreter's frames; the table is where its runtime begins."""

    def __init__(self, memory: bytes, runtime: int) -> None:
        self._memory = memory
        self._runtime = runtime
        table = struct.unpack_from(f"<{max(_OFFSETS.values()) + 1}Q", memory, runtime + 8)
        self._at = {name: table[number] for name, number in _OFFSETS.items()}
        if table[0] >> 16 != _RELEASE or max(self._at.values()) > _MAX_OFFSET:
            message = "the table of another release, or none"
            raise ValueError(message)

    def frames(self) -> Iterator[Frame]:
        """The frames of the first thread; guests have no other."""
        interpreter = self._pointer(self._runtime, "interpreters")
        thread = self._pointer(interpreter, "threads")
        address = self._pointer(thread, "current")
        for _ in range(_MAX_FRAMES):
            if not address:
                return
            frame = self._frame(address)
            if frame is not None:
                yield frame
            address = self._pointer(address, "previous")

    def _frame(self, address: int) -> Frame | None:
        """A frame; None where it is none of Python code (the interpreter's own entry)."""
        code = self._pointer(address, "code") & ~_TAGS
        instruction = self._pointer(address, "instruction") - code - self._at["bytecode"]
        try:
            file = self._text(self._pointer(code, "file"))
            function = self._text(self._pointer(code, "function"))
            lines = self._bytes(self._pointer(code, "lines"))
            first = self._number(code, "first_line")
            line = line_at(lines, first, instruction)
        except (struct.error, ValueError, IndexError):
            return None
        return None if line is None else Frame(file, line, function)

    def _number(self, address: int, name: str) -> int:
        if address <= 0:
            message = "nowhere"
            raise ValueError(message)
        value: int = struct.unpack_from("<I", self._memory, address + self._at[name])[0]
        return value

    _pointer = _number

    def _text(self, address: int) -> str:
        """A string of ASCII: names of others are not told apart."""
        length = self._number(address, "text_length")
        data = self._data(address + self._at["text_data"], length, _MAX_NAME)
        return data.decode("ascii")

    def _bytes(self, address: int) -> bytes:
        size = self._number(address, "bytes_size")
        return self._data(address + self._at["bytes_data"], size, _MAX_LINES)

    def _data(self, address: int, size: int, most: int) -> bytes:
        if not 0 < size <= most or address + size > len(self._memory):
            message = "not a name, or not a table"
            raise ValueError(message)
        return self._memory[address : address + size]


def line_at(table: bytes, first: int, instruction: int) -> int | None:
    """The source line of an instruction, as CPython's table of locations says.

    Args:
        table: `co_linetable`: entries of a code, a length, and how much further the line is.
        first: `co_firstlineno`.
        instruction: Its offset in bytes; where the call is that has not returned.
    """
    at = offset = 0
    line = first
    while at < len(table):
        head = table[at]
        kind, length = head >> 3 & 15, (head & 7) + 1
        at += 1
        if kind == _NO_LOCATION:
            here: int | None = None
        else:
            delta, at = _advance(table, at, kind)
            line += delta
            here = line
        offset += 2 * length
        if instruction < offset:
            return here
    return None


_NO_LOCATION, _LONG, _NO_COLUMNS, _ONE_LINE = 15, 14, 13, 10
_MAX_SHIFT = 30


def _advance(table: bytes, at: int, kind: int) -> tuple[int, int]:
    """By how many lines an entry is further than the one before, and where the next one is."""
    if kind == _LONG:
        delta, at = _signed(table, at)
        for _ in range(3):
            _, at = _unsigned(table, at)
        return delta, at
    if kind == _NO_COLUMNS:
        return _signed(table, at)
    if kind >= _ONE_LINE:
        return kind - _ONE_LINE, at + 2
    return 0, at + 1


def _unsigned(table: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = table[at]
        at += 1
        value |= (byte & 63) << shift
        shift += 6
        if not byte & 64:
            return value, at
        if shift > _MAX_SHIFT:
            message = "no number of a line"
            raise ValueError(message)


def _signed(table: bytes, at: int) -> tuple[int, int]:
    value, at = _unsigned(table, at)
    return (-(value >> 1) if value & 1 else value >> 1), at
