"""A core module, read as far as it matters here."""

from __future__ import annotations

from wasm_engine.runtime._wasmtime.rewrite import shadow
from wasm_engine.runtime._wasmtime.rewrite.reading import (
    NotKept,
    Reader,
    Section,
    Unreadable,
    sections,
)
from wasm_engine.runtime._wasmtime.rewrite.segments import Segment, read_segment, was_mapped
from wasm_engine.runtime._wasmtime.rewrite.shadow import Mutable

HEADER = b"\0asm\x01\0\0\0"
TYPE, IMPORT, FUNCTION, TABLE, MEMORY, GLOBAL, EXPORT, START, ELEMENT, CODE = range(1, 11)
DATA, DATA_COUNT, _TAG = 11, 12, 13
_ORDER = (1, 2, 3, 4, 5, _TAG, 6, 7, 8, 9, DATA_COUNT, CODE, DATA)
RANK = {kind: rank for rank, kind in enumerate(_ORDER)}
"""A section's place among the others."""
OURS = b"we."
"""What names that are added begin with, and no others."""
_COMPUTED = b"\x23\xd2"
"""What a global's first value is computed with when an instance is made."""


class Module:
    """What is known of a core module, by where it lies in the component's bytes.

    Attributes:
        data: The component's bytes.
        start_of, end_of: Where in them it begins and ends.
        sections: All its sections.
        imported_functions: How many functions it imports.
        imported_globals: The types of the globals that it imports.
        mutable: The mutable globals that it defines.
        references: Whether any of them holds a reference.
        segments: Its data segments.
        start: The number of its start function, -1 without one.
    """

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self.data, self.start_of, self.end_of = data, start, end
        if data[start : min(start + 8, end)] != HEADER:
            raise Unreadable("not a core module")
        self.sections = list(sections(data, start + 8, end))
        self._by_kind = _in_order(self.sections)
        self.imported_functions = self._imported_tables = self._imported_memories = 0
        self.imported_globals: list[bytes] = []
        self._computed = False
        self._read_imports()
        self.mutable = self._read_globals()
        self.references = any(it.type in shadow.REFERENCES for it in self.mutable)
        self.segments = self._read_segments()
        self.start = self._read_start()
        self._fills_tables = self.has(ELEMENT) and self._imported_tables > 0
        self._refuse_our_names()

    @property
    def active(self) -> frozenset[int]:
        """The data segments that instantiation copies; they are gone then."""
        return frozenset(n for n, it in enumerate(self.segments) if it.memory >= 0)

    @property
    def code(self) -> Section | None:
        """The section with its functions' code."""
        return self._by_kind.get(CODE)

    def has(self, kind: int) -> bool:
        """Whether it has a section of the kind."""
        return kind in self._by_kind

    def items(self, kind: int) -> tuple[Reader, int]:
        """A reader of a section's items, and how many they are; of nothing without a section."""
        found = self._by_kind.get(kind)
        if found is None:
            return Reader(b"", 0, 0), 0
        reader = Reader(self.data, found.start, found.end)
        return reader, reader.count()

    def fuel_as_it_was(self) -> int:
        """Fuel that making an instance took for data and a start function, without its body.

        Data that was mapped was for nothing. One more is the entry of the code that instantiation
        runs, where nothing else needs it; whether something does is told by what compilers write.
        """
        mapped = was_mapped(self.segments, self._imported_memories, self._pages())
        return self._by_instance(0 if mapped else self._data_fuel())

    def fuel_as_it_is(self) -> int:
        """The same with an engine that maps nothing."""
        return self._by_instance(self._data_fuel())

    def _data_fuel(self) -> int:
        return sum(it.fuel for it in self.segments if it.memory >= 0)

    def _by_instance(self, data: int) -> int:
        called = data > 0 or self.start >= 0
        alone = called and not self._computed and not self._fills_tables
        return data + (self.start >= 0) + alone

    def _pages(self) -> list[int]:
        reader, count = self.items(MEMORY)
        return [_limits(reader) for _ in range(count)]

    def _read_imports(self) -> None:
        reader, count = self.items(IMPORT)
        for _ in range(count):
            reader.name()
            _refuse_our_name(reader.name())
            kind = reader.byte()
            if kind == 0:
                reader.skip_leb()
                self.imported_functions += 1
            elif kind == 1:
                if reader.byte() not in shadow.REFERENCES:
                    raise Unreadable("a table of a type that is off here")
                _limits(reader)
                self._imported_tables += 1
            elif kind == 2:
                _limits(reader)
                self._imported_memories += 1
            elif kind == 3:
                self.imported_globals.append(bytes(_global_type(reader)))
            else:
                raise Unreadable("an import of a kind that is off here")

    def _read_globals(self) -> list[Mutable]:
        (reader, count), found = self.items(GLOBAL), list[Mutable]()
        first = len(self.imported_globals)
        for number in range(first, first + count):
            value_type, mutable = _global_type(reader)
            start, end = reader.constant()
            self._computed = self._computed or (end > start and self.data[start] in _COMPUTED)
            if mutable:
                found.append(Mutable(number, value_type))
        return found

    def _read_segments(self) -> list[Segment]:
        reader, count = self.items(DATA)
        constants = [not mutable for _, mutable in self.imported_globals]
        found = [read_segment(reader, constants) for _ in range(count)]
        reader.finish()
        said = self._number(DATA_COUNT)
        if said not in (-1, len(found)):
            raise Unreadable("another number of data segments than it says")
        return found

    def _read_start(self) -> int:
        return self._number(START)

    def _number(self, kind: int) -> int:
        """What a section says that is one number; -1 without one."""
        found = self._by_kind.get(kind)
        if found is None:
            return -1
        reader = Reader(self.data, found.start, found.end)
        number = reader.number()
        reader.finish()
        return number

    def _refuse_our_names(self) -> None:
        reader, count = self.items(EXPORT)
        for _ in range(count):
            _refuse_our_name(reader.name())
            reader.byte()
            reader.skip_leb()


def _refuse_our_name(name: bytes) -> None:
    if name.startswith(OURS):
        raise NotKept("its core modules have names that begin with we.")


def _in_order(found: list[Section]) -> dict[int, Section]:
    by_kind: dict[int, Section] = {}
    last = -1
    for each in found:
        if each.kind:
            rank = RANK.get(each.kind, -1)
            if rank <= last:
                raise Unreadable("a module's sections are not in order")
            last = rank
            by_kind[each.kind] = each
    return by_kind


def _global_type(reader: Reader) -> tuple[int, int]:
    value_type, mutable = reader.byte(), reader.byte()
    if value_type not in shadow.TYPES or mutable > 1:
        raise Unreadable("a global of a type that is off here")
    return value_type, mutable


def _limits(reader: Reader) -> int:
    """Passes over limits; answers the lower one."""
    flag = reader.byte()
    if flag > 1:
        raise Unreadable("limits of a kind that is off here")
    least = reader.number()
    if flag:
        reader.number()
    return least
