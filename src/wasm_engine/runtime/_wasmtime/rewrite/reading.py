"""Reading binary Wasm: numbers, names and sections, of bytes that may be anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_LEB = rb"[\x80-\xff]*+[\x00-\x7f]"
_CONSTANT = re.compile(
    rb"(?s:(?:[\x23\x41\x42\xd0\xd2]" + _LEB + rb"|\x43.{4}|\x44.{8}|\xfd\x0c.{16}"
    rb"|[\x6a-\x6c\x7c-\x7e])*+)\x0b"
)
"""A constant expression, with its end."""


MOST = 1_000_000
"""Items of any kind in a module, as the validator has it."""
_MOST_SECTIONS = 100_000


class Unreadable(ValueError):
    """These bytes are no component, or one of a kind that is not known here."""


class NotKept(ValueError):
    """Instances of this component can be neither captured nor rolled back; says why."""


class Section(NamedTuple):
    """A section of a module or component, by where it lies.

    Attributes:
        kind: Its number.
        head: Where it begins.
        start: Where its content begins.
        end: Where it ends.
    """

    kind: int
    head: int
    start: int
    end: int


class Reader:
    """A position in bytes. Never goes beyond its end."""

    __slots__ = ("at", "data", "end")

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self.data = data
        self.at = at
        self.end = end

    @property
    def more(self) -> bool:
        """Whether anything is left."""
        return self.at < self.end

    def byte(self) -> int:
        """The next byte."""
        at = self.at
        if at >= self.end:
            raise Unreadable("cut short")
        self.at = at + 1
        return self.data[at]

    def number(self) -> int:
        """An unsigned number of 32 bits."""
        first = self.byte()
        if first < 0x80:
            return first
        value, shift = first & 0x7F, 7
        while shift < 35:
            part = self.byte()
            value |= (part & 0x7F) << shift
            if part < 0x80 and value < 1 << 32:
                return value
            shift += 7
        raise Unreadable("a number of more than 32 bits")

    def count(self) -> int:
        """How many items follow: never more than bytes, or than the validator allows."""
        value = self.number()
        if value > min(self.end - self.at, MOST):
            raise Unreadable("too many items")
        return value

    def skip(self, length: int) -> None:
        """Passes over that many bytes."""
        if length > self.end - self.at:
            raise Unreadable("cut short")
        self.at += length

    def skip_leb(self) -> None:
        """Passes over a number of any size."""
        while self.byte() >= 0x80:
            pass

    def finish(self) -> None:
        """Refuses what is left."""
        if self.more:
            raise Unreadable("more bytes than items")

    def signed(self) -> int:
        """A signed number of up to 64 bits."""
        value = shift = 0
        while shift < 70:
            part = self.byte()
            value |= (part & 0x7F) << shift
            shift += 7
            if part < 0x80:
                return value - (1 << shift) if part & 0x40 else value
        raise Unreadable("a number of more than 64 bits")

    def name(self) -> bytes:
        """A name, as bytes."""
        length, start = self.number(), self.at
        self.skip(length)
        return self.data[start : self.at]

    def constant(self) -> tuple[int, int]:
        """Where a constant expression begins and ends, without the instruction that ends it."""
        found, start = _CONSTANT.match(self.data, self.at, self.end), self.at
        if found is None:
            raise Unreadable("a constant expression of another kind")
        self.at = found.end()
        return start, self.at - 1


def sections(data: bytes, start: int, end: int) -> Iterator[Section]:
    """The sections between two places, in their order."""
    reader, count = Reader(data, start, end), 0
    while reader.more:
        head, count = reader.at, count + 1
        if count > _MOST_SECTIONS:
            raise NotKept("it has too many sections")
        kind, length = reader.byte(), reader.number()
        content = reader.at
        reader.skip(length)
        yield Section(kind, head, content, reader.at)
