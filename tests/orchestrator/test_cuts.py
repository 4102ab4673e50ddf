"""Computations that are cut at a fuel slice: they go on in the next step, and nothing shows it."""

from __future__ import annotations

import pytest

from tests.model.observed import play, play_in_parts, replay, world_of
from tests.model.parts import Kind
from tests.model.script_language import quoted

BURN = "burn 4000000"
"""28 million of fuel: one cut, or two."""
STEP_FUEL = 20_000_000
HELPING = quoted("ask", "a/2", "script", f"now;{BURN};random;{BURN};reply yes")
LONG = f"incr n;{BURN};now;{HELPING};{BURN};{HELPING};get n;random;{BURN};step;get step;now;set n 9"


def world(*kinds):
    return world_of(kinds or (Kind("a", count=2),), fuel=400_000_000, step_fuel=STEP_FUEL)


def rows(told, address):
    return [row for step in told.steps for row in step.segments if row[0] == address]


@pytest.mark.parametrize("resident", [False, True])
def test_neither_threads_nor_eviction_nor_replay_show(tmp_path, resident):
    made = world(Kind("a", count=2, resident=resident))
    inputs = [(0, "a/1", "script", LONG), (1, "a/2", "script", BURN)]
    first = play(made.begin(), inputs)
    statuses = [row[4] for row in rows(first, "a/1")]
    assert statuses == ["cut", "suspended", "cut", "suspended", "cut", "done"]
    assert first.states["a/1"]["n"] == "9"
    kept = tmp_path / "kept.run"
    assert play(made.begin(kept, workers=4, max_live=0), inputs) == first
    assert replay(kept, max_live=1)._replace(status="idle") == first


def test_mail_waits_until_a_cut_computation_is_over():
    told = play(world().begin(), [(0, "a/1", "script", BURN), (1, "a/1", "t", "x")])
    assert [row[1] for row in rows(told, "a/1")] == [1, 1, 2]
    assert told.states["a/1"]["trace"].splitlines()[-1] == "got:t:operator:x"


def test_whoever_computes_is_not_stuck():
    inputs = [(0, "a/1", "script", f"{BURN};reply late"), (0, "a/2", "script", "ask a/1 t x")]
    told = play(world().begin(), inputs)
    assert "ask:err:no-reply" in told.states["a/2"]["trace"]


def test_an_endless_loop_that_committed_nothing_has_just_failed():
    told = play(world().begin(), [(0, "a/1", "script", "set k v;loop")])
    assert [row[4] for row in rows(told, "a/1")] == ["cut"] * 19 + ["failed:fuel"]
    assert [letter for step in told.steps for letter in step.dead] == [(1, "a/1", "failed", "fuel")]
    assert told.states["a/1"] == {}


def test_what_fails_after_a_cut_is_tried_again_first_in_line():
    script = f"now;{BURN};fail odd x"
    told = play(
        world(Kind("a", count=2, retries=1)).begin(),
        [(0, "a/1", "script", script), (0, "a/1", "t", "x")],
    )
    tried = [(row[1], row[2], row[4]) for row in rows(told, "a/1")]
    assert tried == [
        (1, 0, "cut"),
        (1, 0, "retry:odd"),
        (1, 1, "cut"),
        (1, 1, "failed:odd"),
        (2, 0, "done"),
    ]


def test_a_computation_is_stopped_where_it_is_cut():
    kinds = (Kind("a", count=2, grants=("stop:a/*",)),)
    inputs = [(0, "a/1", "script", "loop"), (2, "a/2", "script", "stop a/1")]
    told = play(world(*kinds).begin(), inputs)
    assert len(rows(told, "a/1")) == 3
    assert [letter for step in told.steps for letter in step.dead] == [(1, "a/1", "stopped", "")]


def test_a_rebuilt_guest_is_refused_nothing_twice():
    made = world_of((Kind("a", count=2, send_to=("a/2",)),))
    script = "send a/1 t x;ask a/2 t x;ask a/2 t x;send a/1 t x"
    counts = []
    for live in (10, 0):
        run = made.begin(max_live=live)
        play(run, [(0, "a/1", "script", script)])
        counts.append(run.execution.scheduler.totals.denials)
    assert counts == [2, 2]


def test_what_was_sent_before_a_cut_is_not_lost_where_the_run_is_resumed(tmp_path):
    inputs = [(0, "a/1", "script", f"send a/2 t x;{BURN};send a/2 t y")]
    first = play(world().begin(), inputs)
    assert [row[4] for row in rows(first, "a/1")] == ["cut", "done"]
    parted = play_in_parts(world(), tmp_path / "parted.run", inputs, 1)
    assert parted == first
    assert parted.states["a/2"]["trace"] == "got:t:a/1:x\ngot:t:a/1:y\n"


def test_mail_to_whom_was_stopped_meanwhile_is_dead(tmp_path):
    made = world(Kind("a"), Kind("b", grants=("stop:c",)), Kind("c"))
    script = f"send c t x;start r c t y;{BURN};{BURN};wait-any r;take r"
    inputs = [(0, "a", "script", script), (1, "b", "script", "stop c")]
    kept = tmp_path / "kept.run"
    told = play(made.begin(kept), inputs)
    assert [row[4] for row in rows(told, "a")] == ["cut", "cut", "suspended", "done"]
    dead = [letter for step in told.steps for letter in step.dead]
    assert [(letter[1], letter[2]) for letter in dead] == [("c", "stopped")] * 2
    assert "take:err:stopped" in told.states["a"]["trace"]
    assert replay(kept, max_live=0)._replace(status="idle") == told
