"""Memory by address: reserved, made usable, laid over a file in memory, given back.

Python's own `mmap` says neither where a mapping lies nor lets it be changed in place.
"""

from __future__ import annotations

import ctypes
import mmap
import os
from ctypes import c_int, c_long, c_size_t, c_void_p
from typing import Any, Final, TypeAlias

PAGE: Final = mmap.PAGESIZE
Runs: TypeAlias = list[tuple[int, int]]
"""Of pages: the first one's number, counted from where was looked, and how many they are."""
_NORESERVE, _FIXED = 0x4000, 0x10
_NONE, _USABLE = 0, mmap.PROT_READ | mmap.PROT_WRITE
_NOWHERE = (1 << 64) - 1
_DONTNEED, _HUGEPAGE = 4, 14

# Short calls keep the GIL: giving it up and waiting for it again would take longer than they do.
_short = ctypes.PyDLL(None, use_errno=True)
_long = ctypes.CDLL(None, use_errno=True)


def _declare(dll: ctypes.CDLL, name: str, restype: Any, *argtypes: Any) -> Any:
    function = dll[name]  # a fresh function object: prototypes are ours alone
    function.restype, function.argtypes = restype, argtypes
    return function


_mmap = _declare(_short, "mmap", c_void_p, c_void_p, c_size_t, c_int, c_int, c_int, c_long)
_mprotect = _declare(_short, "mprotect", c_int, c_void_p, c_size_t, c_int)
_madvise = _declare(_short, "madvise", c_int, c_void_p, c_size_t, c_int)
give_back = _declare(_long, "munmap", c_int, c_void_p, c_size_t)
"""`give_back(address, size)` unmaps. A plain C function: it is called where no frame is left."""


def reserve(size: int) -> int:
    """The address of so much address space, none of which can be used yet.

    Raises:
        OSError: The machine has no room for it.
    """
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _NORESERVE
    return _mapped(_mmap(None, size, _NONE, flags, -1, 0))


def allow(address: int, size: int) -> None:
    """Makes reserved memory usable; what was usable before keeps what it holds.

    Raises:
        OSError: The machine cannot give so much.
    """
    if size and _mprotect(address, size, _USABLE):
        raise _failed()


def fill_fast(address: int, size: int) -> None:
    """Says that all of it is going to be written: large pages are made in a third of the time.

    Where the machine has none it stays as it is.
    """
    _madvise(address, size, _HUGEPAGE)


def lay_over(address: int, size: int, fd: int) -> None:
    """Makes memory hold what a file holds; what is written to it stays its own.

    Raises:
        OSError: The machine cannot give so much.
    """
    if size:
        flags = mmap.MAP_PRIVATE | _NORESERVE | _FIXED
        _mapped(_mmap(address, size, _USABLE, flags, fd, 0))


def forget(address: int, size: int) -> None:
    """Drops what was written: memory holds again what its file holds, or nothing but zeros.

    Raises:
        OSError: It is not mapped.
    """
    if size and _madvise(address, size, _DONTNEED):
        raise _failed()


def _mapped(address: int | None) -> int:
    if address is None or address == _NOWHERE:
        raise _failed()
    return address


def _failed() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))


def view(address: int, size: int) -> memoryview:
    """So many bytes of mapped memory, without a copy; valid as long as they stay mapped."""
    return memoryview((ctypes.c_char * size).from_address(address)).cast("B")


class Look:
    """A file mapped to be read.

    Attributes:
        content: Its bytes; valid as long as this object lives.
    """

    __slots__ = ("_address", "_size", "content")

    def __init__(self, fd: int, size: int) -> None:
        """Maps it.

        Raises:
            OSError: The machine has no room for it.
        """
        self._size = 0
        self.content = memoryview(b"")
        if size:
            self._address = _mapped(_mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, fd, 0))
            self._size = size
            self.content = view(self._address, size).toreadonly()

    def __del__(self, unmap: Any = give_back) -> None:
        if self._size:
            unmap(self._address, self._size)
