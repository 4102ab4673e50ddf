"""Data segments of a core module: read, copied by code instead of by instantiation, and what for.

What instantiation takes of a guest's fuel is the engine's to say: it used to map the memory of an
instance from the file, so data cost nothing unless it had to be copied. Costs are told apart here,
so that a beginning is charged as it always was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from wasm_engine.runtime._wasmtime.rewrite.reading import Reader, Unreadable

_PAGE = 1 << 16
_DENSE = 16 << 20
"""An image of up to so many bytes was mapped in any case, a larger one if half of it was data."""
_GLOBAL_GET, _CONST_32, _CONSTS = 0x23, 0x41, b"\x41\x42"
_ARITHMETIC = b"\x6a\x6b\x6c\x7c\x7d\x7e"
_LONGEST = 1 << 16
"""Bytes of an offset: more than any compiler writes."""

Term: TypeAlias = bytes | int
"""An instruction of an offset: its bytes, or the imported global that it gets."""


class Segment(NamedTuple):
    """A data segment.

    Attributes:
        memory: Which memory it is for; -1 of a passive one.
        offset: Where it goes in that memory.
        address: The same, where it is one constant; else -1.
        content: Where in the component's bytes its content stands.
    """

    memory: int
    offset: tuple[Term, ...]
    address: int
    content: tuple[int, int]

    @property
    def size(self) -> int:
        """Bytes of its content."""
        return self.content[1] - self.content[0]

    @property
    def fuel(self) -> int:
        """Fuel that copying it takes, by instantiation."""
        return len(self.offset) + self.size


def read_segment(reader: Reader, constants: Sequence[bool]) -> Segment:
    """The next data segment.

    Args:
        reader: Where it is read.
        constants: Of each imported global, whether it is immutable.
    """
    flag, memory, offset, address = reader.number(), -1, tuple[Term, ...](), -1
    if flag in (0, 2):
        memory = reader.number() if flag else 0
        offset, address = _offset(Reader(reader.data, *reader.constant()), constants)
    elif flag != 1:
        raise Unreadable("a data segment of an unknown kind")
    length, start = reader.number(), reader.at
    reader.skip(length)
    return Segment(memory, offset, address, (start, reader.at))


def was_mapped(segments: Sequence[Segment], imported: int, pages: Sequence[int]) -> bool:
    """Whether the engine mapped the memories as images, rather than to copy the segments.

    Args:
        segments: The module's segments.
        imported: How many memories it imports.
        pages: The initial size of each memory that it defines.
    """
    extents: dict[int, list[int]] = {}
    for it in segments:
        if it.memory < 0:
            continue
        memory = it.memory - imported
        if not 0 <= memory < len(pages) or it.address < 0:
            return False
        if it.address + it.size > pages[memory] * _PAGE:
            return False
        if it.size:
            low, high, total = extents.get(memory, (it.address, 0, 0))
            end = max(high, it.address + it.size)
            extents[memory] = [min(low, it.address), end, total + it.size]
    return all(high - low < max(2 * total, _DENSE) for low, high, total in extents.values())


def _offset(reader: Reader, constants: Sequence[bool]) -> tuple[tuple[Term, ...], int]:
    """The instructions of an offset, and what it is if it is one constant.

    Refuses what would be an expression in a function, and is not one in a data segment.
    """
    if reader.end - reader.at > _LONGEST:
        raise Unreadable("an offset of another kind")
    terms, depth, address = list[Term](), 0, -1
    while reader.more:
        start, instruction = reader.at, reader.byte()
        if instruction == _GLOBAL_GET:
            index = reader.number()
            if index >= len(constants) or not constants[index]:
                raise Unreadable("an offset that is not constant")
            terms.append(index)
            depth += 1
            continue
        if instruction in _CONSTS:
            value = reader.signed()
            address = value & 0xFFFF_FFFF if instruction == _CONST_32 else -1
            depth += 1
        elif instruction in _ARITHMETIC and depth > 1:
            depth -= 1
        else:
            raise Unreadable("an offset of another kind")
        terms.append(reader.data[start : reader.at])
    if depth != 1:
        raise Unreadable("an offset of another kind")
    return tuple(terms), address if len(terms) == 1 else -1
