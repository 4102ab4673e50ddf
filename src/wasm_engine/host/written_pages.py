"""Which pages of private memory were written: what the kernel knows of each of them.

A page that lies over a file, and was never written, is the file's own; one that was is the
process's. The kernel tells the two apart in /proc/self/pagemap, by an ioctl (Linux 6.7) or by a
word for each page. Where it tells nothing, nothing is known, and the caller compares all of it.
"""

from __future__ import annotations

import ctypes
import os
import re
import resource
import struct
from typing import Any, Final

from wasm_engine.host.mappings import PAGE, Runs
from wasm_engine.host.signals import get_ident

_SCAN = 3 << 30 | 96 << 16 | ord("f") << 8 | 16  # _IOWR('f', 16, struct pm_scan_arg)
_ARGUMENT = struct.Struct("<12Q")
_REGION = struct.Struct("<3Q")
_OF_FILE, _PRESENT, _SWAPPED, _OF_ZEROS = 4, 8, 16, 32
_NEITHER, _EITHER = _OF_FILE | _OF_ZEROS, _PRESENT | _SWAPPED
_REGIONS: Final = 512

# The highest byte of a page's word: present, swapped, (reserved), of a file; the lowest bit is
# whether nobody else has it mapped. Zeros that were only read count as written, which is no harm.
_WRITTEN = re.compile(rb"[^\x00\x01\x20\x21\xa0\xa1]+")
_WORD: Final = 8

_ioctl: Any = ctypes.PyDLL(None, use_errno=True)["ioctl"]
_ioctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p]


class PageMap:
    """The kernel's map of this process's pages.

    Attributes:
        scans: Whether the kernel can look for written pages itself.
    """

    def __init__(self) -> None:
        self._fd = -1
        self._process = 0
        self.scans = True

    def written(self, address: int, size: int) -> Runs | None:
        """The pages that were written, in order; None where nobody knows."""
        if self._process != os.getpid() and not self._open():
            return None
        if self.scans:
            runs = self._scan(address, size)
            if runs is not None:
                return runs
            self.scans = False
        return self._read(address, size)

    def _open(self) -> bool:
        """Opens it, also anew in a process that was forked: it belongs to whom opened it."""
        try:
            self._fd = os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        self._process = os.getpid()
        return True

    def _scan(self, address: int, size: int) -> Runs | None:
        found = ctypes.create_string_buffer(_REGION.size * _REGIONS)
        room, end, runs = ctypes.addressof(found), address + size, []
        start = address
        while start < end:
            argument = bytearray(
                _ARGUMENT.pack(
                    _ARGUMENT.size, 0, start, end, 0, room, _REGIONS, 0,
                    _NEITHER, _NEITHER, _EITHER, _PRESENT,
                )
            )  # fmt: skip
            where = ctypes.addressof(ctypes.c_char.from_buffer(argument))
            count = _ioctl(self._fd, _SCAN, where)
            if count < 0:
                return None
            for first, last, _ in _REGION.iter_unpack(found.raw[: count * _REGION.size]):
                runs.append(((first - address) // PAGE, (last - first) // PAGE))
            start = _ARGUMENT.unpack(argument)[4]
        return runs

    def _read(self, address: int, size: int) -> Runs | None:
        length, offset = size // PAGE * _WORD, address // PAGE * _WORD
        try:
            words = os.pread(self._fd, length, offset)
        except OSError:
            return None
        if len(words) != length:
            return None
        return [(it.start(), it.end() - it.start()) for it in _WRITTEN.finditer(words[7::8])]


PAGES: Final = PageMap()
"""The one of this process."""


def faults_here() -> tuple[int, int]:
    """The thread, and how many page faults it has had.

    No page becomes a process's own without one.
    """
    usage = resource.getrusage(resource.RUSAGE_THREAD)
    return get_ident(), usage.ru_minflt + usage.ru_majflt
