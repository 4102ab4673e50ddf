"""Walks the code of a core module: what it may do to an instance that cannot be seen from outside.

Whole runs of instructions that change nothing but memory, globals and the stack are passed over by
one regular expression, whose quantifiers give nothing back: it reads every byte once. Only what it
does not know is looked at here.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import NamedTuple

from wasm_engine.runtime._wasmtime.rewrite.reading import (
    NotKept,
    Reader,
    Section,
    Unreadable,
)

_LEB = rb"[\x80-\xff]*+[\x00-\x7f]"
_SHORT_TABLE = 8
_TABLES = b"|".join(b"\\x%02x(?:%s){%d}" % (n, _LEB, n + 1) for n in range(_SHORT_TABLE))
# Alternatives begin with different bytes; the commonest come first.
_HARMLESS = re.compile(
    rb"(?s:"
    # local, global, branch, call, table.get, constant of 32 bits, memory.size and grow, ref.func
    rb"[\x0c\x0d\x10\x12\x20-\x25\x3f-\x42\xd0\xd2]" + _LEB
    # without anything behind
    + rb"|[\x00\x01\x05\x0b\x0f\x1a\x1b\x45-\xc4\xd1]++"
    # load and store; bit 6 of the alignment says that a memory's number follows
    rb"|[\x28-\x3e][\x00-\x3f]" + _LEB
    + rb"|[\x02-\x04](?:[\x40\x6f\x70\x7b-\x7f]|[\x00-\x3f]|[\x80-\xff]++[\x00-\x7f])"
    rb"|[\x11\x13]" + _LEB + _LEB
    + rb"|\x44.{8}|\x43.{4}"
    # saturating truncation, memory.copy and fill, table.size, and elem.drop: who reads elements
    # changes tables
    rb"|\xfc(?:[\x00-\x07]|\x0a" + _LEB + _LEB + rb"|[\x0b\x0d\x10]" + _LEB + rb")"
    rb"|\x0e(?:" + _TABLES + rb")"
    rb"|\x1c\x01[\x6f\x70\x7b-\x7f]"
    # vectors: load and store; constant and shuffle; lanes; the others, below and above 128
    rb"|\xfd(?:[\x00-\x0b\x5c\x5d][\x00-\x3f]" + _LEB + rb"|[\x0c\x0d].{16}|[\x15-\x22]."
    rb"|[\x54-\x5b][\x00-\x3f]" + _LEB + rb"."
    rb"|[\x0e-\x14\x23-\x53\x5e-\x7f]|[\x80-\xff]\x01)"
    rb")*+"
)  # fmt: skip
_BR_TABLE, _TABLE_SET, _BULK = 0x0E, 0x26, 0xFC
_TABLE_CHANGES = {12: "table.init", 14: "table.copy", 15: "table.grow", 17: "table.fill"}
_MEMORY_INIT, _DATA_DROP = 8, 9
_MOST_LOOKS = 300_000
"""Instructions of a module that are looked at one by one: they take a microsecond each."""
_VALUE_TYPES = b"\x6f\x70\x7b\x7c\x7d\x7e\x7f"


class Found(NamedTuple):
    """What an instance changes that can be neither read nor set, and the first function that does.

    Attributes:
        change: "" if nothing.
        function: Its number.
    """

    change: str = ""
    function: int = -1


def walk(data: bytes, code: Section, first: int, gone: Container[int]) -> Found:
    """Looks through a module's code.

    Args:
        data: Where the code stands.
        code: The section.
        first: The number of the first function in it.
        gone: Data segments that are gone in any case.
    """
    reader = Reader(data, code.start, code.end)
    match, segments, looks = _HARMLESS.match, _Segments(gone), 0
    for function in range(first, first + reader.count()):
        size = reader.number()
        start = reader.at
        reader.skip(size)
        at = _after_locals(data, start, reader.at)
        while True:
            passed = match(data, at, reader.at)
            at = passed.end() if passed else at
            if at == reader.at:
                break
            looks += 1
            if looks > _MOST_LOOKS:
                raise NotKept("its code takes too long to look through")
            rest = Reader(data, at, reader.at)
            if change := _look(rest, function, segments):
                return Found(change, function)
            at = rest.at
    reader.finish()
    return segments.verdict()


class _Segments:
    """What is done with data segments. Dropping one matters where any is read."""

    def __init__(self, gone: Container[int]) -> None:
        self._gone = gone
        self._read = False
        self._dropped = -1

    def read(self, segment: int) -> None:
        """Data is copied out of one."""
        self._read = self._read or segment not in self._gone

    def drop(self, segment: int, function: int) -> None:
        """One is dropped."""
        if self._dropped < 0 and segment not in self._gone:
            self._dropped = function

    def verdict(self) -> Found:
        """What that changes."""
        if self._read and self._dropped >= 0:
            return Found("it reads and drops data segments", self._dropped)
        return Found()


def _look(reader: Reader, function: int, segments: _Segments) -> str:
    """One instruction that is not harmless, or longer than usual: what it changes."""
    instruction = reader.byte()
    if instruction == _TABLE_SET:
        return "it changes its tables (table.set)"
    if instruction == _BR_TABLE:
        for _ in range(reader.count() + 1):
            reader.skip_leb()
        return ""
    kind = reader.number() if instruction == _BULK else -1
    if kind in _TABLE_CHANGES:
        return f"it changes its tables ({_TABLE_CHANGES[kind]})"
    if kind == _DATA_DROP:
        segments.drop(reader.number(), function)
    elif kind == _MEMORY_INIT:
        segments.read(reader.number())
        reader.skip_leb()
    else:
        raise Unreadable(f"an instruction that is off here (0x{instruction:02x})")
    return ""


def _after_locals(data: bytes, start: int, end: int) -> int:
    reader = Reader(data, start, end)
    for _ in range(reader.count()):
        reader.skip_leb()
        if reader.byte() not in _VALUE_TYPES:
            raise Unreadable("a local of a type that is off here")
    return reader.at
