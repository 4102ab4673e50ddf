"""The exported functions of a component: where each is found, and how it is called."""

from __future__ import annotations

from collections.abc import Mapping

from wasm_engine.concepts.errors import Bug
from wasm_engine.runtime._wasmtime import capi
from wasm_engine.runtime._wasmtime.calls import CallPlan, call_plan
from wasm_engine.runtime._wasmtime.introspect import Interface, without_version
from wasm_engine.runtime._wasmtime.types import FuncType


class Exports:
    """Looks functions up once for a component, whatever the number of its instances."""

    def __init__(self, component: int, interfaces: Mapping[str, Interface]) -> None:
        self._component = component
        self._plans: dict[tuple[str, str], tuple[int, CallPlan]] = {}
        self._types: dict[tuple[str, str], tuple[str, FuncType]] = {
            (without_version(interface), function): (interface, ty)
            for interface, held in interfaces.items()
            for function, ty in held.functions.items()
        }

    def __del__(self) -> None:
        for index, _ in self._plans.values():
            capi.export_index_delete(index)

    def plan(self, interface: str, function: str) -> tuple[int, CallPlan]:
        """The library's index of a function, and the plan of its type.

        Raises:
            Bug: The component does not export it.
        """
        key = (interface, function)
        found = self._plans.get(key)
        if found is None:
            if key not in self._types:
                message = f"the component does not export {interface}#{function}"
                raise Bug(message)
            full, ty = self._types[key]
            index = self._index(full, function)
            found = self._plans.setdefault(key, (index, call_plan(ty)))
            if found[0] != index:  # another thread was faster
                capi.export_index_delete(index)
        return found

    def added(self, prefix: str) -> dict[int, FuncType]:
        """The functions at the root whose names are the prefix and a number, by that number."""
        return {
            int(function.removeprefix(prefix)): ty
            for (interface, function), (_, ty) in self._types.items()
            if not interface and function.startswith(prefix)
        }

    def _index(self, interface: str, function: str) -> int:
        parent = self._part(interface, None) if interface else None
        try:
            return self._part(function, parent)
        finally:
            if parent:
                capi.export_index_delete(parent)

    def _part(self, name: str, parent: int | None) -> int:
        data = name.encode()
        index = capi.component_export_index(self._component, parent, data, len(data))
        if not index:
            message = f"the component does not export {name}"
            raise Bug(message)
        return int(index)
