"""A core module: what it has, and the same module with what lets its instances be kept.

Everything new comes at the end of its index space, so nothing that is there changes its number.
Data segments that were active are passive afterwards, and there is no start function: the function
`we.begin` does what both did.
"""

from __future__ import annotations

from typing import NamedTuple

from wasm_engine.runtime._wasmtime.rewrite import shadow
from wasm_engine.runtime._wasmtime.rewrite.reading import Reader, Section, Unreadable, sections
from wasm_engine.runtime._wasmtime.rewrite.shadow import Mutable
from wasm_engine.runtime._wasmtime.rewrite.writing import (
    Piece,
    body,
    leb,
    name,
    section,
    signed,
)

HEADER = b"\0asm\x01\0\0\0"
BEGIN, SAVE, RESTORE, CHANGED, GET, SET = (
    b"we.begin", b"we.save", b"we.restore", b"we.changed", b"we.get", b"we.set",
)  # fmt: skip
_TYPE, _IMPORT, _FUNCTION, _TABLE, _GLOBAL, _EXPORT = 1, 2, 3, 4, 6, 7
_START, _ELEMENT, _CODE, _DATA, _DATA_COUNT = 8, 9, 10, 11, 12
_ORDER = (1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11)
_RANK = {kind: rank for rank, kind in enumerate(_ORDER)}
_GLOBAL_GET, _CONST, _ARITHMETIC = 0x23, b"\x41\x42", b"\x6a\x6b\x6c\x7c\x7d\x7e"
_NONE = (0, 0)
_MOST = 1_000_000
"""Items of any section, as the validator has it."""
_CHUNK = 1 << 16
"""Bytes of a function that fills memory: many small ones are compiled side by side."""
# () -> (), () -> i32, (i32) -> i64, (i32, i64) -> ()
_NOTHING, _FLAG, _READ, _WRITE = range(4)
_TYPES = [b"\x60\0\0", b"\x60\0\x01\x7f", b"\x60\x01\x7f\x01\x7e", b"\x60\x02\x7f\x7e\0"]


class Segment(NamedTuple):
    """A data segment.

    Attributes:
        memory: Which memory it is for; -1 of a passive one.
        offset: Where in the bytes its offset expression stands, without end.
        content: Where in the bytes its content stands.
    """

    memory: int
    offset: tuple[int, int]
    content: tuple[int, int]


class Module:
    """What is known of a core module, by where it lies in the component's bytes.

    Attributes:
        by_kind: Its sections that are not custom.
        start: The number of its start function, -1 without one.
        has_begin: Whether `we.begin` is added.
        fills_tables: Whether making an instance may write to a table of another one.
        mutable: The mutable globals that it defines.
        imported_functions: How many functions it imports.
        segments: Its data segments.
    """

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self.data = data
        if data[start : min(start + 8, end)] != HEADER:
            raise Unreadable("not a core module")
        self.sections = list(sections(data, start + 8, end))
        self.by_kind = _in_order(self.sections)
        self.imported_functions = self._imported_tables = 0
        self._constants: list[bool] = []  # of each global, whether it is immutable
        self._read_imports()
        self.mutable = self._read_globals()
        self.segments = self._read_segments()
        self._refuse_our_names()
        self.start = self._read_start()
        self.has_begin = self.start >= 0 or any(it.memory >= 0 for it in self.segments)
        self.fills_tables = _ELEMENT in self.by_kind and self._imported_tables > 0

    @property
    def code(self) -> Section | None:
        """The section with its functions' code."""
        return self.by_kind.get(_CODE)

    @property
    def names(self) -> list[bytes]:
        """What is exported beside what it exports itself."""
        begin = [BEGIN] if self.has_begin else []
        return [*begin, *((SAVE, RESTORE, CHANGED, GET, SET) if self.mutable else ())]

    def reader(self, kind: int) -> Reader:
        """A reader of a section; of no bytes, if there is no such section."""
        found = self.by_kind.get(kind)
        return Reader(self.data, found.start, found.end) if found else Reader(b"", 0, 0)

    def count(self, kind: int) -> int:
        """How many items a section has."""
        return self.items(kind)[1]

    def items(self, kind: int) -> tuple[Reader, int]:
        """A reader of a section's items, and how many they are."""
        reader = self.reader(kind)
        return reader, reader.count() if kind in self.by_kind else 0

    def rewritten(self) -> list[Piece]:
        """The module's bytes with everything that is added."""
        added = _Added(self)
        view = memoryview(self.data)
        kinds = {at.kind for at in self.sections} | added.sections.keys() - {_START}
        pieces: list[Piece] = [HEADER]
        waiting = sorted(kinds - {0} - self.by_kind.keys(), key=_RANK.__getitem__)
        for at in self.sections:
            if at.kind:
                while waiting and _RANK[waiting[0]] < _RANK[at.kind]:
                    pieces += added.sections[waiting.pop(0)]
            if at.kind in added.sections:
                pieces += added.sections[at.kind]
            elif at.kind != _START:
                pieces.append(view[at.head : at.end])
        for kind in waiting:
            pieces += added.sections[kind]
        return pieces

    def _read_imports(self) -> None:
        reader, count = self.items(_IMPORT)
        for _ in range(count):
            reader.name()
            reader.name()
            kind = reader.byte()
            if kind == 0:
                reader.skip_leb()
                self.imported_functions += 1
            elif kind == 1:
                _table_type(reader)
                self._imported_tables += 1
            elif kind == 2:
                _limits(reader)
            elif kind == 3:
                value_type, mutable = reader.byte(), reader.byte()
                if not shadow.known(value_type):
                    raise Unreadable("a global of a type that is off here")
                self._constants.append(mutable == 0)
            else:
                raise Unreadable("an import of a kind that is off here")

    def _read_globals(self) -> list[Mutable]:
        (reader, count), found = self.items(_GLOBAL), list[Mutable]()
        first = len(self._constants) + count
        for index in range(len(self._constants), first):
            value_type, mutable = reader.byte(), reader.byte()
            if not shadow.known(value_type) or mutable > 1:
                raise Unreadable("a global of a type that is off here")
            reader.constant()
            self._constants.append(not mutable)
            if mutable:
                found.append(Mutable(index, value_type, first + len(found)))
        if len(found) > shadow.MOST:
            raise Unreadable("too many mutable globals")
        return found

    def _read_segments(self) -> list[Segment]:
        (reader, count), found = self.items(_DATA), list[Segment]()
        for _ in range(count):
            flag, memory, offset = reader.number(), -1, _NONE
            if flag in (0, 2):
                memory = reader.number() if flag else 0
                offset = reader.constant()
                self._check_offset(*offset)
            elif flag != 1:
                raise Unreadable("a data segment of an unknown kind")
            length, start = reader.number(), reader.at
            reader.skip(length)
            found.append(Segment(memory, offset, (start, reader.at)))
        reader.finish()
        if _DATA_COUNT in self.by_kind and self.reader(_DATA_COUNT).number() != len(found):
            raise Unreadable("another number of data segments than it says")
        return found

    def _check_offset(self, start: int, end: int) -> None:
        """Refuses what would be an expression in a function, and is not one in a data segment."""
        reader, depth = Reader(self.data, start, end), 0
        while reader.more:
            instruction = reader.byte()
            if instruction == _GLOBAL_GET:
                index = reader.number()
                if index >= len(self._constants) or not self._constants[index]:
                    raise Unreadable("an offset that is not constant")
                depth += 1
            elif instruction in _CONST:
                reader.skip_leb()
                depth += 1
            elif instruction in _ARITHMETIC and depth > 1:
                depth -= 1
            else:
                raise Unreadable("an offset of another kind")
        if depth != 1 or end - start > _CHUNK:
            raise Unreadable("an offset of another kind")

    def _read_start(self) -> int:
        if _START not in self.by_kind:
            return -1
        reader = self.reader(_START)
        start = reader.number()
        reader.finish()
        return start

    def _refuse_our_names(self) -> None:
        reader, count = self.items(_EXPORT)
        for _ in range(count):
            if reader.name().startswith(b"we."):
                raise Unreadable("it has exports that begin with we.")
            reader.byte()
            reader.skip_leb()


class _Added:
    """The sections of a module that differ from the original's, by their kind."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._first = module.imported_functions + module.count(_FUNCTION)
        self._types: list[int] = []
        self._code: list[bytes] = []
        self._exports: list[bytes] = []
        self.sections: dict[int, list[Piece]] = {}
        if module.has_begin:
            self._begin()
            self._segments()
        if module.mutable:
            self._globals(module.mutable)
        if self._code:
            first = module.count(_TYPE)
            self._append(_TYPE, _TYPES)
            self._append(_FUNCTION, [leb(first + each) for each in self._types])
            self._append(_EXPORT, self._exports)
            self._append(_CODE, self._code)

    def _append(self, kind: int, items: list[bytes]) -> None:
        reader, count = self._module.items(kind)
        if count + len(items) > _MOST:
            raise Unreadable("no room for what would be added")
        rest = memoryview(reader.data)[reader.at : reader.end]
        self.sections[kind] = section(kind, [leb(count + len(items)), rest, *items])

    def _function(self, kind: int, code: bytes, exported: bytes = b"") -> int:
        index = self._first + len(self._code)
        self._types.append(kind)
        self._code.append(code)
        if exported:
            self._exports.append(name(exported) + b"\0" + leb(index))
        return index

    def _globals(self, mutable: list[Mutable]) -> None:
        self._append(_GLOBAL, shadow.shadows(mutable))
        self._function(_NOTHING, shadow.save(mutable), SAVE)
        self._function(_NOTHING, shadow.restore(mutable), RESTORE)
        self._function(_FLAG, shadow.changed(mutable), CHANGED)
        self._function(_READ, shadow.get(mutable), GET)
        self._function(_WRITE, shadow.put(mutable), SET)

    def _begin(self) -> None:
        """Fills memory as instantiation would have done it, and calls the start function."""
        calls, chunk, size = [], list[bytes](), 0
        for index, segment in enumerate(self._module.segments):
            if segment.memory >= 0:
                chunk.append(self._fill(index, segment))
                size += len(chunk[-1])
            if size > _CHUNK:
                calls.append(self._function(_NOTHING, body(b"".join(chunk))))
                chunk, size = [], 0
        if chunk:
            calls.append(self._function(_NOTHING, body(b"".join(chunk))))
        if self._module.start >= 0:
            calls.append(self._module.start)
        self._function(_NOTHING, body(b"".join(b"\x10" + leb(it) for it in calls)), BEGIN)

    def _fill(self, index: int, segment: Segment) -> bytes:
        """memory.init of the whole segment, and data.drop."""
        start, end = segment.content
        offset = self._module.data[slice(*segment.offset)]
        number, length = leb(index), end - start
        fill = b"\x41\0\x41" + signed(length) + b"\xfc\x08" + number + leb(segment.memory)
        return offset + fill + b"\xfc\x09" + number

    def _segments(self) -> None:
        """The data section with passive segments only, and their number before the code."""
        segments, view = self._module.segments, memoryview(self._module.data)
        if not segments:
            return
        pieces: list[Piece] = [leb(len(segments))]
        for segment in segments:
            start, end = segment.content
            pieces += (b"\x01" + leb(end - start), view[start:end])
        self.sections[_DATA] = section(_DATA, pieces)
        self.sections[_DATA_COUNT] = section(_DATA_COUNT, [leb(len(segments))])


def _in_order(found: list[Section]) -> dict[int, Section]:
    by_kind: dict[int, Section] = {}
    last = -1
    for each in found:
        if each.kind:
            rank = _RANK.get(each.kind, -1)
            if rank <= last:
                raise Unreadable("a module's sections are not in order")
            last = rank
            by_kind[each.kind] = each
    return by_kind


def _limits(reader: Reader) -> None:
    flag = reader.byte()
    if flag > 1:
        raise Unreadable("limits of a kind that is off here")
    reader.skip_leb()
    if flag:
        reader.skip_leb()


def _table_type(reader: Reader) -> None:
    if reader.byte() not in shadow.REFERENCES:
        raise Unreadable("a table of a type that is off here")
    _limits(reader)
