"""Images of instances: what one was at rest, kept so that others can be made the same.

Of the memories a file in memory that nobody can change any more: an instance's memories are laid
over it, and what the instance writes stays its own. Of the globals their values. What the host
keeps for an instance (handles, files) is the host's to keep: see `Guest.freeze`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from wasm_engine.concepts.errors import NotCapturable
from wasm_engine.host import mappings
from wasm_engine.host.disk import SealedFile
from wasm_engine.host.mappings import PAGE
from wasm_engine.host.threads import Lock
from wasm_engine.host.written_pages import PAGES
from wasm_engine.runtime._wasmtime.memory_creator import LinearMemory

_NO_PAGE = bytes(PAGE)
MOST_HELD = 1 << 30
"""Bytes that all images of the process may hold."""


class Parts(NamedTuple):
    """How an instance differs from an image, as plain values.

    Attributes:
        sizes: Bytes of each memory.
        values: Those of the globals' slots that differ: (number, value).
        pages: Those that differ: (memory, number of the page, what it holds).
    """

    sizes: list[int]
    values: list[tuple[int, int]]
    pages: list[tuple[int, int, bytes]]


class _Held:
    """How many bytes the images of this process hold."""

    def __init__(self) -> None:
        self._bytes = 0
        self._lock = Lock()

    def take(self, size: int) -> int:
        with self._lock:
            if self._bytes + size > MOST_HELD:
                message = f"images take {self._bytes >> 20} MiB of memory already"
                raise NotCapturable(message)
            self._bytes += size
        return size

    def give_back(self, size: int) -> None:
        with self._lock:
            self._bytes -= size


_HELD = _Held()


class Image:
    """What an instance was. Immutable; shared by threads, and by all instances laid over it.

    Attributes:
        sizes: Bytes of each memory.
        values: Of all slots of the globals, instance after instance.
    """

    def __init__(self, memories: Sequence[LinearMemory], values: Sequence[int]) -> None:
        """Copies memories, at rest.

        Raises:
            NotCapturable: Images take more than enough already.
            HostFault: The machine has no room for the copy.
            OSError: The same.
        """
        self.sizes = tuple(memory.size for memory in memories)
        self.values = tuple(values)
        self._held = 0
        self._budget = _HELD  # also when the process ends, and modules are taken apart
        self._held = _HELD.take(sum(self.sizes))
        self._files = [_copy(memory) for memory in memories]
        self._looks = [
            mappings.Look(file.fd, size) for file, size in zip(self._files, self.sizes, strict=True)
        ]
        self._digest = b""

    def lay(self, number: int, address: int) -> int:
        """Makes the memory at an address hold what that of the image holds; answers its size."""
        size = self.sizes[number]
        mappings.lay_over(address, size, self._files[number].fd)
        return size

    def content(self, number: int) -> memoryview:
        """What a memory holds."""
        return self._looks[number].content

    def page(self, number: int, page: int) -> bytes:
        """What a page of a memory holds; zeros behind its end."""
        if (page + 1) * PAGE > self.sizes[number]:
            return _NO_PAGE
        return bytes(self.content(number)[page * PAGE : (page + 1) * PAGE])

    def __del__(self) -> None:
        if self._held:
            self._budget.give_back(self._held)

    @property
    def root(self) -> Image:
        """Itself: what memories lie over that are laid by it."""
        return self

    @property
    def digest(self) -> bytes:
        """SHA-256 over all of it, the same however it came to be."""
        if not self._digest:
            whole = hashlib.sha256(repr((self.sizes, self.values)).encode())
            for look in self._looks:
                whole.update(look.content)
            self._digest = whole.digest()
        return self._digest


class Grown:
    """An image whose memories are to be larger."""

    def __init__(self, image: Image, sizes: Sequence[int]) -> None:
        self.root = image
        self._sizes = sizes

    def lay(self, number: int, address: int) -> int:
        """As the image does, with zeros behind it."""
        own, size = self.root.lay(number, address), self._sizes[number]
        mappings.allow(address + own, size - own)
        return size


def differing(memories: Sequence[LinearMemory], image: Image) -> list[tuple[int, int, bytes]]:
    """The pages of memories that differ from an image's: (memory, number of the page, bytes)."""
    found = []
    for number, memory in enumerate(memories):
        same = memory.laid is image
        for first, count in _candidates(memory, everything=not same):
            whole = bytes(mappings.view(memory.address + first * PAGE, count * PAGE))
            for page in range(first, first + count):
                start = (page - first) * PAGE
                content = whole[start : start + PAGE]
                if content != image.page(number, page):
                    found.append((number, page, content))
    return found


def _candidates(memory: LinearMemory, *, everything: bool) -> list[tuple[int, int]]:
    pages = memory.size // PAGE
    written = None if everything else PAGES.written(memory.address, memory.size)
    return [(0, pages)] if written is None else written


def _copy(memory: LinearMemory) -> SealedFile:
    """What a memory holds, in a file of its own; zeros that were never written take no room."""
    file = SealedFile("image")
    file.resize(memory.size)
    fresh = memory.laid is None
    for first, count in _candidates(memory, everything=not fresh):
        start = first * PAGE
        file.write_at(start, mappings.view(memory.address + start, count * PAGE))
    file.seal()
    return file
