"""How many linear memories an instance of a component has: its limit is shared out among them."""

from __future__ import annotations

import ctypes

from wasm_engine.host.mappings import give_back as unmap
from wasm_engine.host.signals import get_ident
from wasm_engine.runtime._wasmtime import capi
from wasm_engine.runtime._wasmtime.entry import enter
from wasm_engine.runtime._wasmtime.memory_creator import LinearMemory, by_address, making

MAX_MEMORIES = 16
MAX_TABLE = 250_000
"""Elements of any table."""
_FUEL = 1_000_000

_define_traps = capi.type_function(
    "linker_define_unknown_imports_as_traps", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p
)


class _Made:
    """Whose memories they are, for a moment."""

    def __init__(self) -> None:
        self.failure: BaseException | None = None
        self.memories: list[LinearMemory] = []


def memories_of(engine: int, component: int) -> int:
    """Memories of an instance, from 1 to MAX_MEMORIES; found by making one that can do nothing.

    The library limits the size of each memory, so a guest with many would have many times its
    limit. The instance has no imports that answer and little fuel: one whose start functions need
    more than that before the last memory is made is refused later, by the number found here.
    """
    linker = capi.linker_new(engine)
    try:
        error = _define_traps(linker, component)
        if error:
            capi.error_delete(error)
        count = 1
        while count < MAX_MEMORIES and "memory count too high" in _trial(
            engine, linker, component, count
        ):
            count += 1
        return count
    finally:
        capi.linker_delete(linker)


def _trial(engine: int, linker: int, component: int, memories: int) -> str:
    """What goes wrong when an instance may have so many memories."""
    made, me = _Made(), get_ident()
    store = capi.store_new(engine, None, None)
    try:
        context = capi.store_context(store)
        capi.store_limiter(store, 1 << 32, MAX_TABLE, -1, -1, memories)
        capi.set_fuel(context, _FUEL)
        instance, failed = ctypes.create_string_buffer(16), ctypes.c_void_p()
        out, error = ctypes.addressof(instance), ctypes.addressof(failed)
        future = capi.instantiate_async(linker, context, component, out, error)
        making[me] = (made, None)
        while not enter(future):
            pass
        capi.future_delete(future)
        return capi.take_error(failed.value) if failed.value else ""
    finally:
        making.pop(me, None)
        capi.store_delete(store)
        for memory in made.memories:
            by_address.pop(memory.address, None)
            unmap(memory.address, memory.mapped)
