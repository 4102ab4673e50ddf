"""One instance of a component in a store of its own, and the calls into it."""

from __future__ import annotations

import ctypes
import struct
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from wasm_engine.concepts.errors import Bug, GuestTrap, HostFault
from wasm_engine.concepts.hostcall import SUSPEND
from wasm_engine.host.threads import Lock
from wasm_engine.runtime._wasmtime import capi
from wasm_engine.runtime._wasmtime.calls import CallPlan, call_plan
from wasm_engine.runtime._wasmtime.engine import Engine
from wasm_engine.runtime._wasmtime.introspect import Interface, without_version
from wasm_engine.runtime._wasmtime.outcome import failure_of
from wasm_engine.runtime._wasmtime.slot import LIVE, Guest, Slot

if TYPE_CHECKING:
    from wasm_engine.runtime._wasmtime.component import Component

# What any instance may have, whatever its memory limit.
MAX_TABLE = 1_000_000
MAX_INSTANCES = 256
MAX_TABLES = 256
MAX_MEMORIES = 16

_FUNC = 32  # bytes of a wasmtime_component_func_t
_unpack_fuel = struct.Struct("<Q").unpack_from


class Limits(NamedTuple):
    """What an instance may use.

    Attributes:
        fuel: Fuel to begin with.
        memory: Bytes of linear memory.
        slice: Fuel after which a call is interrupted (SLICED) to go on at the next poll.
    """

    fuel: int
    memory: int
    slice: int


class _Sliced:
    """Type of SLICED."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "SLICED"


SLICED = _Sliced()
"""Answered by `poll` when a slice of fuel was used up; the next poll goes on."""


class Finished:
    """Answered by `poll` when the call is over.

    Attributes:
        value: What the function answered.
    """

    __slots__ = ("value",)
    __match_args__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Finished({self.value!r})"


Polled: TypeAlias = Finished | object
"""`Finished(value)`, SUSPENDED or SLICED."""
SUSPENDED = SUSPEND
"""Answered by `poll` when a host function suspended the call; `resume` answers it."""


class Linked:
    """A component with its imports bound; makes instances. Shared by threads."""

    def __init__(
        self,
        engine: Engine,
        component: Component,
        linker: int,
        exports: dict[str, Interface],
        kept: list[Any],
    ) -> None:
        self._engine = engine
        self._component = component
        self._linker = linker
        self._kept = kept  # the callbacks, as long as anything may call them
        self._plans: dict[tuple[str, str], tuple[int, CallPlan]] = {}
        self._exports = {
            (without_version(interface), function): (interface, ty)
            for interface, held in exports.items()
            for function, ty in held.functions.items()
        }

    def __del__(self) -> None:
        for index, _ in getattr(self, "_plans", {}).values():
            capi.export_index_delete(index)
        linker, self._linker = getattr(self, "_linker", 0), 0
        if linker:
            capi.linker_delete(linker)

    def plan(self, interface: str, function: str) -> tuple[int, CallPlan]:
        """Where an exported function is found, and how it is called."""
        key = (interface, function)
        found = self._plans.get(key)
        if found is None:
            if key not in self._exports:
                message = f"the component does not export {interface}#{function}"
                raise Bug(message)
            full, ty = self._exports[key]
            parent = self._index(full, None) if full else None
            index = self._index(function, parent)
            if parent:
                capi.export_index_delete(parent)
            found = self._plans[key] = (index, call_plan(ty))
        return found

    def _index(self, name: str, parent: int | None) -> int:
        data = name.encode()
        index = capi.component_export_index(self._component.pointer, parent, data, len(data))
        if not index:
            message = f"no export {name!r}"
            raise Bug(message)
        return int(index)

    def instantiate(self, guest: Guest, limits: Limits) -> Instance:
        """Makes an instance; its start functions run to their end within the limits.

        Raises:
            GuestFailure: A start function trapped, or a limit was reached.
            HostFault: The machine has no room for another instance.
        """
        return Instance(self._engine, self, self._component.pointer, self._linker, guest, limits)


class Instance:
    """Owner of one store. Used by one thread at a time, never re-entered, dead after any error."""

    __slots__ = (
        "_close_later", "_context", "_finish", "_functions", "_future", "_instance", "_linked",
        "_lock", "_slot", "_store",
    )  # fmt: skip

    def __init__(
        self,
        engine: Engine,
        linked: Linked,
        component: int,
        linker: int,
        guest: Guest,
        limits: Limits,
    ) -> None:
        self._lock = Lock()
        self._linked = linked
        self._future = 0
        self._finish: Any = None
        self._close_later = False
        self._functions: dict[tuple[str, str], tuple[int, CallPlan, Any]] = {}
        self._instance = ctypes.create_string_buffer(16)
        self._store = capi.store_new(engine.pointer, None, None)
        self._context = capi.store_context(self._store)
        self._slot = LIVE[self._context] = Slot(guest, self._context)
        try:
            self._limit(limits)
            self._begin_instance(linker, component)
        except BaseException:
            self._die()
            raise

    def _limit(self, limits: Limits) -> None:
        capi.store_limiter(
            self._store, limits.memory, MAX_TABLE, MAX_INSTANCES, MAX_TABLES, MAX_MEMORIES
        )
        self._checked(capi.set_fuel(self._context, limits.fuel))
        self._checked(capi.fuel_slice(self._context, limits.slice))

    def _begin_instance(self, linker: int, component: int) -> None:
        out, error = ctypes.addressof(self._instance), self._slot.frame.error
        future = capi.instantiate_async(linker, self._context, component, out, error)
        self._future = future
        while not capi.future_poll(future):
            if self._slot.parked is not None:
                code = "unavailable-in-init"
                raise GuestTrap(code, "nothing can be waited for while an instance is made")
        self._future = 0
        capi.future_delete(future)
        failed = _unpack_fuel(self._slot.frame.data, 32)[0]
        if failed:
            self._slot.fail(failed)

    def begin(self, interface: str, function: str, args: tuple[Any, ...]) -> None:
        """Prepares a call; nothing of the guest runs before `poll`.

        Args:
            interface: Without version, "" for a function at the root.
            function: Its name.
            args: Its arguments.
        """
        if not self._lock.acquire(blocking=False):
            message = "an instance is used by one thread at a time, and never re-entered"
            raise Bug(message)
        try:
            if not self._store or self._future:
                self._refuse_begin()
            found = self._functions.get((interface, function))
            if found is None:
                found = self._find(interface, function)
            address, plan, _ = found
            try:
                self._future = plan.start(self._slot, address, args)
            except Exception as error:
                message = f"arguments of {interface}#{function} do not fit: {error}"
                raise Bug(message) from error
            self._finish = plan.finish
        finally:
            self._lock.release()

    def poll(self) -> Polled:
        """Runs the call until it ends, suspends, or has used up a slice of fuel.

        Raises:
            GuestFailure: The guest trapped or spent a limit.
            BaseException: Whatever a host function raised.
        """
        if not self._lock.acquire(blocking=False):
            message = "an instance is used by one thread at a time, and never re-entered"
            raise Bug(message)
        try:
            future, slot = self._future, self._slot
            if not future or (slot.parked is not None and not slot.answered):
                self._refuse_poll()
            if not capi.future_poll(future):
                return SLICED if slot.parked is None else SUSPENDED
            self._future = 0
            capi.future_delete(future)
            value = self._finish(slot, slot.frame)
            slot.keep = None
            return Finished(value)
        except BaseException:
            self._die()
            raise
        finally:
            self._lock.release()
            if self._close_later:
                self.close()

    def resume(self, value: Any) -> None:
        """Answers the suspended host function; the next `poll` goes on with it."""
        slot = self._slot
        if slot.parked is None or slot.answered:
            message = "no host function waits for an answer"
            raise Bug(message)
        slot.answer, slot.answered = value, True

    @property
    def fuel(self) -> int:
        """Fuel that is left."""
        self._refuse_dead()
        frame = self._slot.frame
        capi.get_fuel(self._context, frame.error)
        left: int = _unpack_fuel(frame.data, 32)[0]
        frame.data[32:40] = bytes(8)
        return left

    @fuel.setter
    def fuel(self, value: int) -> None:
        self._refuse_dead()
        self._checked(capi.set_fuel(self._context, value))

    @property
    def alive(self) -> bool:
        """Whether it can still be used."""
        return bool(self._store)

    def close(self) -> None:
        """Gives everything back. Inside a call it is done when the call returns. Idempotent."""
        if not self._lock.acquire(blocking=False):
            self._close_later = True
            return
        try:
            self._die()
        finally:
            self._lock.release()

    def __del__(self) -> None:
        if getattr(self, "_store", 0):
            self.close()

    def _find(self, interface: str, function: str) -> tuple[int, CallPlan, Any]:
        index, plan = self._linked.plan(interface, function)
        room = ctypes.create_string_buffer(_FUNC)
        address = ctypes.addressof(room)
        out = ctypes.addressof(self._instance)
        if not capi.instance_get_func(out, self._context, index, address):
            message = f"no function {interface}#{function}"
            raise Bug(message)
        found = self._functions[interface, function] = (address, plan, room)
        return found

    def _die(self) -> None:
        """Drops fiber and store; callbacks no longer find it."""
        store, self._store = self._store, 0
        if not store:
            return
        future, self._future = self._future, 0
        if future:
            capi.future_cancel(future)
        LIVE.pop(self._context, None)
        self._functions.clear()
        capi.store_delete(store)

    def _checked(self, error: int | None) -> None:
        if error:
            raise failure_of(capi.take_error(error))

    def _refuse_dead(self) -> None:
        if not self._store:
            message = "the instance is closed, or died of an error"
            raise Bug(message)

    def _refuse_begin(self) -> None:
        self._refuse_dead()
        message = "a call is in progress"
        raise Bug(message)

    def _refuse_poll(self) -> None:
        self._refuse_dead()
        message = "no call is in progress" if not self._future else "the call waits for an answer"
        raise Bug(message)


__all__ = ["SLICED", "SUSPENDED", "Finished", "HostFault", "Instance", "Limits", "Linked"]
