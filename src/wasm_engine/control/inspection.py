"""Looks at a run as of any step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from wasm_engine.concepts.errors import Misuse
from wasm_engine.control import history
from wasm_engine.control.history import AgentRow, CallRow, LogRow, MessageRow, RequestRow
from wasm_engine.control.moment import utc_text
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.orders import whole
from wasm_engine.control.replays import states_at
from wasm_engine.control.reports import DeadLetter, Report
from wasm_engine.journal.runfile import RunFile


class Wanted(NamedTuple):
    """Which parts a look is about."""

    messages: bool = False
    state: bool = False
    calls: bool = False
    log: bool = False


_NOTHING = Wanted()


@dataclass(frozen=True, slots=True)
class InspectReport(Report):
    """What a look found; parts that were not wanted are null.

    Attributes:
        step: As of the end of which step.
        steps: How many steps the run holds.
        time: World time then, in UTC.
        messages: With `requests`: those that ended, of all agents or of the messages shown.
        state: What each agent keeps, by address and key.
    """

    world: str
    run: str
    seed: int
    step: int
    steps: int
    time: str
    chain: str
    agents: tuple[AgentRow, ...]
    dead_letters: tuple[DeadLetter, ...]
    messages: tuple[MessageRow, ...] | None = None
    requests: tuple[RequestRow, ...] | None = None
    state: dict[str, dict[str, Any]] | None = None
    calls: tuple[CallRow, ...] | None = None
    log: tuple[LogRow, ...] | None = None


def inspect(
    file: str | Path,
    *,
    step: int | None = None,
    agent: str | None = None,
    wanted: Wanted = _NOTHING,
    observer: Observer = UNOBSERVED,
) -> InspectReport:
    """Looks at a run.

    Args:
        file: The run.
        step: As of the end of which step; the last one if not given.
        agent: Only what one agent sent, received, called, logged or keeps.
        wanted: Which parts. Only `state` runs the world again.
        observer: Who watches.

    Raises:
        BadRunFile: It is no run file, or damaged.
        Misuse: There is no such step or agent.
        ReplayDivergence: For the state: the run does not replay.

    Example:
        >>> report = inspect("kept.run", step=2, wanted=Wanted(messages=True))
        >>> [(m.sender, m.to, m.body) for m in report.messages][:2]
        [('operator', 'a', {'text': '20 b'}), ('a', 'b', {'text': '20'})]
    """
    if step is not None:
        whole("step", step, 0)
    with RunFile.open(Path(file), verify=True) as run:
        past = history.read(run, step)
        if step is not None and step > past.steps:
            raise Misuse(f"{file}: there is no step {step}; the last one is {past.steps}")
        if agent is not None and agent not in past.agents:
            raise Misuse(f"{file}: nothing was heard of an agent {agent!r} by then")
        state = states_at(file, past.step, observer) if wanted.state else None
        return _report(run, past, agent, wanted, state)


def _report(
    run: RunFile,
    past: history.History,
    agent: str | None,
    wanted: Wanted,
    state: dict[str, dict[str, Any]] | None,
) -> InspectReport:
    def ours(address: str) -> bool:
        return agent is None or address == agent

    messages = tuple(m for m in past.messages if ours(m.sender) or ours(m.to))
    asked = {m.request for m in messages}
    return InspectReport(
        world=run.header.world,
        run=run.run_id,
        seed=run.header.seed,
        step=past.step,
        steps=past.steps,
        time=utc_text(past.time),
        chain=run.chain,
        agents=tuple(row for _, row in sorted(past.agents.items()) if ours(row.address)),
        dead_letters=tuple(row for row in past.dead if ours(row.agent)),
        messages=messages if wanted.messages else None,
        requests=tuple(r for r in past.requests if r.request in asked) if wanted.messages else None,
        state=None if state is None else {a: kept for a, kept in state.items() if ours(a)},
        calls=tuple(row for row in past.calls if ours(row.agent)) if wanted.calls else None,
        log=tuple(row for row in past.log if ours(row.agent)) if wanted.log else None,
    )
