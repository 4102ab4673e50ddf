"""What an agent did between two points at which it stopped running, as the scheduler takes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from wasm_engine.concepts import canonical
from wasm_engine.concepts.message import Message
from wasm_engine.concepts.segment import NO_LABELS, Labels, Segment

DONE: Final = "done"
PARKED: Final = "suspended"
CUT: Final = "cut"
RETRY: Final = "retry"
FAILED: Final = "failed"

MAX_INLINE_CALL = 512
"""Bytes of a call's arguments that are kept; of longer ones the digest is."""


class Part(Struct, eq=False):
    """What one agent did between two points at which it stopped running.

    Attributes:
        number: Ordinal of the part within the activation, from 0.
        status: `done`, `suspended`, `cut`, `retry` or `failed`.
        code: Why it failed, or an empty string.
        detail: What the guest itself said about it (deterministic), or an empty string.
        fuel, work: What the part spent.
        digest: The rolling digest of the agent's state after it, if it wrote.
        segment: What is to be committed; None where nothing is.
        committed: Whether a segment of the activation is, this one included.
        denials: Calls that were refused for want of a grant.
        calls: Its calls, canonical.
        told: Sums of what they were answered; see `Guest.tell`.
        logs: Its lines of log.
        labels: Of what the agent knew at its end.
        computed: What was computed for it: ordinals of calls, and outcomes as the run holds them.
        postponed: Whether a retry is begun as if there had been nothing, once a budget lets it.
        trouble: What the engine says about a failure; for people, and in no record.
        crash: How the processes ended that ran it, where they did and nobody knew before.
    """

    message: Message
    attempt: int
    number: int
    status: str
    code: str
    detail: str
    fuel: int
    work: int
    digest: bytes | None
    segment: Segment | None
    committed: bool
    denials: int
    calls: canonical.Raw
    told: bytes
    logs: list[tuple[str, str]]
    trouble: str
    labels: Labels = NO_LABELS
    crash: str = ""
    postponed: bool = False
    computed: Sequence[tuple[int, list[Any]]] = ()


NO_CALLS = canonical.raw([])


def canonical_calls(calls: list[tuple[Any, ...]]) -> canonical.Raw:
    """The calls as canonical bytes; long arguments by their digest."""
    if not calls:
        return NO_CALLS
    whole = canonical.encode(calls)
    if len(whole) <= MAX_INLINE_CALL:
        return canonical.Raw(whole)
    rows = []
    for call in calls:
        row = canonical.encode(call)
        if len(row) > MAX_INLINE_CALL:
            row = canonical.encode((call[0], "sha256", canonical.sha256(row)))
        rows.append(canonical.Raw(row))
    return canonical.raw(rows)
