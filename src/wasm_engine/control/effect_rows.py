"""Effects as rows for people: who asked the outside for what, when, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from wasm_engine.concepts.faults import TIMEOUT
from wasm_engine.control.plain_values import plain
from wasm_engine.control.reports import Report
from wasm_engine.journal.entries import AnyBody, Intent, Result, StepBody


@dataclass(frozen=True, slots=True)
class EffectRow(Report):
    """A request to the outside.

    Attributes:
        number: Its own.
        step: When it was issued, to go out.
        agent: Who asked.
        message: The message that it was handling.
        attempt: 0, or how often that was begun anew.
        call: Ordinal of the call within the segment.
        capability: What carries it out: `http`, `human`, `models` and so on.
        arguments: What was asked for.
        arrived: The step at whose start its result arrived, or null.
        outcome: `["ok", value]` or `["err", code, detail]`, or null; `["sha256", digest]` where the
            run keeps no more.
    """

    number: int
    step: int
    agent: str
    message: int
    attempt: int
    call: int
    capability: str
    arguments: list[Any]
    arrived: int | None = None
    outcome: list[Any] | None = None


class Effects:
    """Finds them in a journal's entries, read in their order.

    Attributes:
        rows: By number.
    """

    def __init__(self) -> None:
        self.rows: dict[int, EffectRow] = {}

    def read(self, body: AnyBody) -> None:
        """Takes one entry."""
        if isinstance(body, Intent):
            self.rows[body.number] = EffectRow(
                body.number, body.step, body.agent, body.message, body.attempt, body.call,
                body.capability, plain(list(body.arguments)),
            )  # fmt: skip
        elif isinstance(body, Result) and body.number in self.rows:
            row = self.rows[body.number]
            self.rows[body.number] = replace(row, arrived=body.step, outcome=plain(body.outcome))
        elif isinstance(body, StepBody):
            for number, _, message in body.timers:
                if number in self.rows and not message:  # world time has come, and no answer
                    row, ended = self.rows[number], ["err", TIMEOUT, ""]
                    self.rows[number] = replace(row, arrived=body.step, outcome=ended)


def effects_of(bodies: Iterable[AnyBody]) -> list[EffectRow]:
    """The effects of entries, in the order in which they were issued."""
    effects = Effects()
    for body in bodies:
        effects.read(body)
    return list(effects.rows.values())
