"""What fills the memories of a core module's instances: a module beside it, with its data.

Not the module itself: what is added there has a number there, and code that was refused because
it names something that is not there would find it.
"""

from __future__ import annotations

from wasm_engine.concepts.wasm_binary import leb
from wasm_engine.runtime._wasmtime.rewrite.module import HEADER, Module
from wasm_engine.runtime._wasmtime.rewrite.segments import Segment
from wasm_engine.runtime._wasmtime.rewrite.writing import (
    Piece,
    body,
    items,
    name,
    section,
    signed,
)

FILL = b"fill"
FROM = b"m"
"""The name that the filled instance has for its filler."""
_CHUNK = 1 << 16
"""Bytes of a function: many small ones are compiled side by side, and faster than a large one."""
_EACH = 3
"""Fuel for a segment beside its offset and its bytes: two constants, memory.init."""
_CALL = 2
"""Fuel for a call: the instruction, and the function's entry."""


class Filler:
    """The module that does, for each instance, what its active segments did.

    Attributes:
        memories: The memories that it fills, by their numbers in the filled module.
        globals: The imported globals that offsets are told by.
        fuel: What filling takes, beside the call.
    """

    def __init__(self, module: Module) -> None:
        self._module = module
        self._segments = [it for it in module.segments if it.memory >= 0]
        self.memories = sorted({it.memory for it in self._segments})
        named = {term for it in self._segments for term in it.offset if isinstance(term, int)}
        self.globals = sorted(named)
        self._functions = self._chunks()
        self.fuel = sum(it.fuel + _EACH for it in self._segments) + _CALL * len(self._functions)

    @property
    def used(self) -> bool:
        """Whether there is anything to fill."""
        return bool(self._segments)

    def pieces(self) -> list[Piece]:
        """The module's bytes."""
        view = memoryview(self._module.data)
        data: list[Piece] = [leb(len(self._segments))]
        for segment in self._segments:
            data += (b"\x01" + leb(segment.size), view[slice(*segment.content)])
        count = len(self._functions)
        fill = body(b"".join(b"\x10" + leb(it) for it in range(count)))
        return [
            HEADER,
            *items(1, [b"\x60\0\0"]),
            *items(2, self._imports()),
            *items(3, [b"\0"] * (count + 1)),
            *items(7, [name(FILL) + b"\0" + leb(count)]),
            *section(12, [leb(len(self._segments))]),
            *items(10, [*self._functions, fill]),
            *section(11, data),
        ]

    def _imports(self) -> list[bytes]:
        memories = [memory_name(it) + b"\x02\0\0" for it in self.memories]
        types = self._module.imported_globals
        return [
            name(FROM) + each
            for each in (*memories, *(offset_name(it) + b"\x03" + types[it] for it in self.globals))
        ]

    def _chunks(self) -> list[bytes]:
        functions, chunk, size = list[bytes](), list[bytes](), 0
        for index, segment in enumerate(self._segments):
            chunk.append(self._fill(index, segment))
            size += len(chunk[-1])
            if size > _CHUNK:
                functions.append(body(b"".join(chunk)))
                chunk, size = [], 0
        return [*functions, body(b"".join(chunk))] if chunk else functions

    def _fill(self, index: int, segment: Segment) -> bytes:
        """memory.init of the whole segment, where it goes."""
        offset = b"".join(
            b"\x23" + leb(self.globals.index(term)) if isinstance(term, int) else term
            for term in segment.offset
        )
        memory = leb(self.memories.index(segment.memory))
        return offset + b"\x41\0\x41" + signed(segment.size) + b"\xfc\x08" + leb(index) + memory


def memory_name(number: int) -> bytes:
    """What a filled module exports a memory as."""
    return name(b"we.m%d" % number)


def offset_name(number: int) -> bytes:
    """What a filled module exports an imported global as."""
    return name(b"we.o%d" % number)
