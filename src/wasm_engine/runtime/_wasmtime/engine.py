"""The engine: one configuration of Wasmtime, shared by everything in the process that uses it."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import ClassVar, Final

from wasm_engine.host.environment import holding
from wasm_engine.runtime._wasmtime import capi, library, profile
from wasm_engine.runtime._wasmtime.memory_creator import CREATOR

LINES: Final = "WASMTIME_BACKTRACE_DETAILS"
"""The environment variable that the library looks at as an engine is made; there is no switch. So
it is always set, that no environment may decide it."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_tuned: list[bool] = []


class Engine:
    """Compiled code and stores belong to one engine. Making one takes a millisecond.

    Args:
        lines: Whether backtraces name source lines where a component has debug information. Its
            code is no other engine's, so it is for looking only.

    Attributes:
        pointer: The library's engine.
        lines: Whether it names source lines.
    """

    PROFILE: ClassVar[Mapping[str, object]] = {
        "target": profile.TARGET,
        **{name: value for name, (_, value) in profile.SWITCHES.items()},
    }
    VERSION: ClassVar[str] = library.VERSION

    def __init__(self, *, lines: bool = False) -> None:
        _tune_allocator()
        self.lines = lines
        with holding(LINES, str(int(lines))):
            self.pointer = profile.new_engine(CREATOR)

    def __del__(self) -> None:
        pointer, self.pointer = getattr(self, "pointer", 0), 0
        if pointer:
            capi.engine_delete(pointer)


def _tune_allocator() -> None:
    """Keeps blocks of up to 32 MiB in the C heap.

    A list<u8> of 64 KiB is 2 MiB of values on either side of the boundary. By default each such
    block is mapped and unmapped anew, and its page faults double what the call costs.
    """
    if _tuned:
        return
    _tuned.append(True)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 32 << 20)
        mallopt(_M_TRIM_THRESHOLD, 64 << 20)
