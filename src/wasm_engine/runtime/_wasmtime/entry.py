"""The way into guest code, and how many instances may live at once."""

from __future__ import annotations

import functools
from typing import Any

from wasm_engine.host import signals
from wasm_engine.host.limits import most_mappings
from wasm_engine.runtime._wasmtime import capi

MAPPINGS_EACH = 5
"""Of an instance that was called: its memory, its fiber stack, and the guards about them."""
LEAST_LIVE = 1000

STATE, get_ident, MAIN_IDENT = signals.STATE, signals.get_ident, signals.MAIN_IDENT
_poll = capi.future_poll


@functools.cache
def most_live() -> int:
    """Instances that may live at once: beyond the machine's bound, mapping memory fails."""
    return max(LEAST_LIVE, most_mappings() // MAPPINGS_EACH)


_NEST: Any = int
for _ in range(6):
    _NEST = (_NEST,)


@signals.enters_guests
def enter(future: int) -> bool:
    """Runs a call on; answers whether it is over. Signal handlers wait meanwhile.

    Raises:
        RecursionError: A callback would find no room for its frame and its guard's. It would raise
            it before the guard is reached, or in it; here that does no harm.
    """
    # The nested tuples are six levels of C recursion, the cheapest there are; a guard takes four.
    if STATE.active or get_ident() != MAIN_IDENT:
        isinstance(0, _NEST)
        done = _poll(future)
    else:
        with signals.deferred():
            isinstance(0, _NEST)
            done = _poll(future)
    return done  # type: ignore[no-any-return]
