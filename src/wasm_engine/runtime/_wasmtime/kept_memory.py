"""What one linear memory held, kept so that others can be laid over it."""

from __future__ import annotations

from wasm_engine.concepts.errors import HostFault
from wasm_engine.host import mappings
from wasm_engine.host.disk import SealedFile
from wasm_engine.host.mappings import PAGE
from wasm_engine.host.written_pages import PAGES
from wasm_engine.runtime._wasmtime.memory_creator import LinearMemory


class InFile:
    """In a file in memory that nobody can change: others lie over it copy on write.

    Attributes:
        content: What the memory held.
    """

    __slots__ = ("_file", "_look", "_size", "content")

    def __init__(self, memory: LinearMemory) -> None:
        self._size = memory.size
        self._file = SealedFile("image")
        self._file.resize(memory.size)
        # Zeros that were never written take no room.
        for first, count in candidates(memory, everything=memory.laid is not None):
            start = first * PAGE
            self._file.write_at(start, mappings.view(memory.address + start, count * PAGE))
        self._file.seal()
        self._look = mappings.Look(self._file.fd, memory.size)
        self.content = self._look.content

    def lay(self, address: int) -> None:
        """Makes the memory at an address, whatever it holds, hold this."""
        mappings.lay_over(address, self._size, self._file.fd)

    def lay_again(self, address: int) -> None:
        """The same for a memory that lies over this already."""
        mappings.forget(address, self._size)


class Copied:
    """Where there are no such files: the same by copies."""

    __slots__ = ("content",)

    def __init__(self, memory: LinearMemory) -> None:
        self.content = memoryview(bytes(mappings.view(memory.address, memory.size)))

    def lay(self, address: int) -> None:
        """Makes the memory at an address, whatever it holds, hold this."""
        size = len(self.content)
        mappings.allow(address, size)
        mappings.view(address, size)[:] = self.content

    lay_again = lay


def kept(memory: LinearMemory) -> InFile | Copied:
    """What a memory holds, in whatever way the machine has."""
    try:
        return InFile(memory)
    except (HostFault, OSError):
        return Copied(memory)


def candidates(memory: LinearMemory, *, everything: bool) -> mappings.Runs:
    """The pages of a memory that may have been written; all of them where nobody knows."""
    pages = memory.size // PAGE
    written = None if everything else PAGES.written(memory.address, memory.size)
    return [(0, pages)] if written is None else written
