"""A component: how many it has of everything, its core modules and instances, its resources."""

from __future__ import annotations

from typing import NamedTuple

from wasm_engine.runtime._wasmtime.rewrite import wit_types as wit
from wasm_engine.runtime._wasmtime.rewrite.module import Module
from wasm_engine.runtime._wasmtime.rewrite.reading import (
    NotKept,
    Reader,
    Section,
    Unreadable,
    sections,
)

HEADER = b"\0asm\x0d\0\x01\0"
CUSTOM, MODULE, CORE_INSTANCE, CORE_TYPE, COMPONENT, INSTANCE, ALIAS, TYPE = range(8)
CANON, _START, IMPORT, EXPORT = 8, 9, 10, 11
_LIFT, _LOWER, _NEW, _DROP, _REP = range(5)
_CORE_INSTANCE_SORT = 0x12
_OPTIONS_WITH_NUMBER = (3, 4, 5)
_DEEPEST = 40
MOST_INSTANCES = 256
"""Core instances that an instance may have: a component with more cannot be made, as ever."""
_MOST = 400  # core instances of any kind, and modules; the validator allows 1000


class Resource(NamedTuple):
    """An imported resource.

    Attributes:
        interface: The import that it comes with; "" for one imported by itself.
        name: Its name there.
        where: The number of the imported instance, or of the type for one imported by itself.
    """

    interface: str
    name: str
    where: int


class Outer:
    """The root component, read up to its end.

    Attributes:
        sections: All its sections.
        modules: Core modules by where their section begins, in their order.
        core_instances: Those made of a module: number of the instance, and of the module.
        resources: What it imports.
        defines_resources: Whether it, or a component in it, has resources of its own.
        counts: How many there are: "func", "type", "inst", "cfunc", "cinst", "module".
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.sections = list(sections(data, len(HEADER), len(data)))
        self.modules: dict[int, Module] = {}
        self.core_instances: list[tuple[int, int]] = []
        self.resources: list[Resource] = []
        self.defines_resources = False
        self.counts = dict.fromkeys(("func", "type", "inst", "cfunc", "cinst"), 0)
        self._instance_types: dict[int, tuple[bytes, ...]] = {}
        read = {
            CORE_INSTANCE: self._core_instance,
            INSTANCE: self._instance,
            ALIAS: self._alias,
            TYPE: self._type,
            CANON: self._canon,
            IMPORT: self._import,
            EXPORT: self._export,
        }
        for at in self.sections:
            reader = Reader(data, at.start, at.end)
            if at.kind in read:
                for _ in range(reader.count()):
                    read[at.kind](reader)
                reader.finish()
            elif at.kind == MODULE:
                self.modules[at.head] = Module(data, at.start, at.end)
            elif at.kind == COMPONENT:
                self._nested(at, 0)
            elif at.kind not in (CUSTOM, CORE_TYPE):
                raise Unreadable("a section of an unknown kind")
        self.counts["module"] = len(self.modules)
        most = max(self.counts["cinst"], len(self.modules))
        if most > _MOST or len(self.core_instances) > MOST_INSTANCES:
            raise NotKept("it has too many core instances")

    def _core_instance(self, reader: Reader) -> None:
        if reader.byte() == 0:
            module = reader.number()
            if module >= len(self.modules):
                raise Unreadable("an instance of no module")
            self.core_instances.append((self.counts["cinst"], module))
        for _ in range(reader.count()):
            reader.name()
            reader.byte()
            reader.number()
        self.counts["cinst"] += 1

    def _instance(self, reader: Reader) -> None:
        _instance(reader)
        self.counts["inst"] += 1

    def _alias(self, reader: Reader) -> None:
        self._add(*wit.alias_target(reader))

    def _type(self, reader: Reader) -> None:
        self._note_resource(reader)
        if resources := wit.read_type(reader):
            self._instance_types[self.counts["type"]] = resources
        self.counts["type"] += 1

    def _canon(self, reader: Reader) -> None:
        kind = reader.byte()
        if kind in (_LIFT, _LOWER):
            if reader.byte():
                raise Unreadable("a canonical function of an unknown kind")
            reader.number()
            _options(reader)
            if kind == _LIFT:
                reader.number()
            self.counts["func" if kind == _LIFT else "cfunc"] += 1
        elif kind in (_NEW, _DROP, _REP):
            reader.number()
            self.counts["cfunc"] += 1
        else:
            raise NotKept("it uses functions of the component model that are off here")

    def _import(self, reader: Reader) -> None:
        interface = wit.extern_name(reader).decode()
        kind, number, new = wit.extern(reader)
        if kind == wit.INSTANCE:
            for name in self._instance_types.get(number, ()):
                where = self.counts["inst"]
                self.resources.append(Resource(interface, name.decode(), where))
        elif new:
            self.resources.append(Resource("", interface, self.counts["type"]))
        self._add(kind, -1)

    def _export(self, reader: Reader) -> None:
        if wit.extern_name(reader).lower().startswith(b"we-"):
            raise NotKept("it has exports that begin with we-")
        kind, core = wit.sort(reader)
        reader.number()
        if reader.byte():
            wit.extern(reader)
        self._add(kind, core)

    def _note_resource(self, reader: Reader) -> None:
        if reader.more and self.data[reader.at] == wit.RESOURCE:
            self.defines_resources = True

    def _nested(self, at: Section, depth: int) -> None:
        """Refuses a nested component with anything that has state.

        What makes an interface of functions is a component too, with types and nothing else: such
        ones are harmless.
        """
        start = at.start + len(HEADER)
        if depth > _DEEPEST or self.data[at.start : start] != HEADER:
            raise Unreadable("components that are nested too deep")
        for inner in sections(self.data, start, at.end):
            reader = Reader(self.data, inner.start, inner.end)
            if inner.kind in (MODULE, CORE_INSTANCE):
                raise NotKept("nested components with code of their own")
            if inner.kind == COMPONENT:
                self._nested(inner, depth + 1)
            elif inner.kind in (ALIAS, TYPE, INSTANCE):
                for _ in range(reader.count()):
                    self._nested_item(reader, inner.kind)
                reader.finish()

    def _nested_item(self, reader: Reader, kind: int) -> None:
        if kind == TYPE:
            self._note_resource(reader)
            wit.read_type(reader)
        elif kind == INSTANCE:
            _instance(reader)
        elif wit.alias_target(reader)[1] == wit.CORE_MODULE:
            raise NotKept("nested components with code of their own")

    def _add(self, kind: int, core: int) -> None:
        """Counts an item that came by alias, import or export."""
        if kind == wit.FUNC:
            self.counts["func"] += 1
        elif kind == wit.TYPE:
            self.counts["type"] += 1
        elif kind == wit.INSTANCE:
            self.counts["inst"] += 1
        elif kind == wit.CORE_MODULE or core == wit.CORE_MODULE:
            raise NotKept("core modules pass its border")
        elif core == 0:
            self.counts["cfunc"] += 1
        elif core == _CORE_INSTANCE_SORT:
            self.counts["cinst"] += 1


def _instance(reader: Reader) -> None:
    kind = reader.byte()
    if kind == 0:
        reader.number()
    elif kind != 1:
        raise Unreadable("an instance of an unknown kind")
    for _ in range(reader.count()):
        if kind == 0:
            reader.name()
        else:
            wit.extern_name(reader)
        _, core = wit.sort(reader)
        reader.number()
        if core == wit.CORE_MODULE:
            raise NotKept("core modules pass its border")


def _options(reader: Reader) -> None:
    for _ in range(reader.count()):
        option = reader.byte()
        if option in _OPTIONS_WITH_NUMBER:
            reader.number()
        elif option > max(_OPTIONS_WITH_NUMBER):
            raise NotKept("it uses functions of the component model that are off here")
