"""A core module with what lets its instances be kept.

It gets nothing but exports: of its mutable globals, of its start function, and of what its filler
needs. Nothing is added that its code could name. It does no longer call its start function, and
data segments that were active are passive and empty: as if they had been dropped.
"""

from __future__ import annotations

from wasm_engine.concepts.wasm_binary import leb
from wasm_engine.runtime._wasmtime.rewrite import module as core
from wasm_engine.runtime._wasmtime.rewrite.filler import Filler, memory_name, offset_name
from wasm_engine.runtime._wasmtime.rewrite.module import Module
from wasm_engine.runtime._wasmtime.rewrite.reading import MOST, NotKept
from wasm_engine.runtime._wasmtime.rewrite.writing import Piece, name, section

START = b"we.start"
_FUNCTION, _MEMORY, _GLOBAL = b"\0", b"\x02", b"\x03"


def global_name(place: int) -> bytes:
    """What the mutable global at that place among them is exported as."""
    return name(b"we.g%d" % place)


def rewritten(module: Module, filler: Filler) -> list[Piece]:
    """The module's bytes, changed where they must be."""
    exports = _exports(module, filler)
    if not exports:
        return [memoryview(module.data)[module.start_of : module.end_of]]
    changed: dict[int, list[Piece]] = {core.EXPORT: _appended(module, exports), core.START: [b""]}
    if filler.used:
        changed[core.DATA] = _emptied(module)
    pieces: list[Piece] = [core.HEADER]
    view, missing = memoryview(module.data), not module.has(core.EXPORT)
    for at in module.sections:
        if missing and at.kind and core.RANK[at.kind] > core.RANK[core.EXPORT]:
            pieces += changed[core.EXPORT]
            missing = False
        pieces += changed.get(at.kind) or [view[at.head : at.end]]
    return [*pieces, *changed[core.EXPORT]] if missing else pieces


def _exports(module: Module, filler: Filler) -> list[bytes]:
    exports = [
        global_name(place) + _GLOBAL + leb(each.number) for place, each in enumerate(module.mutable)
    ]
    if module.start >= 0:
        exports.append(name(START) + _FUNCTION + leb(module.start))
    exports += [memory_name(it) + _MEMORY + leb(it) for it in filler.memories]
    exports += [offset_name(it) + _GLOBAL + leb(it) for it in filler.globals]
    return exports


def _appended(module: Module, exports: list[bytes]) -> list[Piece]:
    reader, count = module.items(core.EXPORT)
    if count + len(exports) > MOST:
        raise NotKept("it has no room for what would be added")
    rest = memoryview(reader.data)[reader.at : reader.end]
    return section(core.EXPORT, [leb(count + len(exports)), rest, *exports])


def _emptied(module: Module) -> list[Piece]:
    """The data section with the passive segments only; the others are empty."""
    view = memoryview(module.data)
    pieces: list[Piece] = [leb(len(module.segments))]
    for segment in module.segments:
        start, end = segment.content
        kept = b"" if segment.memory >= 0 else view[start:end]
        pieces += (b"\x01" + leb(len(kept)), kept)
    return section(core.DATA, pieces)
