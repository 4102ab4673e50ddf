"""How an interface hands on what became of an effect: once, and none but its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wasm_engine.concepts import faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err


def ended(
    guest: Caller, number: int, outcome: Any, is_own: Callable[[Any], bool], other: str
) -> Any:
    """The value that an effect brought, or the fault; whoever gets either cannot get it again.

    Args:
        guest: Who takes it.
        number: The effect's.
        outcome: What became of it, as `guest.seen` or `guest.observe` says.
        is_own: Whether a value is one that this interface asked for.
        other: What is said of the number where it is not: `asks no server`.
    """
    if outcome is None:
        return refusal(faults.REQUEST_PENDING, f"request {number}")
    if isinstance(outcome, Err):
        if outcome.payload[0] != faults.UNKNOWN_REQUEST:
            guest.forget(number)
        return outcome
    if not is_own(outcome):
        return refusal(faults.UNKNOWN_REQUEST, f"request {number} {other}")
    guest.forget(number)
    return outcome
