"""A look at a guest that is in the middle of a host call: its memory, and where its code stands."""

from __future__ import annotations

import ctypes
import re
from typing import Any

from wasm_engine.runtime._wasmtime.outcome import Halted
from wasm_engine.runtime._wasmtime.slot import LIVE

__all__ = ["Halted", "has_lines", "lines_of", "memories_of"]

_FRAME = re.compile(r"- (.*)\n +at (?:.*/)?([^/\n]*):(\d+):\d+$", re.MULTILINE)


def memories_of(guest: Any) -> list[bytes]:
    """Copies of the linear memories of the instance that runs for a guest; none if there is none.

    For a host function of that guest: while it runs, nothing of the instance does.
    """
    for slot in list(LIVE.values()):
        if slot.guest is guest:
            return [ctypes.string_at(it.address, it.size) for it in slot.memories]
    return []


def has_lines(wasm: bytes) -> bool:
    """Whether a component says which of its code comes of which source line."""
    return b"\x0b.debug_line" in wasm


def lines_of(halted: Halted) -> list[tuple[str, int, str]]:
    """Where a guest stood that was halted: file, line and function, the innermost first."""
    found = _FRAME.findall(halted.backtrace)
    return [(file, int(line), function) for function, file, line in found]
