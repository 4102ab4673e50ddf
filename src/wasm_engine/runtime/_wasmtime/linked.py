"""A component whose imports are bound: makes instances."""

from __future__ import annotations

from typing import Any

from wasm_engine.runtime._wasmtime import capi
from wasm_engine.runtime._wasmtime.calls import CallPlan
from wasm_engine.runtime._wasmtime.exports import Exports
from wasm_engine.runtime._wasmtime.image import Image, Parts
from wasm_engine.runtime._wasmtime.instance import Instance
from wasm_engine.runtime._wasmtime.keeping import Keeping
from wasm_engine.runtime._wasmtime.polled import Limits
from wasm_engine.runtime._wasmtime.slot import Guest
from wasm_engine.runtime._wasmtime.types import Own


class Linked:
    """A component with its imports bound; makes instances. Shared by threads.

    Attributes:
        memories: How many linear memories share the limit.
        keeping: What can be done with instances.
        initial: Values of the globals' slots of an instance that was not filled yet, once known.
        resource_numbers: By the full name of each imported resource, N of its `we-give-N`.
    """

    def __init__(
        self,
        engine: int,
        component: int,
        linker: int,
        exports: Exports,
        keeping: Keeping,
        memories: int,
        kept: list[Any],
    ) -> None:
        self._engine = engine
        self._component = component
        self._linker = linker
        self._kept = kept  # engine, component and callbacks, as long as anything may use them
        self._exports = exports
        self.keeping = keeping
        self.initial: tuple[int, ...] | None = None
        self.resource_numbers = _resource_numbers(exports) if keeping.rewritten else {}
        self.memories = memories

    def __del__(self) -> None:
        linker, self._linker = self._linker, 0
        if linker:
            capi.linker_delete(linker)

    def instantiate(self, guest: Guest, limits: Limits) -> Instance:
        """Makes an instance; its start functions run to their end within the limits.

        Raises:
            GuestFailure: A start function trapped, or a limit was reached.
            HostFault: The machine has no room for another instance.
        """
        return Instance(self, guest, limits)

    def restore(
        self, guest: Guest, limits: Limits, image: Image, parts: Parts | None = None
    ) -> Instance:
        """Makes an instance that is what the one was that the image was made of.

        Args:
            guest: Whom it runs for. Its table of handles is as it was then.
            limits: Its limits; all of the fuel is left.
            image: What it was.
            parts: How it differed from that, if it did.

        Raises:
            HostFault: The machine has no room for another instance.
        """
        return Instance(self, guest, limits, image, parts)

    def start(self, context: int, out: int, error: int) -> int:
        """The future of an instance in the store of that context."""
        future = capi.instantiate_async(self._linker, context, self._component, out, error)
        return int(future)

    def new_store(self) -> int:
        """A new store of the engine."""
        return int(capi.store_new(self._engine, None, None))

    def plan(self, interface: str, function: str) -> tuple[int, CallPlan]:
        """Where an exported function is found, and how it is called."""
        return self._exports.plan(interface, function)


def _resource_numbers(exports: Exports) -> dict[str, int]:
    numbers = {}
    for number, ty in sorted(exports.added("we-give-").items()):
        ((_, own),) = ty.params
        assert isinstance(own, Own)
        numbers[own.resource] = number
    return numbers
