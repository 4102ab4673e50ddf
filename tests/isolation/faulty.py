"""What worker processes of these tests run: the host's `log` does what its text says.

`abort` and `crash` end the process, `hang` has it wait for ever, `try` tells what it can do to the
machine, `break` says something that is no answer. Anything else is logged.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
from typing import Any

import msgspec

from wasm_engine.world import worker
from wasm_engine.world.assembly import host_functions

NAME = "wasm-engine:agent/log#write"
PARENT = os.getppid()
LIBC = ctypes.CDLL(None, use_errno=True)
LAST = 0xFFFF_FFFF


def attempts() -> dict[str, Any]:
    """What whoever took the process over would try."""
    return {
        "open": lambda: os.open("/etc/passwd", os.O_RDONLY),
        "create": lambda: os.open("/tmp/made", os.O_CREAT | os.O_WRONLY),
        "stat": lambda: os.lstat("/etc/passwd"),
        "list": lambda: os.scandir("/"),
        "socket": socket.socket,
        "unix socket": lambda: socket.socket(socket.AF_UNIX),
        "fork": os.fork,
        "exec": lambda: os.execv("/bin/true", ["true"]),
        "kill": lambda: os.kill(PARENT, signal.SIGKILL),
        "parent's memory": lambda: os.open(f"/proc/{PARENT}/mem", os.O_RDWR),
        "parent's environment": lambda: os.open(f"/proc/{PARENT}/environ", os.O_RDONLY),
        "own memory": lambda: os.open("/proc/self/mem", os.O_RDWR),
        "trace": lambda: _called(LIBC.ptrace(16, PARENT, 0, 0)),
        "code": lambda: _called(LIBC.mprotect(_page(), 4096, 7)),
        "limits": lambda: _called(LIBC.setrlimit(9, b"\xff" * 16)),
        "clone": lambda: _called(LIBC.syscall(56 if os.uname().machine == "x86_64" else 220, 17)),
        "signal through another": lambda: _called(LIBC.syscall(200, PARENT, 9)),
    }


def _called(result: int) -> None:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _page() -> ctypes.c_void_p:
    function = LIBC.mmap
    function.restype = ctypes.c_void_p
    return ctypes.c_void_p(function(None, 4096, 3, 0x22, -1, 0))


def tried() -> str:
    """What came of each attempt."""
    rows = []
    for name, attempt in attempts().items():
        try:
            attempt()
        except OSError as error:
            rows.append(f"{name}: {error.errno}")
        else:
            rows.append(f"{name}: DONE")
    descriptors = []
    for number in range(64):
        try:
            os.lseek(number, 0, os.SEEK_CUR)
        except OSError as error:
            if error.errno == 9:
                continue
        descriptors.append(number)
    return "\n".join([*rows, f"descriptors: {descriptors}"])


def faulty(guest: Any, level: str, text: str) -> None:
    """The host's `log`."""
    match text:
        case "abort":
            os.abort()
        case "crash":
            ctypes.string_at(0)
        case "leave":
            os._exit(3)
        case "break":
            os.write(0, b"\x04\x00\x00\x00what")
        case "raise":
            raise ValueError(text)
        case "try":
            guest.log(level, tried())
        case _:
            guest.log(level, text)


def main() -> None:
    known = dict(host_functions())
    known[NAME] = msgspec.structs.replace(known[NAME], call=faulty)
    worker.main(known)
