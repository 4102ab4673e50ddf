"""What is added to a component: a core module that acts on all instances, and root exports."""

from __future__ import annotations

from collections.abc import Iterable

from wasm_engine.runtime._wasmtime.rewrite import additions as core
from wasm_engine.runtime._wasmtime.rewrite import outer
from wasm_engine.runtime._wasmtime.rewrite.module import HEADER
from wasm_engine.runtime._wasmtime.rewrite.outer import Outer
from wasm_engine.runtime._wasmtime.rewrite.writing import (
    Piece,
    body,
    leb,
    name,
    section,
    vector,
)

_CORE_FUNC, _FUNC, _TYPE = b"\0\0", b"\x01", b"\x03"
_BOOL, _U32, _U64 = b"\x7f", b"\x79", b"\x77"
# () -> (), () -> i32, (i32) -> (), (i32) -> i32
_CORE_TYPES = vector([b"\x60\0\0", b"\x60\0\x01\x7f", b"\x60\x01\x7f\0", b"\x60\x01\x7f\x01\x7f"])
_NOTHING, _FLAG, _TAKE, _SAME = range(4)
_NO_RESULT = b"\x01\0"
_TYPES = [
    b"\x40\0" + _NO_RESULT,
    b"\x40\0\0" + _BOOL,
    b"\x40\x01\x01i" + _U32 + b"\0" + _U64,
    b"\x40\x02\x01i" + _U32 + b"\x01v" + _U64 + _NO_RESULT,
    b"\x40\x01\x01h" + _U32 + _NO_RESULT,
]
_PLAIN, _ASK, _READ, _WRITE, _DROP = range(5)


class Conductor:
    """Writes what comes at the end of a component."""

    def __init__(self, root: Outer) -> None:
        self._root = root
        modules = list(root.modules.values())
        self._instances = [(it, modules[number]) for it, number in root.core_instances]
        self._kept = [(it, module) for it, module in self._instances if module.mutable]
        self._resources = range(len(root.resources))
        self._functions = root.counts["func"]
        self._core_functions = root.counts["cfunc"]
        self._core_instances = root.counts["cinst"]
        self._types = root.counts["type"]

    def sections(self) -> Iterable[Piece]:
        """All sections to add, in their order."""
        first_resource = self._types
        yield from self._resource_types()
        own = self._types
        yield from _vector(outer.TYPE, self._type_items(first_resource))
        first_drop = self._core_functions
        drops = [b"\x03" + leb(first_resource + n) for n in self._resources]
        self._core_functions += len(drops)
        yield from _vector(outer.CANON, drops)
        yield from section(outer.MODULE, self._module())
        yield from _vector(outer.CORE_INSTANCE, self._core_instance_items(first_drop))
        yield from self._lifted(own + len(drops))

    def _resource_types(self) -> Iterable[Piece]:
        """The imported resources under numbers of their own."""
        items = []
        for resource in self._root.resources:
            if resource.interface:
                items.append(b"\x03\0" + leb(resource.where) + name(resource.name.encode()))
            else:
                items.append(b"\x03\x02\0" + leb(resource.where))
        self._types += len(items)
        return _vector(outer.ALIAS, items)

    def _type_items(self, first_resource: int) -> list[bytes]:
        """The types of handles, of the functions, and of those that take a handle."""
        owns = [b"\x69" + leb(first_resource + n) for n in self._resources]
        gives = [b"\x40\x01\x01h" + leb(self._types + n) + b"\0" + _U32 for n in self._resources]
        return [*owns, *_TYPES, *gives]

    def _core_instance_items(self, first_drop: int) -> list[bytes]:
        """The drops as an instance, and the conductor made with it and all the others."""
        drops = [name(b"%d" % n) + b"\0" + leb(first_drop + n) for n in self._resources]
        given = [(b"%d" % it, it) for it, module in self._instances if core.added_names(module)]
        given.append((b"drop", self._core_instances))
        arguments = [name(key) + b"\x12" + leb(it) for key, it in given]
        conductor = len(self._root.modules)
        self._core_instances += 1  # now that of the conductor
        return [b"\x01" + vector(drops), b"\0" + leb(conductor) + vector(arguments)]

    def _module(self) -> list[Piece]:
        """The conductor: imports of every instance, and one function for all of them."""
        calls: dict[bytes, list[int]] = {
            wanted: [] for wanted in (core.BEGIN, core.SAVE, core.RESTORE, core.CHANGED)
        }
        imports: list[bytes] = []
        for it, module in self._instances:
            for wanted in [each for each in calls if each in core.added_names(module)]:
                kind = _FLAG if wanted == core.CHANGED else _NOTHING
                calls[wanted].append(len(imports))
                imports.append(name(b"%d" % it) + name(wanted) + b"\0" + leb(kind))
        changed = calls.pop(core.CHANGED)
        functions = [(exported, _NOTHING, _all(of)) for exported, of in calls.items()]
        functions += [(core.CHANGED, _FLAG, _any(changed)), (b"give", _SAME, b"\x20\0")]
        for n in self._resources:
            functions.append((b"drop%d" % n, _TAKE, b"\x20\0\x10" + leb(len(imports))))
            imports.append(name(b"drop") + name(b"%d" % n) + b"\0" + leb(_TAKE))
        exports = [
            name(exported) + b"\0" + leb(len(imports) + place)
            for place, (exported, _, _) in enumerate(functions)
        ]
        return [
            HEADER,
            *section(1, [_CORE_TYPES]),
            *_vector(2, imports),
            *_vector(3, [leb(kind) for _, kind, _ in functions]),
            *_vector(7, exports),
            *_vector(10, [body(code) for _, _, code in functions]),
        ]

    def _lifted(self, plain: int) -> Iterable[Piece]:
        """Aliases of the core functions, the same as functions of the component, and exports."""
        conductor, gives = self._core_instances, plain + len(_TYPES)
        wanted: list[tuple[bytes, int, bytes, int]] = [
            (b"we-begin", conductor, core.BEGIN, plain + _PLAIN),
            (b"we-save", conductor, core.SAVE, plain + _PLAIN),
            (b"we-restore", conductor, core.RESTORE, plain + _PLAIN),
            (b"we-changed", conductor, core.CHANGED, plain + _ASK),
        ]
        for k, (it, _) in enumerate(self._kept):
            wanted.append((b"we-get-%d" % k, it, core.GET, plain + _READ))
            wanted.append((b"we-set-%d" % k, it, core.SET, plain + _WRITE))
        for n in self._resources:
            wanted.append((b"we-give-%d" % n, conductor, b"give", gives + n))
            wanted.append((b"we-drop-%d" % n, conductor, b"drop%d" % n, plain + _DROP))
        aliases, lifts, exports = [], [], []
        for place, (exported, it, function, kind) in enumerate(wanted):
            aliases.append(_CORE_FUNC + b"\x01" + leb(it) + name(function))
            lifts.append(b"\0\0" + leb(self._core_functions + place) + b"\0" + leb(kind))
            exports.append(b"\0" + name(exported) + _FUNC + leb(self._functions + place) + b"\0")
        yield from _vector(outer.ALIAS, aliases)
        yield from _vector(outer.CANON, lifts)
        yield from _vector(outer.EXPORT, exports)


def _vector(kind: int, items: list[bytes]) -> list[Piece]:
    return section(kind, [vector(items)]) if items else []


def _all(functions: list[int]) -> bytes:
    return b"".join(b"\x10" + leb(it) for it in functions)


def _any(functions: list[int]) -> bytes:
    return b"\x41\0" + b"".join(b"\x10" + leb(it) + b"\x72" for it in functions)
