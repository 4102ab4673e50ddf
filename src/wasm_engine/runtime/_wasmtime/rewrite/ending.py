"""What comes at the end of a component: fillers, the conductor, and the root's new exports."""

from __future__ import annotations

from collections.abc import Iterator

from wasm_engine.concepts.wasm_binary import leb
from wasm_engine.runtime._wasmtime.rewrite import outer
from wasm_engine.runtime._wasmtime.rewrite.conductor import (
    DROPS,
    Conductor,
    Instance,
    instance_name,
)
from wasm_engine.runtime._wasmtime.rewrite.filler import FROM, Filler
from wasm_engine.runtime._wasmtime.rewrite.outer import Outer
from wasm_engine.runtime._wasmtime.rewrite.writing import (
    Piece,
    items,
    name,
    section,
    signed,
    vector,
)

_CORE_INSTANCE = b"\x12"
_BOOL, _U32, _U64 = b"\x7f", b"\x79", b"\x77"
_NO_RESULT = b"\x01\0"
_TYPES = [
    b"\x40\0" + _NO_RESULT,
    b"\x40\0\0" + _BOOL,
    b"\x40\x01\x01i" + _U32 + b"\0" + _U64,
    b"\x40\x02\x01i" + _U32 + b"\x01v" + _U64 + _NO_RESULT,
    b"\x40\x01\x01h" + _U32 + _NO_RESULT,
]
_PLAIN, _ASK, _READ, _WRITE, _DROP = range(5)
_KINDS = {b"changed": _ASK, b"get": _READ, b"set": _WRITE, b"drop": _DROP}


class Ending:
    """Written with the numbers that come after all of the component's own."""

    def __init__(self, root: Outer, fillers: dict[int, Filler]) -> None:
        """An ending of a component.

        Args:
            root: The component.
            fillers: By the number of a module, what fills its instances, where anything does.
        """
        self._resources = root.resources
        self._counts = root.counts
        modules = list(root.modules.values())
        self._fillers = fillers
        self._modules = {n: len(modules) + place for place, n in enumerate(fillers)}
        filled = [(it, number) for it, number in root.core_instances if number in fillers]
        self._filled = filled
        first = root.counts["cinst"]
        by = {it: first + place for place, (it, _) in enumerate(filled)}
        self._instances = [
            Instance(it, modules[number], by.get(it, -1)) for it, number in root.core_instances
        ]
        self._conductor = Conductor(self._instances, len(root.resources))

    def sections(self) -> Iterator[Piece]:
        """All sections, in their order."""
        first = self._counts["type"]
        resources = range(first, first + len(self._resources))
        yield from items(outer.ALIAS, self._resource_aliases())
        yield from items(outer.TYPE, self._types(resources))
        yield from items(outer.CANON, [b"\x03" + leb(resource) for resource in resources])
        for filler in self._fillers.values():
            yield from section(outer.MODULE, filler.pieces())
        yield from section(outer.MODULE, self._conductor.pieces())
        yield from items(outer.CORE_INSTANCE, self._core_instances())
        yield from self._lifted(first + 2 * len(self._resources))

    def _resource_aliases(self) -> list[bytes]:
        """The imported resources under numbers of their own."""
        return [
            b"\x03\0" + leb(resource.where) + name(resource.name.encode())
            if resource.interface
            else b"\x03\x02\0" + leb(resource.where)
            for resource in self._resources
        ]

    def _types(self, resources: range) -> list[bytes]:
        """The types of handles, of the functions, and of those that take a handle."""
        owns = [b"\x69" + leb(resource) for resource in resources]
        own = range(resources.stop, resources.stop + len(resources))
        gives = [b"\x40\x01\x01h" + signed(it) + b"\0" + _U32 for it in own]
        return [*owns, *_TYPES, *gives]

    def _core_instances(self) -> list[bytes]:
        """The fillers, each with the instance it fills; the drops; the conductor with them all."""
        made = []
        for it, number in self._filled:
            given = [name(FROM) + _CORE_INSTANCE + leb(it)]
            made.append(b"\0" + leb(self._modules[number]) + vector(given))
        first = self._counts["cfunc"]
        drops = [name(b"%d" % n) + b"\0" + leb(first + n) for n in range(len(self._resources))]
        made.append(b"\x01" + vector(drops))
        known = [(instance_name(it.number), it.number) for it in self._instances]
        known += [(instance_name(it.filler), it.filler) for it in self._instances if it.filler >= 0]
        known.append((DROPS, self._counts["cinst"] + len(self._filled)))
        arguments = [name(key) + _CORE_INSTANCE + leb(it) for key, it in known]
        conductor = self._first_module() + len(self._fillers)
        made.append(b"\0" + leb(conductor) + vector(arguments))
        return made

    def _first_module(self) -> int:
        return self._counts["module"]

    def _lifted(self, types: int) -> Iterator[Piece]:
        """The conductor's functions as functions of the component, and exported."""
        conductor = self._counts["cinst"] + len(self._filled) + 1
        core = self._counts["cfunc"] + len(self._resources)
        wanted = [(it, types + self._kind(it)) for it in self._conductor.functions if it != b"give"]
        gives = types + len(_TYPES)
        wanted += [(b"give-%d" % n, gives + n) for n in range(len(self._resources))]
        aliases, lifts, exports = [], [], []
        for place, (function, kind) in enumerate(wanted):
            source = b"give" if function.startswith(b"give-") else function
            aliases.append(b"\0\0\x01" + leb(conductor) + name(source))
            lifts.append(b"\0\0" + leb(core + place) + b"\0" + leb(kind))
            number = leb(self._counts["func"] + place)
            exports.append(b"\0" + name(b"we-" + function) + b"\x01" + number + b"\0")
        yield from items(outer.ALIAS, aliases)
        yield from items(outer.CANON, lifts)
        yield from items(outer.EXPORT, exports)

    @staticmethod
    def _kind(function: bytes) -> int:
        return _KINDS.get(function.partition(b"-")[0], _PLAIN)
