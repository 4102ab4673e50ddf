"""A run's journal as rows for people: messages, calls, log lines, agents. Executes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from wasm_engine.agents import stored_manifest
from wasm_engine.concepts import json_text
from wasm_engine.concepts.names import OPERATOR, WORLD
from wasm_engine.concepts.segment import DENIED
from wasm_engine.control.dead_letters import DeadLetters
from wasm_engine.control.effect_rows import EffectRow, Effects, effects_of
from wasm_engine.control.notices import EXIT_TOPIC, Notice, Notices
from wasm_engine.control.plain_values import plain, plain_body
from wasm_engine.control.reports import DeadLetter, Refusal, Report
from wasm_engine.control.step_entries import beginning, entry_after, last_step
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Input, Intent, Result, Segment, StepBody
from wasm_engine.journal.runfile import RunFile


@dataclass(frozen=True, slots=True)
class MessageRow(Report):
    """A message: when it was accepted, and from whom to whom.

    Of a timer that fired the journal holds neither topic nor body: they are in the call of
    `schedule` that made it.
    """

    id: int
    step: int
    sender: str
    to: str
    topic: str | None
    body: dict[str, str] | None
    request: int | None


@dataclass(frozen=True, slots=True)
class RequestRow(Report):
    """A request that ended: when, how (`reply`, or a fault code), and the reply's body."""

    step: int
    request: int
    how: str
    body: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class CallRow(Report):
    """A call that a guest made of a host function."""

    step: int
    agent: str
    message: int
    ordinal: int
    name: str
    arguments: list[Any]


@dataclass(frozen=True, slots=True)
class LogRow(Report):
    """A line that a guest logged or printed."""

    step: int
    agent: str
    level: str
    text: str


@dataclass(slots=True)
class AgentRow(Report):
    """What an agent did so far: messages received and handled, failures, guest work."""

    address: str
    received: int = 0
    handled: int = 0
    failed: int = 0
    fuel: int = 0


@dataclass(slots=True)
class History:
    """Everything that a run's journal shows, up to a step.

    Attributes:
        steps: Steps that the run holds, whether shown or not.
        step, time: The last step that is shown, and world time in it (ns since 1970).
        agents: By address.
        effects: In the order in which they were issued.
    """

    steps: int = 0
    step: int = 0
    time: int = 0
    messages: list[MessageRow] = field(default_factory=list)
    requests: list[RequestRow] = field(default_factory=list)
    calls: list[CallRow] = field(default_factory=list)
    log: list[LogRow] = field(default_factory=list)
    agents: dict[str, AgentRow] = field(default_factory=dict)
    dead: list[DeadLetter] = field(default_factory=list)
    effects: list[EffectRow] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def read(run: RunFile, to: int | None = None) -> History:
    """The history of a run, up to a step."""
    manifest = stored_manifest.from_canonical(run.header.manifest)
    first = beginning(run)
    history = History(time=manifest.world.epoch, step=first, steps=first)
    letters, notices, effects = DeadLetters(), Notices(), Effects()
    for address in manifest.addresses():
        _agent(history, address)
    for body, detail in _bodies(run):
        if to is not None and history.steps >= to and not _belongs_to(body, to):
            break
        effects.read(body)
        told = notices.read(body)
        dead = letters.read(body, detail, told)
        if isinstance(body, Input):
            _input(history, body)
        elif isinstance(body, StepBody):
            history.steps = body.step
            _step(history, body, detail)
            _notices(history, told)
            history.dead += dead
    history.steps = last_step(run)
    history.effects = list(effects.rows.values())
    return history


def _belongs_to(body: entries.AnyBody, step: int) -> bool:
    """Whether an entry behind the record of a step tells of that step, too."""
    return isinstance(body, Intent) and body.step <= step


def read_step(run: RunFile, step: int) -> History:
    """What happened in one step: rows of that step alone, and the agents that they name.

    Finds it without reading those before it, unless it has notices: whom the world tells of an end
    follows from all that was watched before.
    """
    history = History(step=step - 1, steps=step - 1)
    if step <= beginning(run):
        return history
    first, last = entry_after(run, step - 1), entry_after(run, step) - 1
    bodies = [
        (entries.decode(entry.kind, entry.body), entry.detail)
        for entry in islice(run.entries(first), last - first + 1)
    ]
    for body, detail in bodies:
        if isinstance(body, Input):
            _input(history, body)
        elif isinstance(body, StepBody):
            history.steps = body.step
            _step(history, body, detail)
            if body.turns:
                _notices(history, _told(run, last))
    history.effects = _effects(run, step, last, [body for body, _ in bodies])
    return history


def _effects(run: RunFile, step: int, last: int, window: list[entries.AnyBody]) -> list[EffectRow]:
    """The effects that were issued in a step, and those that ended at its start."""
    issued = []
    for entry in run.entries(last + 1):
        body = entries.decode(entry.kind, entry.body)
        if not _belongs_to(body, step):
            break
        issued.append(body)
    ended = {body.number for body in window if isinstance(body, Result)}
    if not ended:
        return effects_of(issued)
    before = (entries.decode(e.kind, e.body) for e in islice(run.entries(), last))
    found = [row for row in effects_of(before) if row.number in ended]
    return found + effects_of(issued)


def _told(run: RunFile, last: int) -> list[Notice]:
    """The notices of an entry."""
    notices, told = Notices(), list[Notice]()
    for entry in islice(run.entries(), last):
        told = notices.read(entries.decode(entry.kind, entry.body))
    return told


def _bodies(run: RunFile) -> Iterator[tuple[entries.AnyBody, bytes | None]]:
    for entry in run.entries():
        yield entries.decode(entry.kind, entry.body), entry.detail


def _agent(history: History, address: str) -> AgentRow:
    return history.agents.setdefault(address, AgentRow(address))


def _input(history: History, body: Input) -> None:
    _agent(history, body.to).received += 1
    row = MessageRow(
        body.id, history.step + 1, OPERATOR, body.to, body.topic, plain_body(body.body), None
    )
    history.messages.append(row)


def _step(history: History, body: StepBody, detail: bytes | None) -> None:
    history.step, history.time = body.step, body.time
    for _, owner, message in body.timers:
        if message:
            _agent(history, owner).received += 1
            history.messages.append(MessageRow(message, body.step, owner, owner, None, None, None))
    for segment in body.segments:
        _segment(history, body.step, segment)
    for request, how, reply in body.requests:
        content = None if reply is None else plain_body(reply)
        history.requests.append(RequestRow(body.step, request, how, content))
    if detail is not None:
        _detail(history, body, entries.decode_detail(detail, len(body.segments)))


def _notices(history: History, told: list[Notice]) -> None:
    for notice in told:
        _agent(history, notice.to).received += 1
        row = MessageRow(
            notice.message, history.step, WORLD, notice.to, EXIT_TOPIC, {"text": notice.text}, None
        )
        history.messages.append(row)


def _segment(history: History, step: int, segment: Segment) -> None:
    row = _agent(history, segment.agent)
    row.fuel += segment.fuel
    row.handled += segment.status == "done"
    row.failed += segment.status.startswith("failed")
    for send in segment.sends:
        _agent(history, send.to).received += 1
        history.messages.append(
            MessageRow(
                send.id,
                step,
                segment.agent,
                send.to,
                send.topic,
                plain_body(send.body),
                send.request,
            )
        )


def _detail(history: History, body: StepBody, detail: entries.Detail) -> None:
    for segment, calls, lines in zip(body.segments, detail.calls, detail.logs, strict=True):
        for ordinal, (name, *arguments) in enumerate(calls):
            history.calls.append(
                CallRow(
                    body.step, segment.agent, segment.message, ordinal, str(name), plain(arguments)
                )
            )
        for level, text in lines:
            if level == DENIED:
                refusal = _refusal(body.step, segment, text)
                history.refusals.append(refusal)
                text = refusal.words()  # noqa: PLW2901
            history.log.append(LogRow(body.step, segment.agent, level, text))


def _refusal(step: int, segment: Segment, text: str) -> Refusal:
    """What the host noted of a call that the policy refused."""
    told = json_text.read(text)
    return Refusal(
        step,
        segment.agent,
        segment.message,
        told["call"],
        told["action"],
        told["target"],
        told["rule"],
        tuple(told["labels"]),
        told["count"],
    )
