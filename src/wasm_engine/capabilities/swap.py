"""wasm-engine:swap: what kinds of agents run, by turn calls that come last in their step."""

from __future__ import annotations

from typing import Any, Final

from wasm_engine.concepts import faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.names import is_kind, is_name
from wasm_engine.concepts.segment import Turn

GRANT: Final = "swap"
SWAP: Final = "swap.swap"
RUNNING: Final = "swap.running"
KEEP_OLD: Final = 3
"""Messages that a component that was swapped in has to handle well, before it stays for good."""
MOST_KEPT: Final = 1_000_000


def swap(guest: Caller, kind: str, to: str, keep_old: int | None) -> Any:
    """Lets a kind run one of its alternatives, from the next step on."""
    refused = _refused(guest, kind)
    if refused is not None:
        return refused
    digest = guest.agent.choice(kind, to) if is_name(to) else None
    if digest is None:
        return refusal(faults.UNKNOWN_ALTERNATIVE, f"{kind} has no such alternative")
    most = KEEP_OLD if keep_old is None else keep_old
    if most > MOST_KEPT:
        return refusal(faults.TOO_LARGE, f"keep-old is at most {MOST_KEPT}")
    forbidden = guest.authorize("swap", kind, {"to": to, "digest": digest})
    if forbidden is not None:
        return forbidden
    guest.reads(source_of(kind))
    guest.writes(source_of(kind))
    return guest.suspend(Turn(SWAP, kind, to, most))


def running(guest: Caller, kind: str) -> Any:
    """What agents of a kind run."""
    refused = _refused(guest, kind)
    if refused is not None:
        return refused
    guest.reads(source_of(kind))
    return guest.suspend(Turn(RUNNING, kind))


def source_of(kind: str) -> str:
    """What carries the labels of whoever decided what a kind runs."""
    return f"swap:{kind}"


def _refused(guest: Caller, kind: str) -> Err | None:
    if not is_kind(kind):
        return refusal(faults.INVALID_NAME, "not a kind of agent")
    if not guest.agent.may_use(GRANT, kind):
        return refusal(faults.NOT_GRANTED, f"{GRANT}:{kind}")
    return None


_NAME = "wasm-engine:swap/swap#"
FUNCTIONS = (
    HostFunction(_NAME + "swap", swap, suspends=True, shared=True),
    HostFunction(_NAME + "running", running, suspends=True, shared=True),
)
