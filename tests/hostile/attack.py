"""Runs a hostile agent in a world of well-behaved ones, and says what came of all of them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.hostile import footprint
from wasm_engine.journal import entries
from wasm_engine.journal.entries import StepBody
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import Run, World

GUESTS = Path(__file__).parents[2] / "guests"
PROBE = "testing/probe/probe.wasm"
MIB = 1 << 20
SCRIPTED = "testing/scripted/scripted.wasm"


BOUNDS: Mapping[str, Any] = {
    "fuel": 20_000_000,
    "work": 50_000_000,
    "memory": 4 * MIB,
    "disk": 1 * MIB,
}
"""What the attackers of these tests may use: little, so that the tests are fast."""
PEAK = 64 * MIB
"""Most memory that an attack within these bounds may cost the host."""

GOOD: Mapping[str, Any] = {"source": SCRIPTED, "count": 3, "memory": 8 * MIB}
# Nobody is asked by two others at once: the order of a step is not what these tests are about.
GOOD_MESSAGES = (
    (
        "good/1",
        "script",
        "set before 1;ask good/2 script 21:#!incr n;reply answer;"
        "schedule t 5000000 script 6:incr n;set after 1",
    ),
    ("good/1", "script", "incr n;ask good/2 script 11:#!reply yes"),
    ("good/3", "script", "set before 1;schedule t 9000000 script 11:set after 1"),
)

_NUMBER = re.compile(r"(?<=on:)\d+|(?<=schedule:ok:)\d+")

Message = tuple[str, str, str | bytes]


class Outcome(NamedTuple):
    """What came of an attack.

    Attributes:
        status: How the run ended.
        codes: How each message of the attacker ended: its code, or `done`.
        states: What the agents that are not well-behaved keep.
        good: What the well-behaved agents keep.
        fuel, work: What the attacker spent.
        peak: Bytes of memory that the process needed more for it, at its highest.
        journal: Bytes of the steps' records, and of what lies beside them.
        logs: Lines logged by the attacker.
        chain: The head of the run's chain.
    """

    status: str
    codes: list[str]
    states: dict[str, dict[str, Any]]
    good: dict[str, dict[str, Any]]
    fuel: int
    work: int
    peak: int
    journal: int
    logs: list[str]
    chain: str


def manifest(agents: Mapping[str, Any], **sections: Any) -> dict[str, Any]:
    """A world of these agents and three well-behaved ones."""
    world = {"name": "attacked", **sections.pop("world", {})}
    return {"world": world, "agents": {"good": dict(GOOD), **agents}, **sections}


def attacker(source: str | Path = PROBE, **settings: Any) -> dict[str, Any]:
    """The table of an agent within the bounds."""
    return {**BOUNDS, "source": str(source), "expect-failure": True, **settings}


def give(run: Run, messages: Iterable[Message]) -> None:
    """Puts messages from outside into a run."""
    for to, topic, value in messages:
        body = ("bytes", value) if isinstance(value, bytes) else ("text", value)
        run.execution.receive(to, topic, body, [])


def attack(
    messages: Sequence[Message],
    agents: Mapping[str, Any] | None = None,
    *,
    folder: Path = GUESTS,
    workers: int = 1,
    max_live: int = 4096,
    **sections: Any,
) -> Outcome:
    """Runs a world in which somebody is up to no good, to its end.

    The well-behaved agents must come through as if they had been alone.
    """
    found = {"evil": attacker()} if agents is None else agents
    world = World.from_mapping(manifest(found, **sections), folder)
    with footprint.peak() as peak, world.begin(workers=workers, max_live=max_live) as run:
        give(run, [*GOOD_MESSAGES, *messages])
        outcome = told(run, run.execution.go(Until(max_steps=1000)))
    outcome = outcome._replace(peak=peak.extra)
    assert outcome.good == undisturbed()
    return outcome


def told(run: Run, status: str) -> Outcome:
    """What the run and its journal say."""
    codes, logs, fuel, work, journal = [], [], 0, 0, 0
    for entry in run.file.entries():
        body = entries.decode(entry.kind, entry.body)
        if not isinstance(body, StepBody):
            continue
        journal += len(entry.body) + len(entry.detail or b"")
        dead = {row[0]: row[3] for row in body.dead}
        lines = entries.decode_detail(entry.detail, len(body.segments)).logs if entry.detail else []
        for number, segment in enumerate(body.segments):
            if segment.agent.startswith("good"):
                continue
            fuel, work = fuel + segment.fuel, work + segment.work
            logs += [text for _, text in lines[number]] if lines else []
            if not segment.status.startswith(("suspended", "cut", "retry")):
                codes.append(dead.get(segment.message, "done"))
    agents = run.execution.scheduler.world.agents
    good = {a: _comparable(it.state) for a, it in agents.items() if a.startswith("good")}
    states = {a: dict(it.state) for a, it in agents.items() if a not in good}
    return Outcome(status, codes, states, good, fuel, work, 0, journal, logs, run.file.chain)


def _comparable(state: Mapping[str, Any]) -> dict[str, str]:
    """A scripted agent's state without the numbers of messages and timers, which others move."""
    kept = {key: value for key, value in state.items() if not key.startswith("timer/")}
    return {key: _NUMBER.sub("#", value) for key, value in kept.items()}


@functools.cache
def undisturbed() -> dict[str, dict[str, Any]]:
    """What the well-behaved agents keep when nobody disturbs them."""
    world = World.from_mapping(manifest({"evil": attacker()}), GUESTS)
    with world.begin() as run:
        give(run, GOOD_MESSAGES)
        assert run.execution.go(Until(max_steps=1000)) == "idle"
        good = told(run, "idle").good
    assert good["good/1"]["after"] == "1"
    return good
