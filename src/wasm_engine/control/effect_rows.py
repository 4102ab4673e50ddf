"""Effects as rows for people: who asked the outside for what, when, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from wasm_engine.concepts.effect import MODELS
from wasm_engine.concepts.faults import TIMEOUT
from wasm_engine.control.plain_values import plain
from wasm_engine.control.reports import Report
from wasm_engine.journal.entries import AnyBody, ComputedStep, Intent, Result, StepBody


@dataclass(frozen=True, slots=True)
class EffectRow(Report):
    """A request to the outside, or to a model that computes at once.

    Attributes:
        number: Its own; 0 of one that was computed within its step.
        step: When it was issued, to go out.
        agent: Who asked.
        message: The message that it was handling.
        attempt: 0, or how often that was begun anew.
        call: Ordinal of the call within the segment.
        capability: What carries it out: `http`, `human`, `models` and so on.
        arguments: What was asked for; of what was computed at once its form and the model, where
            something came of it: the rest is among the arguments of the call.
        arrived: The step at whose start its result arrived, or in which it was computed, or null.
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
        rows: By number; what was computed at once by numbers below 0.
    """

    def __init__(self) -> None:
        self.rows: dict[int, EffectRow] = {}

    def read(self, body: AnyBody) -> None:
        """Takes one entry."""
        if isinstance(body, ComputedStep):
            self._computed(body)
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

    def _computed(self, body: ComputedStep) -> None:
        for segment, rows in zip(body.segments, body.computed, strict=True):
            for call, outcome in rows:
                about = outcome[1][:2] if outcome[0] == "ok" else []
                self.rows[-len(self.rows) - 1] = EffectRow(
                    0, body.step, segment.agent, segment.message, segment.attempt, call, MODELS,
                    about, body.step, plain(outcome),
                )  # fmt: skip


def effects_of(bodies: Iterable[AnyBody]) -> list[EffectRow]:
    """The effects of entries, in the order in which they were issued."""
    effects = Effects()
    for body in bodies:
        effects.read(body)
    return list(effects.rows.values())
