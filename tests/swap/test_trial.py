"""A component that fails at once is taken back, and nothing of it is left."""

from __future__ import annotations

import pytest

from tests.swap.conftest import TOKENIZERS, go, replayed, resumed, starts, states, told, world_of


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


def test_the_history_says_so_and_is_the_same_after_a_kill(parts, tmp_path, killed):
    file, chains = tmp_path / "back.run", set()
    for at in range(3):
        run = _run(parts, "late", file)
        run.swap("tokenizer", parts / "tokenizer-odd.wasm", keep_old=30)
        for step in range(8):
            go(run, 1)
            if step == at:  # on trial, as it comes back, after that
                run.execution.checkpoints.make()
        killed(run, file)
        with resumed(file) as run:
            go(run)
            assert states(run) == [{"count": "21"}] * TOKENIZERS
            assert [row[2] for row in told(run)] == ["swap-back"]
            chains.add(run.file.chain)
        chains.add(replayed(file))
        file.unlink()
    assert len(chains) == 1


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
