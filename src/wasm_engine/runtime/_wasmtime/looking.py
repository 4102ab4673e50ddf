"""A look at a guest that is in the middle of a host call: its memory, and where its code stands."""

from __future__ import annotations

import ctypes
from typing import Any

from wasm_engine.runtime._wasmtime.slot import LIVE


def memories_of(guest: Any) -> list[bytes]:
    """Copies of the linear memories of the instance that runs for a guest; none if there is none.

    For a host function of that guest: while it runs, nothing of the instance does.
    """
    for slot in list(LIVE.values()):
        if slot.guest is guest:
            return [ctypes.string_at(it.address, it.size) for it in slot.memories]
    return []
