"""A process that dies under an agent is that agent's trouble, and nobody else's."""

from __future__ import annotations

import os
import signal

import pytest

from wasm_engine import inspect
from wasm_engine import replay as replayed
from wasm_engine.agents.isolated.worker import Worker
from wasm_engine.concepts.errors import ReplayDivergence, WorkerLost
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Control, Kind
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import Run, World, isolation

GOOD = [("good", f"set k{n} {n};ask-timeout 3000000 good script 1:x") for n in range(3)]
DEADLY = ["abort", "crash", "leave", "break"]


def went(world: World, messages, file=None, **options):
    """What came of a run: status of each part, states, controls, chain."""
    with world.begin(file, **options) as run:
        for to, script in messages:
            run.execution.receive(to, "script", ("text", script), [])
        run.execution.go(Until())
        return told(run)


def told(run: Run):
    parts, controls = [], []
    for entry in run.file.entries():
        body = entries.decode(entry.kind, entry.body)
        if entry.kind == Kind.STEP:
            parts += [(s.agent, s.message, s.part, s.status, s.fuel) for s in body.segments]
        elif isinstance(body, Control) and body.op == "host-crash":
            controls.append(body.args)
    states = {name: a.state for name, a in run.execution.scheduler.world.agents.items()}
    return parts, states, controls, run.file.chain


@pytest.mark.parametrize("how", DEADLY)
def test_the_agent_fails_and_nobody_else_notices(faulty, world_of, tmp_path, how):
    world = world_of(evil="process", good="thread", other="process")
    messages = [
        ("evil", "set a 1"),
        ("evil", f"set b 1;log {how}"),
        ("evil", "set c 1"),
        ("other", "set a 1"),
        *GOOD,
    ]
    parts, states, controls, chain = went(world, messages, tmp_path / "a.run", workers=2)
    assert [row[3] for row in parts if row[0] == "evil"] == ["done", "failed:host-crash", "done"]
    assert [row[4] for row in parts if row[3] == "failed:host-crash"] == [0]
    assert {key: states["evil"].get(key) for key in "abc"} == {"a": "1", "b": None, "c": "1"}
    ((step, agent, message, attempt, _),) = controls
    assert (step, agent, message, attempt) == (1, "evil", 2, 0)

    harmless = [("evil", "set b 1") if "log" in row[1] else row for row in messages]
    well = went(world, harmless)
    assert [row for row in parts if row[0] != "evil"] == [r for r in well[0] if r[0] != "evil"]
    assert {**states, "evil": None} == {**well[1], "evil": None}

    assert replayed(tmp_path / "a.run").identical
    with Run.open(tmp_path / "a.run") as run:
        run.execution.replay()
        assert told(run) == (parts, states, controls, chain)


def test_what_is_replayed_needs_no_processes(faulty, world_of, tmp_path, monkeypatch):
    world = world_of(evil="process")
    went(world, [("evil", "log abort"), ("evil", "set a 1")], tmp_path / "a.run")
    monkeypatch.setattr(isolation, "is_isolated", lambda _kind: False)
    assert replayed(tmp_path / "a.run").identical


@pytest.mark.parametrize("lifecycle", ["message", "resident"])
def test_agents_that_share_the_process_are_made_again(faulty, world_of, lifecycle):
    world = world_of(evil={"isolation": "process", "count": 3, "lifecycle": lifecycle})
    first = [("evil/1", "touch;ask-timeout 5000000 evil/2 script 7:set a 1"), ("evil/3", "touch")]
    with world.begin() as run:
        for to, script in first:
            run.execution.receive(to, "script", ("text", script), [])
        run.execution.go(Until(max_steps=1))
        run.execution.receive("evil/2", "script", ("text", "log abort"), [])
        run.execution.receive("evil/3", "script", ("text", "touch"), [])
        run.execution.go(Until())
        parts, *_ = told(run)
    assert [row[3] for row in parts if row[0] == "evil/2"].count("failed:host-crash") == 1
    calm = [(r[0], r[2], r[3]) for r in parts if r[0] != "evil/2"]
    assert all(status in ("done", "suspended") for _, _, status in calm)
    assert ("evil/1", 1, "done") in calm


def test_a_message_that_waits_for_a_reply_of_who_crashed_is_told(faulty, world_of, tmp_path):
    world = world_of(evil="process", good="thread")
    file = tmp_path / "a.run"
    parts, states, *_ = went(world, [("good", "ask evil script 9:log abort")], file)
    assert ("evil", 2, 0, "failed:host-crash", 0) in parts
    assert "failed" in states["good"]["trace"]
    assert inspect(file).dead_letters


class Killed:
    """Kills the process when it asks back for the nth time."""

    def __init__(self, monkeypatch, times: int) -> None:
        self.left, self.pids = times, []
        answered = Worker._answer

        def killing(worker, fetched):
            def then(fetch):
                if self.left:
                    self.left -= 1
                    self.pids.append(worker._cell.pid)
                    os.kill(worker._cell.pid, signal.SIGKILL)
                return fetched(fetch)

            return answered(worker, then)

        monkeypatch.setattr(Worker, "_answer", killing)


SCRIPT = (
    "start p b script 9:reply yes;set a 1;send b script 7:set x 1;now;ask b script 8:reply no;log x"
)


@pytest.mark.parametrize("lifecycle", ["message", "resident"])
def test_a_part_whose_process_is_killed_runs_once_more(world_of, monkeypatch, lifecycle):
    table = {"isolation": "process", "lifecycle": lifecycle}
    world = world_of(a=table, b="thread")
    messages = [("a", SCRIPT), ("a", SCRIPT)]
    calm = went(world, messages)
    killed = Killed(monkeypatch, 1)
    assert went(world, messages) == calm
    assert len(killed.pids) == 1
    assert calm[2] == []


def test_one_that_is_killed_twice_fails(world_of, monkeypatch):
    world = world_of(a="process", b="thread")
    killed = Killed(monkeypatch, 2)
    parts, _, controls, _ = went(world, [("a", SCRIPT), ("a", SCRIPT)])
    assert parts[0] == ("a", 1, 0, "failed:host-crash", 0)
    assert parts[1][3] == "suspended"
    assert controls == [[1, "a", 1, 0, "it was ended by SIGKILL"]]
    assert len(set(killed.pids)) == 2


def test_a_faulty_host_function_is_still_only_that(faulty, world_of):
    here = world_of(evil="thread")
    parts, *_ = went(world_of(evil="process"), [("evil", "log raise")])
    assert [row[3] for row in parts] == ["failed:host-error"]
    assert [row[3] for row in went(here, [("evil", "log x")])[0]] == ["done"]


def test_a_crash_while_a_run_is_verified_is_the_machines(world_of, tmp_path, monkeypatch):
    world = world_of(a="process", b="thread")
    went(world, [("a", SCRIPT)], tmp_path / "a.run")
    Killed(monkeypatch, 2)
    with Run.open(tmp_path / "a.run") as run, pytest.raises(WorkerLost):
        run.execution.replay()


def test_a_crash_that_nobody_had_is_a_divergence(world_of, tmp_path):
    world = world_of(a="process")
    with world.begin(tmp_path / "a.run") as run:
        kind, body = entries.encode(Control("host-crash", [1, "a", 9, 0, "made up"]))
        run.file.append(kind, body, durable=False)
        run.execution.receive("a", "script", ("text", "set a 1"), [])
        run.execution.go(Until())
    with Run.open(tmp_path / "a.run") as run, pytest.raises(ReplayDivergence, match="died"):
        run.execution.replay()


def test_a_crash_of_which_the_step_was_lost_is_taken_by_a_resume(world_of, tmp_path):
    world = world_of(a="process")
    with world.begin(tmp_path / "a.run") as run:
        run.execution.receive("a", "script", ("text", "set a 1"), [])
        run.execution.receive("a", "script", ("text", "set b 1"), [])
        kind, body = entries.encode(
            Control("host-crash", [1, "a", 1, 0, "it was ended by SIGABRT"])
        )
        run.file.append(kind, body, durable=True)
    with Run.open(tmp_path / "a.run", write=True) as run:
        run.execution.replay()
        run.execution.go(Until())
        parts, _, controls, _ = told(run)
    assert [row[3] for row in parts] == ["failed:host-crash", "done"]
    assert len(controls) == 1
    assert replayed(tmp_path / "a.run").identical
