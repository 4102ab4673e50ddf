"""The record of a step: the canonical array that enters the chain, and the detail beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from msgspec import Struct

from wasm_engine.concepts import canonical
from wasm_engine.concepts.message import Body
from wasm_engine.orchestrator.agent import Agent
from wasm_engine.orchestrator.part import FAILED, NO_CALLS, RETRY, Part

Sent = tuple[int, str, str, Body, Sequence[tuple[str, str]], int | None]
"""A message as the record holds it: id, receiver, topic, body, headers, request."""


class Ran(Struct, eq=False):
    """One part of one agent's step, as it was committed."""

    agent: Agent
    part: Part
    sends: list[Sent]


class StepRecord(Struct, eq=False):
    """What is kept of one step: a `journal.entries.StepBody` or `ComputedStep`, and the detail."""

    body: bytes
    detail: bytes | None


class Recorder(Protocol):
    """Where step records go: a journal, or the comparison with one."""

    def step(self, number: int, record: StepRecord) -> None:
        """Takes the record of a step that has just been committed."""


def encode_step(
    step: int,
    time: int,
    ran: Sequence[Ran],
    turns: Sequence[tuple[Any, ...]],
    ended: Sequence[tuple[int, str, Body | None]],
    dead: Sequence[tuple[int, str, str, str]],
    timers: Sequence[tuple[int, str, int]],
) -> StepRecord:
    """The canonical record of a step."""
    segments = [_row(each.agent.address, each.part, each.sends) for each in ran]
    fields: tuple[Any, ...] = (step, time, segments, turns, ended, dead, timers)
    if any(each.part.computed for each in ran):
        fields = (*fields, [each.part.computed for each in ran])
    return StepRecord(canonical.encode(fields), _detail(ran))


def _row(address: str, part: Part, sends: list[Sent]) -> tuple[Any, ...]:
    status = part.status
    if status in (FAILED, RETRY):
        status = f"{status}:{part.code}"
    return (
        address, part.message.id, part.attempt, part.number, status,
        part.fuel, part.work, part.digest, sends,
    )  # fmt: skip


def _detail(ran: Sequence[Ran]) -> bytes | None:
    """Calls, logs and sums of answers of each part; None where there are none at all."""
    calls, logs, told, anything = [], [], [], False
    for each in ran:
        part = each.part
        # What the guest said about its own failure is the last line of its log.
        lines = [*part.logs, ("error", part.detail)] if part.detail else part.logs
        calls.append(part.calls)
        logs.append(lines)
        told.append(part.told)
        anything = anything or bool(lines) or part.calls != NO_CALLS or bool(part.told)
    return canonical.encode((calls, logs, told)) if anything else None
