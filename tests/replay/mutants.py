"""Components with one byte of their data or code changed: the smallest lie that a guest can be."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

_MODULE, _CODE, _DATA = 1, 10, 11


class Mutant(NamedTuple):
    """A component with one byte changed."""

    where: str
    offset: int
    wasm: bytes


_PAIRS = [(0x46, 0x47), (0x48, 0x49), (0x4E, 0x4F), (0x6A, 0x6B), (0x71, 0x72)]
_PAIRS += [(0x51, 0x52), (0x54, 0x5A), (0x7C, 0x7D), (0x83, 0x84), (0x2D, 0x2C)]
_OTHER = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])}
"""Instructions of one type that compute something else: equal and unequal, add and subtract."""


def mutants(wasm: bytes, count: int, chance: Random) -> list[Mutant]:
    """So many of them: half with a byte of data changed, half with an instruction."""
    found = []
    code = list(_bytes_of(wasm, _CODE))
    data = list(_bytes_of(wasm, _DATA))
    instructions = [at for at in code if wasm[at] in _OTHER]
    for number in range(count):
        changed = bytearray(wasm)
        if number % 2:
            at = chance.choice(instructions)
            changed[at] = _OTHER[wasm[at]]
        else:
            at = chance.choice(data)
            changed[at] ^= chance.randrange(1, 256)
        found.append(Mutant(("data", "code")[number % 2], at, bytes(changed)))
    return found


def _bytes_of(wasm: bytes, wanted: int) -> Iterator[int]:
    for start, end in sections(wasm, wanted):
        yield from range(start, end)


def sections(wasm: bytes, wanted: int) -> Iterator[tuple[int, int]]:
    """Where the sections of a kind lie, in any core module of a component."""
    for kind, start, end in _sections(wasm, 8, len(wasm)):
        if kind == _MODULE:
            for inner, first, last in _sections(wasm, start + 8, end):
                if inner == wanted:
                    yield first, last


def _sections(wasm: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    while at < end:
        kind = wasm[at]
        size, at = _number(wasm, at + 1)
        yield kind, at, at + size
        at += size


def _number(wasm: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (wasm[at] & 127) << shift
        shift += 7
        at += 1
        if not wasm[at - 1] & 128:
            return value, at
