"""What a process may still ask of the kernel: next to nothing, by a filter of its system calls.

What is allowed is what a runtime needs that has all its files, its one pipe, and only its own
memory. Everything else is answered EPERM. What is in the list reaches no file by name, no network,
no other process, and makes no code.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Callable, Iterable
from typing import Final

_PLAIN: Final = {  # x86_64, aarch64
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "lseek": (8, 62),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "getpid": (39, 172),
    "exit": (60, 93),
    "ftruncate": (77, 46),
    "getrusage": (98, 165),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "exit_group": (231, 94),
    "set_robust_list": (273, 99),
    "getrandom": (318, 278),
    "memfd_create": (319, 279),
    "membarrier": (324, 283),
    "rseq": (334, 293),
}
_MMAP, _MPROTECT, _IOCTL, _FCNTL, _TGKILL = (9, 222), (10, 226), (16, 29), (72, 25), (234, 131)
_SECCOMP: Final = (317, 277)
_MACHINES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Which of the two numbers is a machine's, and how the kernel calls its calls."""

_EXEC: Final = 4
_PAGEMAP_SCAN: Final = 3 << 30 | 96 << 16 | ord("f") << 8 | 16  # as of host.written_pages
_SEALING: Final = (1033, 1034)  # F_ADD_SEALS, F_GET_SEALS

_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_REFUSE = 0x00050000 | errno.EPERM
_NUMBER, _ARCH = 0, 4
_SET_FILTER, _ALL_THREADS = 1, 1
_NO_NEW_PRIVILEGES: Final = 38

_Step = tuple[int, int, int, int]
"""An instruction: code, jump if true, jump if false, operand."""


def _argument(number: int) -> _Step:
    """Loads the lower half of an argument of the call."""
    return (_LOAD, 0, 0, 16 + 8 * number)


def _where(number: int, *then: _Step) -> list[_Step]:
    """What is done with one call; the others pass by."""
    return [(_EQUAL, 0, len(then), number), *then]


def program(machine: str, pid: int) -> list[_Step] | None:
    """The filter for a process.

    Args:
        machine: `x86_64` or `aarch64`.
        pid: The process's number: it may end itself by a signal, and nobody else.

    Returns:
        Its instructions; None where the machine's calls are not known here.
    """
    known = _MACHINES.get(machine)
    if known is None:
        return None
    column, arch = known
    allow, refuse = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)
    steps: list[_Step] = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    for numbers in _PLAIN.values():
        steps += _where(numbers[column], allow)
    for numbers in (_MMAP, _MPROTECT):
        steps += _where(numbers[column], _argument(2), (_ANY_BIT, 0, 1, _EXEC), refuse, allow)
    steps += _one_of(_IOCTL[column], 1, (_PAGEMAP_SCAN,))
    steps += _one_of(_FCNTL[column], 1, _SEALING)
    steps += _one_of(_TGKILL[column], 0, (pid,))
    return [*steps, refuse]


def _one_of(call: int, argument: int, values: Iterable[int]) -> list[_Step]:
    """Allows a call where one of its arguments is one of some values."""
    tests: list[_Step] = []
    for value in values:
        tests += [(_EQUAL, 0, 1, value & 0xFFFFFFFF), (_RETURN, 0, 0, _ALLOW)]
    return _where(call, _argument(argument), *tests, (_RETURN, 0, 0, _REFUSE))


def restrict() -> str:
    """Puts the filter on this process, for good; an empty string, or why that cannot be."""
    machine = platform.machine()
    steps = program(machine, os.getpid())
    if steps is None:
        return f"the system calls of {machine} are not known here"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return f"no_new_privs: {os.strerror(ctypes.get_errno())}"
    code = b"".join(struct.pack("<HBBI", *step) for step in steps)
    room = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("<HxxxxxxQ", len(steps), ctypes.addressof(room))
    number = _SECCOMP[_MACHINES[machine][0]]
    if _call(libc)(number, _SET_FILTER, _ALL_THREADS, head):
        return f"seccomp: {os.strerror(ctypes.get_errno())}"
    return ""


def _call(libc: ctypes.CDLL) -> Callable[..., int]:
    function = libc["syscall"]
    function.restype = ctypes.c_long
    function.argtypes = [ctypes.c_long, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_char_p]
    return function
