"""Looks at a run as of any step."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from wasm_engine.agents.stored_material import models_of
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control import history
from wasm_engine.control.budget_rows import BudgetRow, budgets_of
from wasm_engine.control.chats import ChatRow, TokenRow, chats_of, tokens_of
from wasm_engine.control.effect_rows import EffectRow
from wasm_engine.control.history import AgentRow, CallRow, LogRow, MessageRow, RequestRow
from wasm_engine.control.memory import (
    MemoryRow,
    Region,
    require_memory,
    rows,
    summaries,
)
from wasm_engine.control.model_rows import model_rows
from wasm_engine.control.moment import utc_text
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.orders import whole
from wasm_engine.control.pages import MAX_TEXT, MIN_TEXT
from wasm_engine.control.replays import go_to, open_at, states_of
from wasm_engine.control.reports import DeadLetter, ModelRow, Refusal, Report
from wasm_engine.control.step_entries import beginning, last_step, require_step
from wasm_engine.control.swap_rows import SwapRow, rows_of
from wasm_engine.journal.runfile import RunFile
from wasm_engine.world import Run


class Wanted(NamedTuple):
    """Which parts a look is about.

    Attributes:
        memory: The linear memories; what is in them only where one agent is named.
        against: Only what of them differs from what they were at the end of this step.
        region: Only this part of one of them: its number, an address, and a length (None: to the
            end).
        strings: Only the texts in them with at least so many characters.
        budgets: What is spent of the world's budgets.
        chats: Questions to language models, and their answers.
    """

    messages: bool = False
    state: bool = False
    calls: bool = False
    log: bool = False
    memory: bool = False
    against: int | None = None
    region: tuple[int, int, int | None] | None = None
    strings: int | None = None
    budgets: bool = False
    chats: bool = False

    def checked(self, agent: str | None) -> Wanted:
        """Itself, if a look at one agent, or at all of them, can be about that.

        Raises:
            Misuse: It cannot.
        """
        if (self.against, self.region, self.strings) != (None, None, None):
            if not self.memory:
                raise Misuse("against, region and strings are about memory: ask for that, too")
            if agent is None:
                raise Misuse("against, region and strings are about one agent's memory: name it")
        if self.against is not None:
            whole("against", self.against, 0)
        if self.region is not None:
            memory, address, length = self.region
            for number in (memory, address, length or 0):
                whole("each number of a region", number, 0)
        if self.strings is not None:
            whole("strings", self.strings, MIN_TEXT, MAX_TEXT)
        if self.strings is not None and self.against is not None:
            raise Misuse("against shows what differs, strings what is there: not both at once")
        return self


_NOTHING = Wanted()


@dataclass(frozen=True, slots=True)
class InspectReport(Report):
    """What a look found; parts that were not wanted are null.

    Attributes:
        step: As of the end of which step.
        steps: How many steps the run holds.
        time: World time then, in UTC.
        bytes: What the file takes, packed: of its `journal`, its `contents`, its `checkpoints`.
        messages: With `requests`: those that ended, of all agents or of the messages shown.
        state: What each agent keeps, by address and key.
        memory: The linear memories of those agents that have some then: the suspended, and those
            that live on between messages.
        refusals: With `calls`: those that the policy in force refused.
        effects: With `messages` or `calls`: what was asked of the outside, and how it ended.
        budgets: What is spent, by budget, by whose it is.
        swaps: What kinds run other than they began with, and what became of that.
        models: The models that it asks on the machine that it runs on, as they were at first.
        chats: Questions to language models, and their answers.
        tokens: With `chats`: what they cost, by agent and model.
    """

    world: str
    run: str
    seed: int
    step: int
    steps: int
    time: str
    chain: str
    bytes: dict[str, int]
    agents: tuple[AgentRow, ...]
    dead_letters: tuple[DeadLetter, ...]
    messages: tuple[MessageRow, ...] | None = None
    requests: tuple[RequestRow, ...] | None = None
    state: dict[str, dict[str, Any]] | None = None
    calls: tuple[CallRow, ...] | None = None
    log: tuple[LogRow, ...] | None = None
    memory: tuple[MemoryRow, ...] | None = None
    effects: tuple[EffectRow, ...] | None = None
    refusals: tuple[Refusal, ...] | None = None
    budgets: tuple[BudgetRow, ...] | None = None
    swaps: tuple[SwapRow, ...] = ()
    models: tuple[ModelRow, ...] = ()
    chats: tuple[ChatRow, ...] | None = None
    tokens: tuple[TokenRow, ...] | None = None

    def as_json(self) -> dict[str, Any]:
        """The report as plain values for JSON."""
        memory = None if self.memory is None else [row.as_json() for row in self.memory]
        return {**asdict(replace(self, memory=None)), "memory": memory}


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
        wanted: Which parts. Only `state`, `memory` and `budgets` run the world again.
        observer: Who watches.

    Raises:
        BadRunFile: It is no run file, or damaged.
        Misuse: There is no such step, agent or part of a memory.
        ReplayDivergence: For state, memory and budgets: the run does not replay.

    Example:
        >>> report = inspect("kept.run", step=2, wanted=Wanted(messages=True))
        >>> [(m.sender, m.to, m.body) for m in report.messages][:2]
        [('operator', 'a', {'text': '20 b'}), ('a', 'b', {'text': '20'})]
    """
    if step is not None:
        whole("step", step, 0)
    wanted.checked(agent)
    with RunFile.open(Path(file), verify="all") as run:
        last = last_step(run)
        for number in (step, wanted.against):
            if number is not None:
                require_step(run, file, number, last)
        past = history.read(run, step)
        if agent is not None and agent not in past.agents:
            raise Misuse(f"{file}: nothing was heard of an agent {agent!r} by then")
        report = _report(run, past, agent, wanted)
        models = model_rows(models_of(run))
        report = replace(report, swaps=tuple(rows_of(run, step)), models=models)
        cut = beginning(run) == past.step > 0
    if cut:  # what came before was left out, and with it what time it is
        with open_at(file, past.step, observer=observer) as stood:
            report = replace(report, time=utc_text(stood.execution.scheduler.world.time))
    if not wanted.state and not wanted.memory and not wanted.budgets:
        return report
    return _executed(file, report, agent, wanted, observer)


def _executed(
    file: str | Path, report: InspectReport, agent: str | None, wanted: Wanted, observer: Observer
) -> InspectReport:
    """Adds what only a re-execution shows: one, to the earliest step that is wanted and on."""
    later = report.step if wanted.against is None else wanted.against
    first, *others = sorted({report.step, later})
    with open_at(file, first, observer=observer) as run:
        go_to(run, first, observer)
        found = {first: _seen(run, agent, wanted)}
        for step in others:
            go_to(run, step, observer)
            found[step] = _seen(run, agent, wanted)
    seen, before = found[report.step], None
    if wanted.against is not None:
        before = found[wanted.against].memory
    return replace(
        report,
        state=seen.state,
        memory=seen.rows if agent is None else _rows(agent, seen.memory, before, wanted),
        budgets=seen.budgets,
    )


class _Seen(NamedTuple):
    """What is to be seen of a run where it stands."""

    state: dict[str, dict[str, Any]] | None
    rows: tuple[MemoryRow, ...] | None
    memory: list[bytes] | None
    budgets: tuple[BudgetRow, ...] | None


def _seen(run: Run, agent: str | None, wanted: Wanted) -> _Seen:
    state = states_of(run) if wanted.state else None
    if state is not None and agent is not None:
        state = {agent: state[agent]} if agent in state else {}
    budgets = budgets_of(run, agent) if wanted.budgets else None
    if not wanted.memory:
        return _Seen(state, None, None, budgets)
    if agent is not None:
        return _Seen(state, None, require_memory(run, agent), budgets)
    return _Seen(state, tuple(summaries(run)), None, budgets)


def _rows(
    agent: str, memory: list[bytes] | None, before: list[bytes] | None, wanted: Wanted
) -> tuple[MemoryRow, ...] | None:
    if memory is None:
        return None
    region = None if wanted.region is None else Region(*wanted.region)
    return tuple(rows(agent, memory, before, region, wanted.strings))


def _report(
    run: RunFile, past: history.History, agent: str | None, wanted: Wanted
) -> InspectReport:
    def ours(address: str) -> bool:
        return agent is None or address == agent

    messages = tuple(m for m in past.messages if ours(m.sender) or ours(m.to))
    requested = {m.request for m in messages}
    effects = (row for row in past.effects if ours(row.agent))
    asked = tuple(chats_of(effects)) if wanted.chats else ()
    return InspectReport(
        world=run.header.world,
        run=run.run_id,
        seed=run.header.seed,
        step=past.step,
        steps=past.steps,
        time=utc_text(past.time),
        chain=run.chain,
        bytes=run.sizes()._asdict(),
        agents=tuple(row for _, row in sorted(past.agents.items()) if ours(row.address)),
        dead_letters=tuple(row for row in past.dead if ours(row.agent)),
        messages=messages if wanted.messages else None,
        requests=tuple(r for r in past.requests if r.request in requested)
        if wanted.messages
        else None,
        calls=tuple(row for row in past.calls if ours(row.agent)) if wanted.calls else None,
        log=tuple(row for row in past.log if ours(row.agent)) if wanted.log else None,
        refusals=tuple(r for r in past.refusals if ours(r.agent)) if wanted.calls else None,
        effects=tuple(row for row in past.effects if ours(row.agent))
        if wanted.messages or wanted.calls
        else None,
        chats=asked if wanted.chats else None,
        tokens=tuple(tokens_of(asked)) if wanted.chats else None,
    )
