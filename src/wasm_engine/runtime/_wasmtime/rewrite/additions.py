"""A core module with what lets its instances be kept.

Everything new comes at the end of its index space, so nothing that is there changes its number.
Data segments that were active are passive afterwards, and there is no start function: the function
`we.begin` does what both did.
"""

from __future__ import annotations

from wasm_engine.runtime._wasmtime.rewrite import module as core
from wasm_engine.runtime._wasmtime.rewrite import shadow
from wasm_engine.runtime._wasmtime.rewrite.module import RANK, Module
from wasm_engine.runtime._wasmtime.rewrite.reading import NotKept
from wasm_engine.runtime._wasmtime.rewrite.writing import Piece, body, leb, name, section

BEGIN, SAVE, RESTORE, CHANGED, GET, SET = (
    b"we.begin", b"we.save", b"we.restore", b"we.changed", b"we.get", b"we.set",
)  # fmt: skip
_MOST = 1_000_000
"""Items of any section, as the validator has it."""
# () -> (), () -> i32, (i32) -> i64, (i32, i64) -> ()
_NOTHING, _FLAG, _READ, _WRITE = range(4)
_TYPES = [b"\x60\0\0", b"\x60\0\x01\x7f", b"\x60\x01\x7f\x01\x7e", b"\x60\x02\x7f\x7e\0"]


def added_names(module: Module) -> list[bytes]:
    """What a module exports once it is rewritten, beside what it exports itself."""
    begin = [BEGIN] if module.has_begin else []
    return [*begin, *((SAVE, RESTORE, CHANGED, GET, SET) if module.mutable else ())]


def rewritten(module: Module) -> list[Piece]:
    """The module's bytes with everything that is added."""
    changed = _Changed(module).sections
    view = memoryview(module.data)
    new = sorted((it for it in changed if not module.has(it)), key=RANK.__getitem__)
    pieces: list[Piece] = [core.HEADER]
    for at in module.sections:
        while at.kind and new and RANK[new[0]] < RANK[at.kind]:
            pieces += changed[new.pop(0)]
        pieces += changed.get(at.kind) or [view[at.head : at.end]]
    for kind in new:
        pieces += changed[kind]
    return pieces


class _Changed:
    """The sections of a module that differ from the original's, by their kind."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._first = module.imported_functions + module.items(core.FUNCTION)[1]
        self._types: list[int] = []
        self._code: list[bytes] = []
        self._exports: list[bytes] = []
        self.sections: dict[int, list[Piece]] = {}
        if module.has_begin:
            self._begin()
            self._segments()
        if module.mutable:
            self._globals()
        first = module.items(core.TYPE)[1]
        self._append(core.TYPE, _TYPES)
        self._append(core.FUNCTION, [leb(first + each) for each in self._types])
        self._append(core.EXPORT, self._exports)
        self._append(core.CODE, self._code)

    def _append(self, kind: int, items: list[bytes]) -> None:
        reader, count = self._module.items(kind)
        if count + len(items) > _MOST:
            raise NotKept("it has no room for what would be added")
        rest = memoryview(reader.data)[reader.at : reader.end]
        self.sections[kind] = section(kind, [leb(count + len(items)), rest, *items])

    def _function(self, kind: int, code: bytes, exported: bytes = b"") -> int:
        index = self._first + len(self._code)
        self._types.append(kind)
        self._code.append(code)
        if exported:
            self._exports.append(name(exported) + b"\0" + leb(index))
        return index

    def _globals(self) -> None:
        mutable = self._module.mutable
        self._append(core.GLOBAL, shadow.shadows(mutable))
        self._function(_NOTHING, shadow.save(mutable), SAVE)
        self._function(_NOTHING, shadow.restore(mutable), RESTORE)
        self._function(_FLAG, shadow.changed(mutable), CHANGED)
        self._function(_READ, shadow.get(mutable), GET)
        self._function(_WRITE, shadow.put(mutable), SET)

    def _begin(self) -> None:
        """Fills memory as instantiation would have done it, and calls the start function."""
        calls = [self._function(_NOTHING, code) for code in self._module.filling.functions]
        if self._module.start >= 0:
            calls.append(self._module.start)
            self.sections[core.START] = [b""]
        self._function(_NOTHING, body(b"".join(b"\x10" + leb(it) for it in calls)), BEGIN)

    def _segments(self) -> None:
        """The data section with passive segments only, and their number before the code."""
        segments, view = self._module.segments, memoryview(self._module.data)
        if not segments:
            return
        pieces: list[Piece] = [leb(len(segments))]
        for segment in segments:
            start, end = segment.content
            pieces += (b"\x01" + leb(end - start), view[start:end])
        self.sections[core.DATA] = section(core.DATA, pieces)
        self.sections[core.DATA_COUNT] = section(core.DATA_COUNT, [leb(len(segments))])
