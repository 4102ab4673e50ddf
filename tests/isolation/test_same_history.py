"""An agent in a process of its own has the history that it has in a thread."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.isolation.conftest import SCRIPTED
from tests.model.observed import play, play_forgetting, replay, world_of
from tests.model.parts import Kind as Model
from tests.model.worlds import Case, cases
from wasm_engine.agents.isolated import views
from wasm_engine.journal.entries import Kind
from wasm_engine.orchestrator.activation import Activation
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import LATEST, Run, World, isolation

EXAMPLES_OF = Path(__file__).parents[2] / "examples"
EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(autouse=True, scope="module")
def _nothing_dies():
    """A worker process that dies says here why it did."""

    def told(_self, _world, why):
        raise AssertionError(why)

    patch = pytest.MonkeyPatch()
    patch.setattr(Activation, "crash", told)
    yield
    patch.undo()


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="MODEL_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # to shrink takes many worlds, and each of them processes
)
@given(case=cases())
def test_random_worlds_have_the_chain_that_they_have_in_threads(folder, case: Case):
    world = world_of(case.kinds, mailbox=case.mailbox)
    first = play(world.begin(), case.inputs)
    kept = folder / "kept.run"
    kept.unlink(missing_ok=True)
    isolation.POLICY.everywhere = True
    try:
        assert play(world.begin(kept, workers=2, max_live=1), case.inputs) == first
        with pytest.MonkeyPatch.context() as patch:  # nothing goes along; all is asked for
            patch.setattr(views, "FEW", -1)
            patch.setattr(views, "SMALL", -1)
            assert play_forgetting(world, case.inputs) == first
    finally:
        isolation.POLICY.everywhere = False
    assert replay(kept)._replace(status=first.status) == first


PAST = "start p b script 9:reply yes;touch;now;ask b script 8:reply no;random;log x"


@pytest.fixture
def isolated(monkeypatch):
    """Every kind runs in processes of its own, whatever its manifest says."""
    monkeypatch.setattr(isolation.POLICY, "everywhere", True)


def went(world: World, inputs, file=None, **options):
    with world.begin(file, **options) as run:
        for to, topic, text in inputs:
            run.execution.receive(to, topic, ("text", text), [])
        run.execution.go(Until())
        states = {name: a.state for name, a in run.execution.scheduler.world.agents.items()}
        return run.file.chain, states


@pytest.mark.parametrize("example", ["hello", "votes"])
def test_examples_have_the_chain_that_they_have_in_threads(example, monkeypatch):
    world = World.load(EXAMPLES_OF / example / "world.toml")
    here = went(world, [])
    monkeypatch.setattr(isolation.POLICY, "everywhere", True)
    assert went(world, []) == here


def test_only_the_header_says_how_agents_ran():
    def steps(kind):
        tables = {
            "a": {"source": "scripted.wasm", "isolation": kind, "lifecycle": "resident"},
            "b": {"source": "scripted.wasm", "isolation": kind},
        }
        with World.from_mapping({"agents": tables}, SCRIPTED).begin() as run:
            run.execution.receive("a", "script", ("text", PAST), [])
            run.execution.go(Until())
            return [(e.kind, e.body, e.detail) for e in run.file.entries(2) if e.kind == Kind.STEP]

    assert steps("process") == steps("thread") != []


def test_a_cut_message_goes_on(isolated, monkeypatch):
    """Cuts by slices of fuel fall where they fall in threads."""
    kind = {"source": "scripted.wasm"}
    tables = {"a": {**kind, "fuel": 80_000_000}, "b": kind}
    data = {"agents": tables, "limits": {"step-fuel": 20_000_000}}
    world = World.from_mapping(data, SCRIPTED)
    # One asks, is cut, and goes on: the numbers that it gave before are still its own.
    asks = "start p b script 9:reply yes;schedule s 1 t x;burn 5000000;start q b t x;take p"
    inputs = [("a", "script", "set k 1;loop"), ("b", "script", "set k 1"), ("a", "script", asks)]
    there = went(world, inputs)
    assert "start:ok:3" in there[1]["a"]["trace"]
    monkeypatch.setattr(isolation.POLICY, "everywhere", False)
    assert went(world, inputs) == there


def test_a_large_state_is_fetched_key_by_key(isolated, monkeypatch):
    script = f"set big {'x' * 20_000};set other 1"
    later = "get big;keys 0:;get other;get nothing;append other 2"
    world = world_of([Model("a")])
    inputs = [("a", "script", text) for text in (script, later, "delete big;keys 0:")]
    there = went(world, inputs)
    monkeypatch.setattr(isolation.POLICY, "everywhere", False)
    assert went(world, inputs) == there


def test_a_resume_and_a_fork_go_on(isolated, tmp_path):
    world = world_of([Model("a", resident=True), Model("b")])
    whole = went(world, [("a", "script", PAST)], tmp_path / "whole.run")
    with world.begin(tmp_path / "part.run") as run:
        run.execution.receive("a", "script", ("text", PAST), [])
        run.execution.go(Until(max_steps=2))
    with Run.open(tmp_path / "part.run", write=True, at=LATEST) as run:
        run.execution.replay()
        run.execution.go(Until())
        assert run.file.chain == whole[0]
        assert run.memory("a") == memory_here(tmp_path / "whole.run")


def memory_here(file):
    isolation.POLICY.everywhere = False
    with Run.open(file) as run:
        run.execution.replay()
        return run.memory("a")
