"""Whether the machine can still give the memory that guests were promised.

A guest whose memory cannot grow gets an answer that says so, and would go another way than it
goes on a machine with more memory. So where memory is bounded beneath the guests, whoever runs one
asks first; everywhere else nothing is asked, and nothing is spent.
"""

from __future__ import annotations

import functools
import mmap
import resource
from pathlib import Path

from wasm_engine.concepts.errors import HostFault

HOST_ROOM = 64 << 20
"""Bytes that the host's own work for a guest may take beside the guest's memory."""
_STRICT = "2"


@functools.cache
def is_bounded() -> bool:
    """Whether the process may run out of memory while the machine has some.

    A limit of the process (`ulimit -d`, `-v`), or a machine that promises no more than it has.
    """
    kinds = (resource.RLIMIT_DATA, resource.RLIMIT_AS)
    if any(resource.getrlimit(kind)[0] != resource.RLIM_INFINITY for kind in kinds):
        return True
    try:
        return Path("/proc/sys/vm/overcommit_memory").read_text().strip() == _STRICT
    except OSError:
        return False


def require(size: int) -> None:
    """Makes sure that so many bytes could be had now.

    Raises:
        HostFault: They could not.
    """
    if not is_bounded():
        return
    try:
        mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except (OSError, ValueError, OverflowError) as error:
        message = f"the machine cannot give the {size >> 20} MiB that guests were promised"
        raise HostFault(message, code="no-memory", hint="see ulimit -d and ulimit -v") from error
