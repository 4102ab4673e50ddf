"""Linear memories in mappings of our own, at addresses that we know.

The library asks for each memory of each instance, and for each growth, through three callbacks.
They run below `entry.enter` only, and nothing passes them: what goes wrong is kept in the store's
slot, and raised again outside. So a growth that the machine refuses within the guest's limit is a
fault of the machine; the -1 that the guest is told meanwhile comes to nothing.

The library frees no memory: whoever made the instance unmaps them when its store is gone.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Sequence
from typing import Any, Protocol

from wasm_engine.concepts.errors import HostFault, NotCapturable
from wasm_engine.host import mappings
from wasm_engine.host.signals import get_ident
from wasm_engine.runtime._wasmtime import capi
from wasm_engine.runtime._wasmtime.codegen import MEMORY

_pack_memory = struct.Struct("<QQQQ").pack_into
_pack_size = struct.Struct("<Q").pack_into
_DENSE = 8 << 20
"""A memory that begins so large is that of an interpreter, and filled to the end with its data."""
_REFUSED = b"a memory could not be mapped"


class Owner(Protocol):
    """Whose memories they are: a store's slot."""

    failure: BaseException | None
    memories: list[LinearMemory]


class Contents(Protocol):
    """What memories hold from the beginning: an `image.Image`, or one that was made larger."""

    @property
    def sizes(self) -> Sequence[int]:
        """Bytes of each memory."""

    @property
    def root(self) -> Any:
        """The image that memories lie over then."""

    def lay(self, number: int, address: int) -> int:
        """Maps the contents of a memory at its address; answers their size."""


class LinearMemory:
    """One linear memory.

    Attributes:
        owner: Whose it is.
        address: Where it lies.
        size: Bytes that the guest may use now.
        capacity: Bytes that it could have without being moved.
        mapped: Bytes of address space, guard included.
        laid: The image that it lies over; None for one that began with zeros.
        written: Pages of its own that it had when it was last taken back to that image, if it was.
        view: Its bytes, once somebody needed them.
    """

    __slots__ = ("address", "capacity", "laid", "mapped", "owner", "size", "view", "written")

    def __init__(self, owner: Owner, least: int, capacity: int, guard: int) -> None:
        self.owner = owner
        self.size = 0
        self.capacity = max(capacity, least)
        self.mapped = self.capacity + guard
        self.laid: Any = None
        self.view: memoryview | None = None
        self.written: list[tuple[int, int]] | None = None
        self.address = mappings.reserve(self.mapped)


making: dict[int, tuple[Owner, Contents | None]] = {}
"""By thread: for whom it makes an instance now, and what its memories are to hold."""
by_address: dict[int, LinearMemory] = {}
"""Every linear memory there is."""


def _new(
    _env: int | None, _type: int, least: int, _most: int, capacity: int, guard: int, out: int
) -> int:
    """A memory of `least` bytes that can have `capacity`, with a guard behind it."""
    owner = None
    try:
        owner, contents = making[get_ident()]
        try:
            memory = LinearMemory(owner, least, capacity, guard)
            owner.memories.append(memory)
            by_address[memory.address] = memory
            if contents is None:
                mappings.allow(memory.address, least)
                memory.size = least
                if least >= _DENSE:
                    mappings.fill_fast(memory.address, least)
            else:
                number = len(owner.memories) - 1
                if contents.sizes[number] > memory.capacity:
                    message = "a memory cannot be as large as it was"
                    raise NotCapturable(message)
                memory.size = contents.lay(number, memory.address)
                memory.laid = contents.root
        except OSError as error:
            raise no_memory(error) from error
        _pack_memory(MEMORY, out, memory.address, _GET, _GROW, 0)
    except BaseException as exception:  # noqa: BLE001  (nothing passes)
        if owner is not None and owner.failure is None:
            owner.failure = exception
        return capi.error_new(_REFUSED)  # type: ignore[no-any-return]
    return 0


def _get(address: int, size: int, capacity: int) -> int:
    """Where a memory lies, how large it is and can be; its address is its name."""
    memory = by_address[address]
    _pack_size(MEMORY, size, memory.size)
    _pack_size(MEMORY, capacity, memory.capacity)
    return address


def _grow(address: int, size: int) -> int:
    """Makes a memory larger; it stays where it is."""
    memory = by_address[address]
    try:
        try:
            mappings.allow(address, size)
        except OSError as error:
            raise no_memory(error) from error
        memory.size = size
    except BaseException as exception:  # noqa: BLE001  (nothing passes)
        if memory.owner.failure is None:
            memory.owner.failure = exception
        return capi.error_new(_REFUSED)  # type: ignore[no-any-return]
    return 0


_new_callback = capi.NEW_MEMORY(_new)
_get_callback = capi.GET_MEMORY(_get)
_grow_callback = capi.GROW_MEMORY(_grow)
_GET, _GROW = capi.address(_get_callback), capi.address(_grow_callback)
_creator = (ctypes.c_void_p * 3)(0, capi.address(_new_callback), 0)
CREATOR = ctypes.addressof(_creator)
"""Address of the creator, for the engine's configuration, which copies it."""


def no_memory(failure: OSError) -> HostFault:
    """What the run is told when the machine cannot give what guests were promised."""
    message = f"the machine cannot give a guest the memory that it was promised: {failure.strerror}"
    return HostFault(message, code="no-memory", hint="see ulimit -d and ulimit -v")
