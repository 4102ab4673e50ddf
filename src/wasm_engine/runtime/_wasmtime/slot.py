"""What the guard of a host function finds of the store that called: guest, failure, call."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, NoReturn, Protocol

from wasm_engine.concepts.errors import Bug, EngineError
from wasm_engine.runtime._wasmtime import capi
from wasm_engine.runtime._wasmtime import types as wit
from wasm_engine.runtime._wasmtime.codegen import VALUE
from wasm_engine.runtime._wasmtime.memory_creator import LinearMemory
from wasm_engine.runtime._wasmtime.outcome import Halted, failure_of


class Resources(Protocol):
    """The host objects behind one guest's handles."""

    def give(self, thing: Any, resource: str) -> int:
        """Takes an object of a resource in; answers its number."""

    def lend(self, rep: int) -> Any:
        """The object behind a borrow."""

    def take(self, rep: int) -> Any:
        """The object behind a handle that came back to the host."""

    def drop(self, rep: int) -> None:
        """The guest dropped its handle."""


class Guest(Protocol):
    """What the binding needs of whom it runs a guest for; host functions are handed it first."""

    @property
    def resources(self) -> Resources:
        """Resolves handles."""


ERROR, FUEL, INSTANCE, ROOM = VALUE, VALUE + 8, VALUE + 16, VALUE + 32
FUNCTION = 32
"""Bytes of a `wasmtime_component_func_t`."""
READY = ROOM + FUNCTION
"""Where a C string begins that is empty while a host function is suspended."""


class Slot:
    """One store as callbacks see it.

    Attributes:
        guest: Whom the store runs for.
        context: Address of the store's context, which callbacks are handed.
        failure: The first exception raised in a callback; raised again outside.
        parked: The suspended host function, or None: how its answer is lowered, and where it goes.
        data: Memory of the call in progress: result (32 bytes), error (8), a reading of fuel (8);
            then the library's handles of the instance (16) and of one function (32), and the string
            at READY.
        result, error, ready: Addresses in it.
        failed: The error in it.
        keep: What the arguments are made of.
        misfit: Where the failure came of lowering an answer: the function's name and result type.
        future: The call in progress, while `CallPlan.run` is at it.
        faults: Since when the thread's page faults tell whether pages were written first; None
            where they don't.
        memories: The store's linear memories, in the order in which they were made.
    """

    __slots__ = (
        "context", "data", "error", "failed", "failure", "faults", "future", "guest", "keep",
        "memories", "misfit", "parked", "ready", "result",
    )  # fmt: skip

    def __init__(self, guest: Guest, context: int) -> None:
        self.guest = guest
        self.context = context
        self.failure: BaseException | None = None
        self.parked: tuple[Callable[[Slot, int, Any], None], int] | None = None
        self.data = bytearray(READY + len(b"1\0"))
        # Addresses only: a view of ctypes takes half a KiB, and the data never moves.
        self.result = ctypes.addressof(ctypes.c_char.from_buffer(self.data))
        self.error, self.ready = self.result + ERROR, self.result + READY
        self.failed = ctypes.c_void_p.from_address(self.error)
        self.keep: Any = None
        self.future = 0
        self.faults: tuple[int, int] | None = None
        self.memories: list[LinearMemory] = []
        self.misfit: tuple[str, wit.Type | None] | None = None

    def fail(self, error: int) -> NoReturn:
        """Raises what a call failed with: the host's own exception, else what the library says."""
        message = capi.take_error(error)
        if isinstance(self.failure, Halted):
            self.failure.backtrace = message
        if self.failure is not None:
            self.raise_failure()
        raise failure_of(message)

    def raise_failure(self) -> NoReturn:
        """Raises what a callback had raised."""
        failure, self.failure = self.failure, None
        assert failure is not None
        if self.misfit is not None and isinstance(failure, Exception):
            failure = misfit(failure, *self.misfit)
        raise failure


LIVE: dict[int, Slot] = {}
"""Every live store by the address of its context."""


def misfit(exception: Exception, name: str, ty: wit.Type | None) -> Exception:
    """A host function answered what is not of its type: a fault of ours, not of the guest."""
    if isinstance(exception, EngineError | MemoryError | RecursionError):
        return exception
    reason = f"{type(exception).__name__}: {exception}"
    bug = Bug(f"{name} answered a value that is not {ty or 'nothing'}: {reason}")
    bug.__cause__ = exception
    return bug
