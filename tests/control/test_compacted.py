"""Of a run that was compacted everything can be looked at that it still holds."""

from __future__ import annotations

import pytest

from wasm_engine.concepts.errors import Misuse
from wasm_engine.control.bisection import bisect
from wasm_engine.control.differences import diff
from wasm_engine.control.forks import fork
from wasm_engine.control.inspection import Wanted, inspect
from wasm_engine.control.keeping import compact
from wasm_engine.control.replays import replay
from wasm_engine.control.travel import Journey
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

LAST, FIRST = 40, 34


@pytest.fixture
def whole(world, tmp_path):
    """A run that was stopped every other step, and has checkpoints of that."""
    file = tmp_path / "whole.run"
    start = ("a", "start", ("text", f"{LAST - 2} b"))
    with World.load(world).begin(file, inputs=[start]) as run:
        while run.execution.go(Until(max_steps=2)) == "stopped":
            pass
    return file


@pytest.fixture
def short(whole, tmp_path):
    file = tmp_path / "short.run"
    assert compact(whole, file, step=FIRST + 1).step == FIRST
    return file


def test_steps_that_were_kept_are_as_they_were(whole, short):
    for step in range(FIRST + 1, LAST + 1):
        wanted = Wanted(messages=True, state=True)
        one = inspect(whole, step=step, wanted=wanted)
        other = inspect(short, step=step, wanted=wanted)
        assert (other.step, other.time, other.state) == (one.step, one.time, one.state)
        assert other.messages == tuple(m for m in one.messages if m.step > FIRST)
    assert inspect(short, step=FIRST).time == inspect(whole, step=FIRST).time


def test_a_journey_begins_where_the_run_does(whole, short):
    with Journey.open(short) as journey, Journey.open(whole) as other:
        assert (journey.step, journey.first, journey.steps) == (FIRST, FIRST, LAST)
        while journey.forward():
            other.seek(journey.step)
            assert journey.messages() == other.messages()
            assert journey.waiting("a") == other.waiting("a")
        assert journey.back(1_000)
        assert (journey.step, journey.back()) == (FIRST, False)


def test_steps_that_were_left_out_are_not_there(short, tmp_path):
    for look in (
        lambda: inspect(short, step=FIRST - 1),
        lambda: replay(short, start=FIRST),
        lambda: fork(short, at=FIRST - 1, out=tmp_path / "fork.run"),
    ):
        with pytest.raises(Misuse, match=f"was compacted, and begins after step {FIRST}"):
            look()


def test_what_is_left_is_replayed_compared_and_forked(whole, short, tmp_path):
    report = replay(short)
    assert (report.identical, report.since, report.steps) == (True, FIRST, LAST - FIRST)
    assert bisect(short).divergence is None
    assert diff(whole, short).same
    fork(short, at=FIRST + 3, out=tmp_path / "fork.run")
    assert inspect(tmp_path / "fork.run").steps == FIRST + 3
