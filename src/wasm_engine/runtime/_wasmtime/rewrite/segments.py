"""Data segments of a core module: read, copied by code instead of by instantiation, and what for.

What instantiation takes of a guest's fuel is the engine's to say: it used to map the memory of an
instance from the file, so data cost nothing unless it had to be copied. Costs are told apart here,
so that a beginning is charged as it always was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wasm_engine.runtime._wasmtime.rewrite.reading import Reader, Unreadable
from wasm_engine.runtime._wasmtime.rewrite.writing import body, leb, signed

_CHUNK = 1 << 16
"""Bytes of a function that fills memory: many small ones are compiled side by side."""
_PAGE = 1 << 16
_DENSE = 16 << 20
"""An image of up to so many bytes was mapped in any case, a larger one if half of it was data."""
_GLOBAL_GET, _CONST_32, _CONSTS = 0x23, 0x41, b"\x41\x42"
_ARITHMETIC = b"\x6a\x6b\x6c\x7c\x7d\x7e"
_EACH = 4
"""Fuel for a segment, beside its offset and its bytes: two constants, memory.init, data.drop."""
_CALL = 2
"""Fuel for a call: the instruction, and the function's entry."""


class Segment(NamedTuple):
    """A data segment.

    Attributes:
        memory: Which memory it is for; -1 of a passive one.
        offset: Where its offset expression stands, without end.
        terms: How many instructions these are.
        address: The offset, where it is one constant; else -1.
        content: Where its content stands.
    """

    memory: int
    offset: tuple[int, int]
    terms: int
    address: int
    content: tuple[int, int]

    @property
    def size(self) -> int:
        """Bytes of its content."""
        return self.content[1] - self.content[0]


class Filling(NamedTuple):
    """How the memories of an instance are filled.

    Attributes:
        functions: Code that does it, in this order.
        fuel: What all that takes, calls of the functions included.
        by_instance: What it takes where instantiation does it.
    """

    functions: tuple[bytes, ...] = ()
    fuel: int = 0
    by_instance: int = 0


def read_segment(reader: Reader, constants: Sequence[bool]) -> Segment:
    """The next data segment.

    Args:
        reader: Where it is read.
        constants: Of each imported global, whether it is immutable.
    """
    flag, memory, offset, terms, address = reader.number(), -1, (0, 0), 0, -1
    if flag in (0, 2):
        memory = reader.number() if flag else 0
        offset = reader.constant()
        terms, address = _offset(Reader(reader.data, *offset), constants)
    elif flag != 1:
        raise Unreadable("a data segment of an unknown kind")
    length, start = reader.number(), reader.at
    reader.skip(length)
    return Segment(memory, offset, terms, address, (start, reader.at))


def filling(data: bytes, segments: Sequence[Segment]) -> Filling:
    """The code that copies the segments that are active, as instantiation would have done it."""
    functions: list[bytes] = []
    chunk, size, by_instance, fuel = list[bytes](), 0, 0, 0
    for index, segment in enumerate(segments):
        if segment.memory < 0:
            continue
        chunk.append(_fill(data, index, segment))
        size += len(chunk[-1])
        by_instance += segment.terms + segment.size
        fuel += segment.terms + segment.size + _EACH
        if size > _CHUNK:
            functions.append(body(b"".join(chunk)))
            chunk, size = [], 0
    if chunk:
        functions.append(body(b"".join(chunk)))
    return Filling(tuple(functions), fuel + _CALL * len(functions), by_instance)


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


def _fill(data: bytes, index: int, segment: Segment) -> bytes:
    """memory.init of the whole segment, and data.drop."""
    number = leb(index)
    fill = b"\x41\0\x41" + signed(segment.size) + b"\xfc\x08" + number + leb(segment.memory)
    return data[slice(*segment.offset)] + fill + b"\xfc\x09" + number


def _offset(reader: Reader, constants: Sequence[bool]) -> tuple[int, int]:
    """How many instructions an offset has, and what it is if it is one constant.

    Refuses what would be an expression in a function, and is not one in a data segment.
    """
    if reader.end - reader.at > _CHUNK:
        raise Unreadable("an offset of another kind")
    terms = depth = 0
    address = -1
    while reader.more:
        instruction = reader.byte()
        if instruction == _GLOBAL_GET:
            index = reader.number()
            if index >= len(constants) or not constants[index]:
                raise Unreadable("an offset that is not constant")
            depth += 1
        elif instruction in _CONSTS:
            value = reader.signed()
            if instruction == _CONST_32 and not terms:
                address = value & 0xFFFF_FFFF
            depth += 1
        elif instruction in _ARITHMETIC and depth > 1:
            depth -= 1
        else:
            raise Unreadable("an offset of another kind")
        terms += 1
    if depth != 1:
        raise Unreadable("an offset of another kind")
    return terms, address if terms == 1 else -1
