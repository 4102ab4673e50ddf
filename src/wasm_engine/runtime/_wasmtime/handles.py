"""Handles across the boundary: own and borrow of host resources, opaque handles of guest ones."""

from __future__ import annotations

import ctypes
from typing import Any

from wasm_engine.concepts.errors import Bug
from wasm_engine.host.threads import Lock
from wasm_engine.runtime._wasmtime import capi

EXPORTED = "export#"
"""Begins the name of a resource that the guest itself defines."""

FIRST = 1
"""The first index of an instance's table of handles."""

_ids: dict[str, int] = {}
_lock = Lock()


def resource_id(resource: str) -> int:
    """The number that the library knows a host resource by: one for each name in this process."""
    with _lock:
        return _ids.setdefault(resource, len(_ids) + 1)


class Numbered:
    """In place of a host object: one that has its number already, or none at all (0)."""

    __slots__ = ("rep",)

    def __init__(self, rep: int) -> None:
        self.rep = rep


class GuestHandle:
    """An opaque handle of a resource that the guest defines; valid as long as its instance."""

    __slots__ = ("_slot", "pointer")

    def __init__(self, pointer: int, slot: Any) -> None:
        self.pointer = pointer
        self._slot = slot

    def belongs_to(self, slot: Any) -> bool:
        """Whether it is a handle of that instance."""
        return self._slot is slot

    def __del__(self) -> None:
        pointer, self.pointer = self.pointer, 0
        if pointer:
            capi.any_delete(pointer)  # the box only; the guest's own entry goes with its store


class _Box:
    """A handle that the library made for a call; freed when `keep` is."""

    __slots__ = ("pointer",)

    def __init__(self, pointer: int) -> None:
        self.pointer = pointer

    def __del__(self) -> None:
        capi.any_delete(self.pointer)


def lower_handle(slot: Any, thing: Any, resource: str, owned: int, keep: list[Any]) -> int:
    """The address of a handle to a host object, or of one that the guest gave us."""
    if resource.startswith(EXPORTED):
        if not isinstance(thing, GuestHandle) or not thing.belongs_to(slot):
            message = f"{resource.rpartition('#')[2]} is a handle that this instance gave"
            raise TypeError(message)
        keep.append(thing)
        return thing.pointer
    if thing.__class__ is Numbered:
        rep = thing.rep
    else:
        rep = slot.guest.resources.give(thing, resource)
    host = capi.host_resource_new(owned, rep, resource_id(resource))
    out = ctypes.c_void_p()
    error = capi.host_to_any(slot.context, host, ctypes.addressof(out))
    capi.host_resource_delete(host)
    if error:
        raise Bug(capi.take_error(error))
    assert out.value is not None
    keep.append(_Box(out.value))
    return out.value


def lift_handle(slot: Any, pointer: int, resource: str, owned: int) -> Any:
    """The host object behind a handle, or an opaque handle of the guest's own."""
    if resource.startswith(EXPORTED):
        return GuestHandle(capi.any_clone(pointer), slot)
    out = ctypes.c_void_p()
    # Also gives the borrow back: one that is never looked at would count as still lent.
    error = capi.any_to_host(slot.context, pointer, ctypes.addressof(out))
    if error:
        raise Bug(capi.take_error(error))
    rep = capi.host_resource_rep(out.value)
    capi.host_resource_delete(out.value)
    resources = slot.guest.resources
    return resources.take(rep) if owned else resources.lend(rep)
