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
from wasm_engine.host.mappings import PAGE
from wasm_engine.host.threads import Lock
from wasm_engine.runtime._wasmtime.kept_memory import candidates, kept
from wasm_engine.runtime._wasmtime.memory_creator import LinearMemory

_NO_PAGE = bytes(PAGE)
_WASM_PAGE, _MOST = 1 << 16, 1 << 32
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

    def check(self, image: Image, most: int) -> None:
        """Refuses what no instance can have been: it may come from a file that somebody made.

        Args:
            image: What the parts differ from.
            most: Bytes that each memory may have.

        Raises:
            NotCapturable: It can have been none.
        """
        whole = len(self.sizes) == len(image.sizes) and all(
            own <= size <= min(max(own, most), _MOST) and size % _WASM_PAGE == 0
            for own, size in zip(image.sizes, self.sizes, strict=False)
        )
        slots, last = len(image.values), (-1, -1)
        for number, value in self.values:
            whole = whole and 0 <= number < slots and 0 <= value < 1 << 64
        for memory, page, content in self.pages:
            at = (memory, page)
            whole = whole and last < at and 0 <= memory < len(self.sizes)
            whole = whole and 0 <= page < self.sizes[memory] // PAGE and len(content) == PAGE
            last = at
        if not whole:
            message = "no instance of it can have been what was captured"
            raise NotCapturable(message)


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
        """
        self.sizes = tuple(memory.size for memory in memories)
        self.values = tuple(values)
        self._held = 0
        self._budget = _HELD  # also when the process ends, and modules are taken apart
        self._held = _HELD.take(sum(self.sizes))
        self._kept = [kept(memory) for memory in memories]
        self._digest = b""

    def lay(self, number: int, address: int) -> int:
        """Makes the memory at an address hold what that of the image holds; answers its size."""
        self._kept[number].lay(address)
        return self.sizes[number]

    def lay_again(self, number: int, address: int) -> None:
        """The same for a memory that was laid by it before, and has not grown."""
        self._kept[number].lay_again(address)

    def content(self, number: int) -> memoryview:
        """What a memory holds."""
        return self._kept[number].content

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
            for memory in self._kept:
                whole.update(memory.content)
            self._digest = whole.digest()
        return self._digest


class Grown:
    """An image whose memories are to be larger; `Parts.check` has looked at the sizes."""

    def __init__(self, image: Image, sizes: Sequence[int]) -> None:
        self.root = image
        self.sizes = sizes

    def lay(self, number: int, address: int) -> int:
        """As the image does, with zeros behind it."""
        own, size = self.root.lay(number, address), self.sizes[number]
        mappings.allow(address + own, size - own)
        return size


def differing(memories: Sequence[LinearMemory], image: Image) -> list[tuple[int, int, bytes]]:
    """The pages of memories that differ from an image's: (memory, number of the page, bytes)."""
    found = []
    for number, memory in enumerate(memories):
        same = memory.laid is image
        for first, count in candidates(memory, everything=not same):
            whole = bytes(mappings.view(memory.address + first * PAGE, count * PAGE))
            for page in range(first, first + count):
                start = (page - first) * PAGE
                content = whole[start : start + PAGE]
                if content != image.page(number, page):
                    found.append((number, page, content))
    return found
