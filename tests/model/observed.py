"""The engine, driven and seen in the terms of the reference model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.model.parts import Kind, StepLog
from wasm_engine.concepts.canonical import decode as decode_plain
from wasm_engine.concepts.canonical import sha256
from wasm_engine.journal import entries
from wasm_engine.journal.entries import StepBody
from wasm_engine.orchestrator.execution import Until
from wasm_engine.orchestrator.past import Capture
from wasm_engine.orchestrator.snapshot import decode, encode
from wasm_engine.world import LATEST, Run, World

SCRIPTED = Path(__file__).parent.parent.parent / "guests" / "testing" / "scripted"
FUEL = 5_000_000

Input = tuple[int, str, str, str]
"""After which step, and to whom, on which topic, which text."""


class Told(NamedTuple):
    """What came of a run: the record of every step, the states at its end, the journal's chain.

    `left` is the mail that nobody handled, `queued` the bytes of all that waits in the world.
    """

    status: str
    steps: list[StepLog]
    states: dict[str, dict[str, str]]
    left: dict[str, int]
    queued: int
    chain: str


def _agent(kind: Kind, fuel: int) -> dict[str, Any]:
    send_to = {} if kind.send_to is None else {"send-to": list(kind.send_to)}
    return {
        **send_to,
        "source": "scripted.wasm",
        "count": kind.count,
        "config": json.loads(kind.config),
        "subscribe": list(kind.subscribe),
        "lifecycle": "resident" if kind.resident else "message",
        "batch": kind.batch,
        "retries": kind.retries,
        "on-retry": "restart" if kind.restart else "fail",
        "grants": list(kind.grants),
        "fuel": fuel,
    }


def world_of(
    kinds: Iterable[Kind],
    *,
    mailbox: int = 1024,
    seed: int = 0,
    fuel: int = FUEL,
    step_fuel: int = 100_000_000,
) -> World:
    """A world of scripted agents."""
    data = {
        "world": {"name": "model", "mailbox": mailbox, "seed": seed},
        "limits": {"step-fuel": step_fuel},
        "agents": {kind.name: _agent(kind, fuel) for kind in kinds},
    }
    return World.from_mapping(data, SCRIPTED)


def play(run: Run, inputs: Sequence[Input] = ()) -> Told:
    """Gives the inputs, each before its step, runs to the end, and tells what came of it."""
    with run:
        for given in inputs:
            _give(run, given)
        return told(run, run.execution.go(Until()))


def _give(run: Run, given: Input) -> None:
    after, to, topic, text = given
    left = after - run.execution.scheduler.world.step
    if left > 0:
        run.execution.go(Until(max_steps=left))
    run.execution.receive(to, topic, ("text", text), [])


def play_in_parts(world: World, run_file: Path, inputs: Sequence[Input], steps: int) -> Told:
    """The same in two processes' manner: after the inputs and so many steps the run is reopened."""
    with world.begin(run_file) as run:
        for given in inputs:
            _give(run, given)
        run.execution.go(Until(max_steps=steps))
    with Run.open(run_file, write=True, at=LATEST) as run:
        run.execution.replay()
        return told(run, run.execution.go(Until()))


def play_forgetting(world: World, inputs: Sequence[Input]) -> Told:
    """The same where after each step all is told as bytes, forgotten, and put back from them."""
    with world.begin() as run:
        run.execution.scheduler.world.remembers = True
        for given in inputs:
            _give(run, given)
        status = "stopped"
        while status == "stopped":
            status = run.execution.go(Until(max_steps=1))
            _forget(run)
        return told(run, status)


def _forget(run: Run) -> None:
    scheduler, captures = run.execution.scheduler, {}

    def keep(capture: Capture) -> bytes:
        captures[capture.digest] = capture.data()
        assert sha256(captures[capture.digest]) == capture.digest
        return capture.digest

    data = encode(scheduler, keep)
    for agent in scheduler.world.agents.values():
        if agent.activation is not None:
            agent.activation.discard()
        if agent.resident is not None:
            agent.resident.close()
    programs = {a.program.kind.name: a.program for a in scheduler.world.agents.values()}
    decode(decode_plain(data), scheduler, programs, captures.__getitem__)
    assert encode(scheduler, keep) == data


def from_checkpoints(run_file: Path) -> Iterator[Told]:
    """The rest of a run done again from each of its checkpoints, with each agent's memory."""
    with Run.open(run_file) as whole:
        steps = [row.step for row in whole.file.checkpoints()]
        for at in steps:
            whole.execution.replay(to=at)
            with Run.open(run_file, at=at) as run:
                for address in run.execution.scheduler.world.agents:
                    assert run.memory(address) == whole.memory(address), (at, address)
                run.execution.replay()
                yield told(run, "replayed")


def replay(run_file: Path, **options: Any) -> Told:
    """Re-executes a run, which compares every step, and tells what came of it."""
    with Run.open(run_file, **options) as run:
        run.execution.replay()
        return told(run, "replayed")


def told(run: Run, status: str) -> Told:
    """What the journal and the agents say."""
    agents = run.execution.scheduler.world.agents
    return Told(
        status,
        [
            _step(entries.decode(e.kind, e.body))
            for e in run.file.entries()
            if e.kind == entries.Kind.STEP
        ],
        {address: _state(agent.state) for address, agent in agents.items()},
        {address: len(agent.inbox) for address, agent in agents.items()},
        run.manifest.limits.queue - run.execution.scheduler.world.queue_room(),
        run.file.chain,
    )


def _state(state: Any) -> dict[str, str]:
    """The state, but for what entropy gave, which the model does not compute."""
    return {key: "drawn" if key == "random" else value for key, value in state.items()}


def _step(body: Any) -> StepLog:
    assert isinstance(body, StepBody)
    return StepLog(
        body.step,
        body.time,
        [
            (s.agent, s.message, s.attempt, s.part, s.status, [_send(sent) for sent in s.sends])
            for s in body.segments
        ],
        [(t.agent, t.op, t.args, (t.result[0] == "ok", t.result[1])) for t in body.turns],
        [tuple(ended) for ended in body.requests],
        [tuple(dead) for dead in body.dead],
        [tuple(timer) for timer in body.timers],
    )


def _send(sent: Any) -> tuple[Any, ...]:
    headers = tuple(tuple(header) for header in sent.headers)
    return sent.id, sent.to, sent.topic, tuple(sent.body), headers, sent.request
