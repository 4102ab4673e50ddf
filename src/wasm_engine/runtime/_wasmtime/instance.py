"""One instance of a component in a store of its own, and the calls into it."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from typing import Any, NoReturn, Protocol, TypeAlias

from wasm_engine.concepts.errors import Bug, GuestTrap, HostFault
from wasm_engine.host.mappings import give_back as unmap
from wasm_engine.host.mappings import view
from wasm_engine.host.signals import get_ident, run_waiting
from wasm_engine.host.written_pages import faults_here
from wasm_engine.runtime._wasmtime import capi, snapshots
from wasm_engine.runtime._wasmtime.calls import OVER, CallPlan
from wasm_engine.runtime._wasmtime.entry import STATE, enter, most_live
from wasm_engine.runtime._wasmtime.image import Grown, Image, Parts
from wasm_engine.runtime._wasmtime.keeping import Keeping
from wasm_engine.runtime._wasmtime.memory_creator import Contents, by_address, making
from wasm_engine.runtime._wasmtime.outcome import failure_of
from wasm_engine.runtime._wasmtime.polled import SLICED, SUSPENDED, Finished, Limits, Polled
from wasm_engine.runtime._wasmtime.probe import MAX_TABLE
from wasm_engine.runtime._wasmtime.slot import (
    FUEL,
    FUNCTION,
    INSTANCE,
    LIVE,
    READY,
    ROOM,
    Guest,
    Slot,
)

__all__ = ["SLICED", "SUSPENDED", "Finished", "Instance", "Limits", "Polled"]

# What any instance may have, whatever its memory limit.
MAX_INSTANCES = 256
MAX_TABLES = 64

future_delete, get_fuel, set_fuel = capi.future_delete, capi.get_fuel, capi.set_fuel
_unpack_fuel = struct.Struct("<Q").unpack_from


_Bound: TypeAlias = tuple[Callable[..., Any], int, CallPlan, Any]
"""A function of one instance: `plan.run`, address of the handle, plan, memory of the handle."""


class Linked(Protocol):
    """What is needed of whoever makes instances; `linked.Linked` is built upon this."""

    keeping: Keeping
    memories: int

    def start(self, context: int, out: int, error: int) -> int:
        """The future of an instance in the store of that context."""

    def new_store(self) -> int:
        """A new store of the engine."""

    def plan(self, interface: str, function: str) -> tuple[int, CallPlan]:
        """Where an exported function is found, and how it is called."""


class Instance:
    """Owner of one store. Used by one thread at a time, never re-entered, dead after any error."""

    __slots__ = (
        "_close_later", "_context", "_finish", "_functions", "_last_fuel", "_linked",
        "_slot", "_store", "_turn",
    )  # fmt: skip

    def __init__(
        self,
        linked: Linked,
        guest: Guest,
        limits: Limits,
        image: Image | None = None,
        parts: Parts | None = None,
    ) -> None:
        self._store = 0
        # Holds the call in progress, 0 where there is none, and nothing while somebody is inside:
        # taking it out and putting it back are atomic, so it is lock and in-call flag in one.
        self._turn: list[int] = []
        self._last_fuel = 0
        self._close_later = False
        self._linked = linked
        self._finish: Any = None
        self._functions: dict[tuple[str, str], _Bound] = {}
        if len(LIVE) >= most_live():
            code = "instance-limit"
            message = f"{len(LIVE)} instances live; the machine maps memory for no more"
            raise HostFault(message, code=code)
        self._store = linked.new_store()
        self._context = capi.store_context(self._store)
        self._slot = LIVE[self._context] = Slot(guest, self._context)
        try:
            self._limit(limits)
            if image is None:
                self._start(None)
                if linked.keeping.rewritten:
                    self.inside("we-begin")
            else:
                contents: Image | Grown = image
                if parts is not None:
                    parts.check(image, limits.memory // linked.memories)
                    contents = Grown(image, parts.sizes)
                self._start(contents)
                snapshots.settle(self, image, parts)
                self.fuel = limits.fuel
            self._functions.clear()  # those were needed once
        except BaseException:
            self._die(0)
            raise
        self._turn.append(0)

    def _limit(self, limits: Limits) -> None:
        memories, keeping = self._linked.memories, self._linked.keeping
        share, instances = limits.memory // memories, MAX_INSTANCES
        if keeping.rewritten:  # one that fills its memory for each, and one that acts on all
            instances += MAX_INSTANCES + 1
        capi.store_limiter(self._store, share, MAX_TABLE, instances, MAX_TABLES, memories)
        _check(capi.set_fuel(self._context, max(limits.fuel + keeping.surplus, 0)))
        _check(capi.fuel_slice(self._context, limits.slice))

    def _start(self, contents: Contents | None) -> None:
        """Instantiates on a fiber, to the end."""
        slot, me = self._slot, get_ident()
        out = slot.result + INSTANCE
        future = self._linked.start(self._context, out, slot.error)
        making[me] = (slot, contents)
        try:
            while not enter(future):
                if slot.parked is not None:
                    raise _parked_too_early()
        finally:
            del making[me]
            capi.future_cancel(future)
        if slot.failed.value:
            slot.fail(slot.failed.value)
        if slot.failure is not None:
            slot.raise_failure()

    def inside(self, function: str, *args: Any) -> Any:
        """Calls one of the functions that were added to the component, to its end.

        Raises:
            GuestFailure: A start function trapped, or a limit was reached.
        """
        slot = self._slot
        run, address, plan, _ = self._functions.get(("", function)) or self._find("", function)
        slot.future = 0
        try:
            ended = run(slot, address, args)
            while ended is None:
                if slot.parked is not None:
                    raise _parked_too_early()
                if enter(slot.future):
                    future_delete(slot.future)
                    slot.future = OVER
                    ended = Finished(plan.finish(slot))
            if slot.failure is not None:
                slot.raise_failure()
            return ended.value
        finally:
            if slot.future > 0:
                capi.future_cancel(slot.future)

    def begin(self, interface: str, function: str, args: tuple[Any, ...]) -> None:
        """Prepares a call; nothing of the guest runs before `poll`.

        Args:
            interface: Without version, "" for a function at the root.
            function: Its name.
            args: Its arguments.

        Raises:
            Bug: There is no such function, an argument does not fit its type, a call is in
                progress, or the instance is dead.
        """
        turn = self._turn
        try:
            future = turn.pop()
        except IndexError:
            raise self._not_free() from None
        try:
            if future:
                self._refuse_second()
            bound = self._functions.get((interface, function))
            _, address, plan, _ = bound or self._find(interface, function)
            future = plan.start(self._slot, address, args)
            self._finish = plan.finish
        except Exception as error:
            raise _misfit(error, interface, function) from error
        finally:
            turn.append(future)

    def call(self, interface: str, function: str, args: tuple[Any, ...]) -> Polled:
        """`begin` and the first `poll` in one, for calls that are hot.

        Raises:
            Bug: As `begin`.
            BaseException: As `poll`.
        """
        slot, turn = self._slot, self._turn
        try:
            future = turn.pop()
        except IndexError:
            raise self._not_free() from None
        slot.future = 0
        try:
            if future:
                self._refuse_second()
            bound = self._functions.get((interface, function))
            if bound is None:
                bound = self._find(interface, function)
            run, address, plan, _ = bound
            polled: Polled | None = run(slot, address, args)
            if polled is None:
                future, self._finish = slot.future, plan.finish
                polled = SLICED if slot.parked is None else SUSPENDED
            if slot.failure is not None:
                slot.raise_failure()
            if STATE.waiting:
                run_waiting()
        except BaseException as error:
            if slot.future == 0 and isinstance(error, Exception):  # nothing has run
                turn.append(future)
                raise _misfit(error, interface, function) from error
            self._die(max(slot.future, 0))
            raise
        turn.append(future)
        if self._close_later:
            self.close()
        return polled

    def poll(self) -> Polled:
        """Runs the call until it ends, suspends, or has used up a slice of fuel.

        Raises:
            GuestFailure: The guest trapped or spent a limit.
            BaseException: Whatever a host function raised.
        """
        slot, turn = self._slot, self._turn
        try:
            future = turn.pop()
        except IndexError:
            raise self._not_free() from None
        slot.faults = None  # the thread may be another one than before
        if not future or slot.parked is not None:
            turn.append(future)
            message = "the call waits for an answer" if future else "no call is in progress"
            raise Bug(message)
        try:
            if enter(future):
                over, future = future, 0
                future_delete(over)
                polled: Polled = Finished(self._finish(slot))
                slot.keep = None
            else:
                polled = SLICED if slot.parked is None else SUSPENDED
            if slot.failure is not None:
                slot.raise_failure()
            if STATE.waiting:
                run_waiting()
        except BaseException:
            self._die(future)
            raise
        turn.append(future)
        if self._close_later:
            self.close()
        return polled

    def resume(self, value: Any) -> None:
        """Answers the suspended host function; the next `poll` goes on with it.

        Args:
            value: What it answers, `Err(...)` included.

        Raises:
            Bug: Nothing waits, or the value does not fit the function's type.
        """
        future = self._take()
        slot = self._slot
        if slot.parked is None:
            self._turn.append(future)
            message = "no host function waits for an answer"
            raise Bug(message)
        answer, results = slot.parked
        try:
            answer(slot, results, value)
        except BaseException:
            self._die(future)
            raise
        slot.parked = None
        slot.data[READY] = 1
        self._turn.append(future)

    @property
    def guest(self) -> Any:
        """Whom it runs for; the agents' layer finds its own object here again."""
        return self._slot.guest

    @property
    def fuel(self) -> int:
        """Fuel that is left; of a dead instance, what was left when it died."""
        if not self._store:
            return self._last_fuel
        slot = self._slot
        get_fuel(self._context, slot.result + FUEL)
        left: int = _unpack_fuel(slot.data, FUEL)[0]
        return left

    @fuel.setter
    def fuel(self, value: int) -> None:
        if not self._store:
            self._refuse_dead()
        error = set_fuel(self._context, value)
        if error:
            _check(error)

    @property
    def alive(self) -> bool:
        """Whether it can still be used."""
        return bool(self._store)

    def capture(self) -> Image:
        """An image of what it is, at rest; it can be taken back to it.

        Raises:
            NotCapturable: It cannot be captured, or not now.
        """
        return snapshots.capture(self)

    def adopt(self, image: Image) -> None:
        """Takes an image that it is equal to for its own: it can be taken back to it."""
        snapshots.adopt(self, image)

    def difference(self, image: Image) -> Parts:
        """How it differs, at rest, from an image of the same component.

        Raises:
            NotCapturable: It cannot be captured, or not now.
        """
        return snapshots.difference(self, image)

    def rollback(self, image: Image, guest: Guest | None = None) -> bool:
        """Makes it what the image is, in place.

        Args:
            image: What it was made of, or what was made of it.
            guest: Whom it runs for from now on, its handles as they were then; None where the one
                that it runs for has not been touched since.

        Returns:
            Whether it is now; where not, it is of no use any more.
        """
        return snapshots.rollback(self, image, guest)

    def watch(self) -> None:
        """Before a call, right after a rollback: the next one may go by this thread's page faults.

        A page becomes the instance's own by a fault of the thread that runs it. If there was none
        until the call was over, there are no pages to look for beyond those known before.
        """
        self._slot.faults = faults_here()

    def memories(self) -> list[bytes]:
        """What its memories hold, suspended or at rest."""
        self._refuse_dead()
        return [bytes(view(memory.address, memory.size)) for memory in self._slot.memories]

    def memory_sizes(self) -> list[int]:
        """Bytes of each of its memories."""
        self._refuse_dead()
        return [memory.size for memory in self._slot.memories]

    @property
    def at_rest(self) -> bool:
        """Whether it is alive, and no call is in progress."""
        return self._turn == [0]

    def close(self) -> None:
        """Gives everything back. Inside a call it is done when the call returns. Idempotent."""
        try:
            future = self._turn.pop()
        except IndexError:
            self._close_later = True
            return
        self._die(future)

    def __del__(self) -> None:
        if self._store:
            self._die(self._turn.pop() if self._turn else 0)

    def _find(self, interface: str, function: str) -> _Bound:
        index, plan = self._linked.plan(interface, function)
        slot, room = self._slot, None
        address = slot.result + ROOM
        if self._functions:  # that one is taken
            room = ctypes.create_string_buffer(FUNCTION)
            address = ctypes.addressof(room)
        if not capi.instance_get_func(slot.result + INSTANCE, self._context, index, address):
            message = f"no function {interface}#{function}"
            raise Bug(message)
        found = self._functions[interface, function] = (plan.run, address, plan, room)
        return found

    def _die(self, future: int) -> None:
        """Drops fiber and store; callbacks no longer find it. `_turn` stays empty from here on."""
        if not self._store:
            return
        try:
            if future:
                capi.future_cancel(future)
            self._last_fuel = self.fuel
        finally:
            store, self._store = self._store, 0
            del LIVE[self._context]
            self._functions.clear()
            self._slot.keep = None
            capi.store_delete(store)
            # In place, like the line before: it may be that no frame is left for a function.
            for memory in self._slot.memories:
                by_address.pop(memory.address, None)
                unmap(memory.address, memory.mapped)
            self._slot.memories.clear()

    def _take(self) -> int:
        try:
            return self._turn.pop()
        except IndexError:
            raise self._not_free() from None

    def _not_free(self) -> Bug:
        self._refuse_dead()
        return Bug("an instance is used by one thread at a time, and never re-entered")

    def _refuse_second(self) -> NoReturn:
        message = "a call is in progress"
        raise Bug(message)

    def _refuse_dead(self) -> None:
        if not self._store:
            message = "the instance is closed, or died of an error"
            raise Bug(message)


def _parked_too_early() -> GuestTrap:
    code = "unavailable-in-init"
    return GuestTrap(code, "nothing can be waited for while an instance is made")


def _misfit(error: Exception, interface: str, function: str) -> Exception:
    if isinstance(error, Bug | RecursionError | MemoryError):
        return error
    return Bug(f"arguments of {interface}#{function} do not fit its type: {error}")


def _check(error: int | None) -> None:
    if error:
        raise failure_of(capi.take_error(error))
