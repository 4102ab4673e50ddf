"""A component that fails at once is taken back, and nothing of it is left."""

from __future__ import annotations

import pytest

from tests.swap.conftest import TOKENIZERS, go, replayed_from_each, starts, states, told, world_of
from wasm_engine.journal.entries import Control
from wasm_engine.world import World


def _run(parts, config, file=None, *, rounds=20, **how):
    run = world_of(parts, config).begin(file, inputs=starts(rounds), **how)
    go(run, 5)
    return run


@pytest.mark.parametrize("workers", [1, 3])
def test_one_that_traps_is_taken_back_and_the_old_one_handles_the_message(parts, workers):
    with _run(parts, "trap", workers=workers) as run:
        before = states(run)
        run.swap("tokenizer", parts / "tokenizer-odd.wasm")
        go(run, 1)
        assert [row[2:] for row in told(run)] == [("swap-back", "ok")]
        assert states(run) == before
        assert run.kinds.replaced == []
        go(run)
        assert states(run) == [{"count": "21"}] * TOKENIZERS
        assert run.execution.scheduler.totals.dead_letters == 0


def test_the_history_says_so_and_is_the_same_from_wherever_it_is_executed_again(parts, tmp_path):
    file = tmp_path / "back.run"
    with _run(parts, "late", file) as run:
        run.swap("tokenizer", parts / "tokenizer-again.wasm", keep_old=1000)
        go(run, 5)
        run.swap("tokenizer", parts / "tokenizer-odd.wasm", keep_old=30)
        for _ in range(4):
            go(run, 1)
        go(run)
        assert [row[2] for row in told(run)] == ["swap-back"]
        assert run.execution.scheduler.totals.dead_letters == 0
    assert replayed_from_each(file) > 4


def test_a_message_that_fails_with_either_leads_back_and_is_a_dead_letter_of_the_old_one(
    parts, tmp_path
):
    file = tmp_path / "poison.run"
    world = World.from_mapping({"agents": {"a": {"source": "scripted.wasm"}}}, parts)
    with world.begin(file) as run:
        run.swap("a", parts / "scripted-again.wasm", keep_old=5)
        for script in ("touch", "touch", "trap", "touch", "touch"):
            run.execution.receive("a", "script", ("text", script), [])
            go(run)
        assert told(run) == [(3, "a", "swap-back", "ok")]
        assert run.execution.scheduler.totals.dead_letters == 1
    assert replayed_from_each(file) > 4


def test_what_cannot_be_taken_back_stays_whatever_else_fails(parts, tmp_path):
    file = tmp_path / "stays.run"
    with _run(parts, "late", file) as run:
        run.change(Control("edit", ["state", "tokenizer/1", "count", "0"]))
        run.change(Control("edit", ["state", "tokenizer/3", "count", "0"]))
        run.swap(
            "tokenizer", parts / "tokenizer-odd.wasm"
        )  # it may migrate, and two of three write
        for _ in range(4):
            go(run, 1)
        go(run)
        assert [row[2] for row in told(run)] == ["swap-kept"]
        assert run.execution.scheduler.totals.dead_letters == TOKENIZERS  # each at its third one
    assert replayed_from_each(file) > 4


def test_without_a_trial_it_stays_and_what_it_fails_at_is_dead(parts):
    with _run(parts, "trap") as run:
        run.swap("tokenizer", parts / "tokenizer-odd.wasm", keep_old=0)
        go(run)
        assert told(run) == []
        assert run.execution.scheduler.totals.dead_letters == TOKENIZERS
        assert len(run.kinds.replaced) == 1


def test_after_its_trial_it_stays_whatever_it_fails_at(parts):
    with _run(parts, "late") as run:
        run.swap("tokenizer", parts / "tokenizer-again.wasm", keep_old=3)
        go(run, 2)
        assert [row[2] for row in told(run)] == ["swap-kept"]


def test_what_comes_back_is_the_last_one_that_stood_its_trial(parts):
    with _run(parts, "trap") as run:
        old = run.kinds.programs["tokenizer"]
        run.swap("tokenizer", parts / "tokenizer-again.wasm", keep_old=1000)
        go(run, 2)
        run.swap("tokenizer", parts / "tokenizer-odd.wasm", keep_old=1)
        go(run)
        assert run.kinds.programs["tokenizer"] is old
        assert states(run) == [{"count": "21"}] * TOKENIZERS


def test_a_swap_to_the_old_one_while_it_could_come_back_takes_everything_back(parts):
    with _run(parts, "migrate") as run:
        before = states(run)
        run.swap("tokenizer", parts / "tokenizer-next.wasm")
        assert states(run) != before
        run.swap("tokenizer", parts / "tokenizer.wasm")
        assert (states(run), run.kinds.replaced) == (before, [])
        go(run)
        assert run.execution.scheduler.totals.dead_letters == 0
