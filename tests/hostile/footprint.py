"""What this process holds of its machine."""

from __future__ import annotations

import ctypes
import gc
import os
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from wasm_engine.runtime._wasmtime.slot import LIVE

_PROCESS = Path("/proc/self")
_trim = getattr(ctypes.CDLL(None), "malloc_trim", lambda _: 0)


class Footprint(NamedTuple):
    """Live guest instances, threads, open files, children; bytes of resident memory."""

    instances: int
    threads: int
    descriptors: frozenset[str]
    children: str
    memory: int


def now() -> Footprint:
    """The footprint, once everything that can be given back has been."""
    gc.collect()
    _trim(0)
    return Footprint(
        len(LIVE),
        threading.active_count(),
        frozenset(_targets()),
        (_PROCESS / "task" / str(os.getpid()) / "children").read_text(),
        kilobytes("VmRSS") << 10,
    )


def _targets():
    for entry in sorted((_PROCESS / "fd").iterdir()):
        with suppress(FileNotFoundError):  # that of the listing itself
            yield f"{entry.name} {entry.readlink()}"


def kilobytes(field: str) -> int:
    """A field of /proc/self/status."""
    for line in (_PROCESS / "status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1])
    raise AssertionError(field)


class Peak:
    """The most memory that was resident beyond what was at the start, in bytes."""

    extra = 0


@contextmanager
def peak():
    """Measures the peak of what happens inside."""
    found = Peak()
    (_PROCESS / "clear_refs").write_text("5")  # resets the high-water mark
    start = kilobytes("VmRSS")
    try:
        yield found
    finally:
        found.extra = max(kilobytes("VmHWM") - start, 0) << 10
