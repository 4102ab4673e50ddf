"""Components run by the stock binding of Wasmtime, as they are and rewritten.

Deliberately not our own binding: that rewriting changes nothing must not hang on the code that is
built upon it. The memories of an engine made here lie in mappings of this module's, so that a test
sees them and can fill them.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Mapping
from typing import Any

import wasmtime
from wasmtime import _ffi as ffi
from wasmtime import component as wit

from wasm_engine.runtime._wasmtime import capi, profile
from wasm_engine.runtime._wasmtime.rewrite import Rewritten, rewrite

FUEL = 2_000_000_000
_NONE, _READ_WRITE, _PRIVATE_LAZY = 0, 3, 0x4022
Imports = Mapping[str, Mapping[str, Callable[..., Any]]]

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
_libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
_size_t, _pointer = ctypes.c_size_t, ctypes.c_void_p
_Sizes = ctypes.POINTER(ctypes.c_size_t)
_New = ctypes.CFUNCTYPE(_pointer, _pointer, _pointer, *[_size_t] * 4, ctypes.POINTER(_pointer))
_Get = ctypes.CFUNCTYPE(_pointer, _pointer, _Sizes, _Sizes)
_Grow = ctypes.CFUNCTYPE(_pointer, _pointer, _size_t)
_End = ctypes.CFUNCTYPE(None, _pointer)


class Memory:
    """A linear memory, at an address of ours."""

    def __init__(self, size: int, reserved: int, guard: int) -> None:
        self.size, self.mapped = size, reserved + guard
        self.address = _libc.mmap(None, self.mapped, _NONE, _PRIVATE_LAZY, -1, 0)
        self.allow(size)

    def allow(self, size: int) -> None:
        assert size == 0 or _libc.mprotect(self.address, size, _READ_WRITE) == 0
        self.size = size

    @property
    def content(self) -> bytes:
        return ctypes.string_at(self.address, self.size)

    def fill(self, content: bytes) -> None:
        assert len(content) == self.size
        ctypes.memmove(self.address, content, self.size)


class Seen:
    """An engine whose memories can be seen.

    Attributes:
        made: Memories made since a test emptied the list.
        sizes: How large the next ones are, where not as large as they begin.
    """

    def __init__(self) -> None:
        self.made: list[Memory] = []
        self.sizes: list[int] = []
        self._live: dict[int, Memory] = {}
        self._callbacks = _New(self._new), _Get(self._get), _Grow(self._grow), _End(self._end)
        creator = ffi.wasmtime_memory_creator_t()
        creator.new_memory = ctypes.cast(self._callbacks[0], ffi.wasmtime_new_memory_callback_t)
        config = _config(mapped=False)
        ffi.wasmtime_config_host_memory_creator_set(config.ptr(), ctypes.byref(creator))
        self.engine = wasmtime.Engine(config)

    def _new(self, _env, _type, least, _most, reserved, guard, out):
        size = self.sizes.pop(0) if self.sizes else least
        memory = Memory(size, reserved, guard)
        self._live[memory.address] = memory
        self.made.append(memory)
        out[0] = memory.address
        for place, callback in enumerate(self._callbacks[1:], 1):
            out[place] = ctypes.cast(callback, _pointer).value
        return

    def _get(self, address, size, most):
        memory = self._live[address]
        size[0], most[0] = memory.size, memory.mapped
        return address

    def _grow(self, address, size):
        self._live[address].allow(size)

    def _end(self, address):
        memory = self._live.pop(address)
        _libc.munmap(address, memory.mapped)


def _config(*, mapped: bool) -> wasmtime.Config:
    """The profile, but for how memories are made."""
    config = wasmtime.Config()
    pointer = ctypes.cast(config.ptr(), ctypes.c_void_p).value
    for name, (kind, value) in profile.SWITCHES.items():
        if name != "memory_init_cow":
            capi.config_set(pointer, name, kind, value)
    config.memory_init_cow = mapped
    return config


@functools.cache
def seen() -> Seen:
    """Not made before a test runs, as an engine takes over the process's trap signals."""
    return Seen()


@functools.cache
def mapping() -> wasmtime.Engine:
    """An engine that maps memories copy on write: what beginnings were charged by."""
    return wasmtime.Engine(_config(mapped=True))


@functools.cache
def rewritten(wasm: bytes) -> Rewritten:
    return rewrite(wasm)


@functools.cache
def compiled(engine: wasmtime.Engine, wasm: bytes) -> wit.Component:
    return wit.Component(engine, wasm)


def of(text: str) -> bytes:
    """A component from text."""
    return bytes(wasmtime.wat2wasm(text))


class Kept:
    """An instance."""

    def __init__(
        self,
        wasm: bytes,
        imports: Imports | None = None,
        engine: wasmtime.Engine | None = None,
        fuel: int = FUEL,
        sizes: list[int] | None = None,
    ) -> None:
        watched = seen()
        component = compiled(engine or watched.engine, wasm)
        self.store = wasmtime.Store(component_engine := engine or watched.engine)
        self.store.set_fuel(fuel)
        linker = wit.Linker(component_engine)
        linker.allow_shadowing = True
        linker.define_unknown_imports_as_traps(component)
        with linker.root() as root:
            for interface, functions in (imports or {}).items():
                if not interface:
                    _define(root, functions)
                    continue
                with root.add_instance(interface) as part:
                    _define(part, functions)
        watched.made.clear()
        watched.sizes[:] = sizes or []
        self._instance = linker.instantiate(self.store, component)
        self._memories = list(watched.made)

    @classmethod
    def begun(cls, wasm: bytes, imports: Imports | None = None, fuel: int = FUEL) -> Kept:
        """A rewritten component's instance that has begun, charged as it always was."""
        found = rewritten(wasm)
        made = cls(found.wasm, imports, fuel=fuel + found.surplus)
        made.call("we-begin")
        return made

    def again(self, wasm: bytes, imports: Imports | None = None) -> Kept:
        """Another instance that is what this one is now; nothing of the guest's own has run."""
        found = rewritten(wasm)
        contents = self.memories
        other = Kept(found.wasm, imports, sizes=[len(it) for it in contents])
        for memory, content in zip(other._memories, contents, strict=True):
            memory.fill(content)
        for k, slots in enumerate(found.slots):
            for slot in range(slots):
                other.call(f"we-set-{k}", slot, self.call(f"we-get-{k}", slot))
        other.store.set_fuel(self.fuel)
        return other

    @property
    def memories(self) -> list[bytes]:
        return [memory.content for memory in self._memories]

    @property
    def fuel(self) -> int:
        return self.store.get_fuel()

    @property
    def used(self) -> int:
        """Fuel used so far, of an instance with the usual fuel."""
        return FUEL - self.fuel

    def globals(self, slots: tuple[int, ...]) -> list[list[int]]:
        """The values of all mutable globals."""
        return [
            [self.call(f"we-get-{k}", slot) for slot in range(count)]
            for k, count in enumerate(slots)
        ]

    def call(self, name: str, *arguments: Any) -> Any:
        """Calls an export: `name`, or `interface#name`."""
        interface, _, function = name.rpartition("#")
        place = self._instance.get_export_index(self.store, interface) if interface else None
        index = self._instance.get_export_index(self.store, function, place)
        assert index is not None, name
        found = self._instance.get_func(self.store, index)
        return found(self.store, *arguments)


def _define(part: wit.LinkerInstance, functions: Mapping[str, Any]) -> None:
    for name, function in functions.items():
        if isinstance(function, wit.ResourceType):
            part.add_resource(name, function, lambda _store, _rep: None)
        else:
            part.add_func(name, function)
