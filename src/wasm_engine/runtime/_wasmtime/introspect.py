"""Reads the types of a loaded component out of the library into our own type model."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from ctypes import c_bool, c_size_t, c_uint64, c_void_p
from typing import Any, NamedTuple

from wasm_engine.concepts.errors import BadComponent
from wasm_engine.runtime._wasmtime import capi
from wasm_engine.runtime._wasmtime import types as wit
from wasm_engine.runtime._wasmtime.handles import EXPORTED

# A type may share its parts, so a small component can describe an enormous tree of types.
MAX_TYPES = 100_000
MAX_DEPTH = 64

_P = c_void_p
_f = capi.type_function
_element = _f("list_type_element", None, _P, _P)
_payload = _f("option_type_ty", None, _P, _P)
_ok = _f("result_type_ok", c_bool, _P, _P)
_err = _f("result_type_err", c_bool, _P, _P)
_field_count = _f("record_type_field_count", c_size_t, _P)
_field_nth = _f("record_type_field_nth", c_bool, _P, c_size_t, _P, _P, _P)
_tuple_count = _f("tuple_type_types_count", c_size_t, _P)
_tuple_nth = _f("tuple_type_types_nth", c_bool, _P, c_size_t, _P)
_case_count = _f("variant_type_case_count", c_size_t, _P)
_case_nth = _f("variant_type_case_nth", c_bool, _P, c_size_t, _P, _P, _P, _P)
_enum_count = _f("enum_type_names_count", c_size_t, _P)
_enum_nth = _f("enum_type_names_nth", c_bool, _P, c_size_t, _P, _P)
_flags_count = _f("flags_type_names_count", c_size_t, _P)
_flags_nth = _f("flags_type_names_nth", c_bool, _P, c_size_t, _P, _P)
_param_count = _f("func_type_param_count", c_size_t, _P)
_param_nth = _f("func_type_param_nth", c_bool, _P, c_size_t, _P, _P, _P)
_result = _f("func_type_result", c_bool, _P, _P)
_is_async = _f("func_type_async", c_bool, _P)
_type_delete = _f("valtype_delete", None, _P)
_component_type_delete = _f("type_delete", None, _P)
_import_count = _f("type_import_count", c_size_t, _P, _P)
_import_nth = _f("type_import_nth", c_bool, _P, _P, c_size_t, _P, _P, _P)
_export_count = _f("type_export_count", c_size_t, _P, _P)
_export_nth = _f("type_export_nth", c_bool, _P, _P, c_size_t, _P, _P, _P)
_instance_count = _f("instance_type_export_count", c_size_t, _P, _P)
_instance_nth = _f("instance_type_export_nth", c_bool, _P, _P, c_size_t, _P, _P, _P)
_extern_type = _f("extern_type", None, _P, _P)
_extern_delete = _f("extern_delete", None, _P)
_item_delete = _f("item_delete", None, _P)
_resource_clone = _f("resource_type_clone", _P, _P)


class _Typed:
    """Room for a `wasmtime_component_valtype_t`, or an item that may hold one."""

    __slots__ = ("address", "words")

    def __init__(self) -> None:
        self.words = (c_uint64 * 3)()
        self.address = ctypes.addressof(self.words)

    @property
    def kind(self) -> int:
        return self.words[0] & 0xFF

    @property
    def of(self) -> int:
        return self.words[1]


_INSTANCE, _MODULE, _FUNC, _RESOURCE, _TYPE = 1, 2, 3, 4, 6
_PLAIN: dict[int, wit.Type] = {
    0: wit.Bool(), 1: wit.S8(), 2: wit.S16(), 3: wit.S32(), 4: wit.S64(), 5: wit.U8(), 6: wit.U16(),
    7: wit.U32(), 8: wit.U64(), 9: wit.F32(), 10: wit.F64(), 11: wit.Char(), 12: wit.String(),
}  # fmt: skip
_REFUSED = {23: "future", 24: "stream", 25: "error-context"}


class Interface(NamedTuple):
    """What an interface holds: functions, and the resources named in it.

    Attributes:
        functions: Name -> type.
        resources: Local name -> the resource's full name (that of its first definition).
    """

    functions: dict[str, wit.FuncType]
    resources: dict[str, str]


class Interfaces(NamedTuple):
    """Imports and exports by their full names; functions at the root are under ""."""

    imports: dict[str, Interface]
    exports: dict[str, Interface]


def without_version(name: str) -> str:
    """`wasi:io/poll` of `wasi:io/poll@0.2.9`."""
    return name.partition("@")[0]


def interfaces_of(engine: int, component: int) -> Interfaces:
    """Everything that a component imports and exports.

    Raises:
        BadComponent: It uses something that has no place here (streams, modules as values).
    """
    reader = _Reader(engine)
    ty = capi.component_type(component)
    try:
        imports = reader.interfaces(_import_count, _import_nth, ty, "imports")
        return Interfaces(imports, reader.interfaces(_export_count, _export_nth, ty, "exports"))
    finally:
        _component_type_delete(ty)
        reader.close()


class _Reader:
    """One walk over a component's types."""

    def __init__(self, engine: int) -> None:
        self._engine = engine
        self._left = MAX_TYPES
        self._resources: list[tuple[int, str]] = []  # type -> full name of its first definition
        self._name = (c_size_t * 2)()  # address, length
        self._out = ctypes.addressof(self._name)

    def close(self) -> None:
        for pointer, _ in self._resources:
            capi.resource_type_delete(pointer)

    def interfaces(
        self, count: Callable[..., int], nth: Callable[..., bool], ty: int, what: str
    ) -> dict[str, Interface]:
        found: dict[str, Interface] = {}
        root = Interface({}, {})
        for name, item in self._items(count, nth, ty):
            if item.kind == _INSTANCE:
                found[name] = interface = Interface({}, {})
                for inner, part in self._items(_instance_count, _instance_nth, item.of):
                    self._add(interface, name, inner, part, what)
            else:
                self._add(root, "", name, item, what)
        if root.functions or root.resources:
            found[""] = root
        return found

    def _items(
        self, count: Callable[..., int], nth: Callable[..., bool], ty: int
    ) -> Iterator[tuple[str, _Typed]]:
        extern = c_void_p()
        for index in range(count(ty, self._engine)):
            out = ctypes.addressof(extern)
            nth(ty, self._engine, index, self._out, self._out + 8, out)
            name, item = self._text(), _Typed()
            try:
                _extern_type(extern, item.address)
                try:
                    yield name, item
                finally:
                    _item_delete(item.address)
            finally:
                _extern_delete(extern)

    def _add(self, interface: Interface, owner: str, name: str, item: _Typed, what: str) -> None:
        self._spend()
        where = f"{owner}#{name}" if owner else name
        if item.kind == _FUNC:
            interface.functions[name] = self._function(item.of, where)
        elif item.kind == _RESOURCE:
            known = self._resource(item.of)
            if known is None:
                known = f"{without_version(owner)}#{name}" if owner else name
                known = known if what == "imports" else EXPORTED + known
                self._resources.append((_resource_clone(item.of), known))
            interface.resources[name] = known
        elif item.kind != _TYPE and what == "imports":
            kind = {_INSTANCE: "an instance", _MODULE: "a core module"}.get(
                item.kind, "a component"
            )
            message = f"{what} {kind} as a value ({where}); only functions and types are supported"
            raise BadComponent(message)

    def _function(self, pointer: int, where: str) -> wit.FuncType:
        if _is_async(pointer):
            message = f"{where} is an async function; only synchronous functions are supported"
            raise BadComponent(message)
        params = []
        for index in range(_param_count(pointer)):
            ty = _Typed()
            _param_nth(pointer, index, self._out, self._out + 8, ty.address)
            params.append((self._text(), self._take(ty, where)))
        ty = _Typed()
        has_result = _result(pointer, ty.address)
        return wit.FuncType(tuple(params), self._take(ty, where) if has_result else None)

    def _take(self, ty: _Typed, where: str, depth: int = 0) -> wit.Type:
        """The type, whose pointer is ours to free."""
        try:
            self._spend()
            if depth > MAX_DEPTH:
                message = f"the types of {where} are nested deeper than {MAX_DEPTH}"
                raise BadComponent(message)
            plain = _PLAIN.get(ty.kind)
            return plain if plain is not None else self._compound(ty, where, depth + 1)
        finally:
            _type_delete(ty.address)

    def _compound(self, ty: _Typed, where: str, depth: int) -> wit.Type:
        pointer, kind = ty.of, ty.kind

        def part(read: Callable[..., Any]) -> wit.Type | None:
            inner = _Typed()
            found = read(pointer, inner.address)
            return None if found is False else self._take(inner, where, depth)

        def sure(read: Callable[..., Any]) -> wit.Type:
            inner = part(read)
            assert inner is not None
            return inner

        found: wit.Type
        match kind:
            case 13:
                found = wit.List(sure(_element))
            case 14:
                found = wit.Record(tuple(self._fields(pointer, where, depth)))
            case 15:
                count = range(_tuple_count(pointer))
                nth = [lambda p, out, i=i: _tuple_nth(p, i, out) for i in count]
                found = wit.Tuple(tuple(sure(read) for read in nth))
            case 16:
                found = wit.Variant(tuple(self._cases(pointer, where, depth)))
            case 17:
                found = wit.Enum(tuple(self._names(_enum_count, _enum_nth, pointer)))
            case 18:
                found = wit.Option(sure(_payload))
            case 19:
                found = wit.Result(part(_ok), part(_err))
            case 20:
                found = wit.Flags(tuple(self._names(_flags_count, _flags_nth, pointer)))
            case 21 | 22:
                name = self._resource(pointer) or "resource"
                found = wit.Own(name) if kind == 21 else wit.Borrow(name)
            case _:
                named = _REFUSED.get(kind, f"kind {kind}")
                message = f"{where} uses a type that is not supported: {named}"
                raise BadComponent(message)
        return found

    def _fields(self, pointer: int, where: str, depth: int) -> Iterator[tuple[str, wit.Type]]:
        for index in range(_field_count(pointer)):
            ty = _Typed()
            _field_nth(pointer, index, self._out, self._out + 8, ty.address)
            yield self._text(), self._take(ty, where, depth)

    def _cases(self, pointer: int, where: str, depth: int) -> Iterator[tuple[str, wit.Type | None]]:
        has_payload = c_bool()
        for index in range(_case_count(pointer)):
            ty, has = _Typed(), ctypes.addressof(has_payload)
            _case_nth(pointer, index, self._out, self._out + 8, has, ty.address)
            name = self._text()
            yield name, self._take(ty, where, depth) if has_payload.value else None

    def _names(
        self, count: Callable[..., int], nth: Callable[..., bool], pointer: int
    ) -> Iterator[str]:
        for index in range(count(pointer)):
            self._spend()
            nth(pointer, index, self._out, self._out + 8)
            yield self._text()

    def _resource(self, pointer: int) -> str | None:
        for known, name in self._resources:
            if capi.resource_type_equal(known, pointer):
                return name
        return None

    def _text(self) -> str:
        return ctypes.string_at(self._name[0], self._name[1]).decode()

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            message = f"its types have more than {MAX_TYPES} parts"
            raise BadComponent(message)
