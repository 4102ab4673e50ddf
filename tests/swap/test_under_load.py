"""Swaps in a world that never stops: nothing is lost, and what happened can be executed again."""

from __future__ import annotations

import pytest

from tests.swap.conftest import TOKENIZERS, go, replayed, resumed, starts, states, told, world_of
from wasm_engine.world import Run

SWAPS = 100
ROUNDS = 110


def swap_and_go(run: Run, parts, many: range) -> None:
    """Swaps once in each step; each time to the other one of two."""
    for number in many:
        name = "tokenizer-again" if number % 2 == 0 else "tokenizer"
        run.swap("tokenizer", parts / f"{name}.wasm", keep_old=number % 3)
        go(run, 1)


@pytest.fixture(scope="module")
def chain(parts):
    """The chain of a run with a hundred swaps in it."""
    with world_of(parts).begin(inputs=starts(ROUNDS)) as run:
        swap_and_go(run, parts, range(SWAPS))
        assert go(run) == "idle"
        assert states(run) == [{"count": str(ROUNDS + 1)}] * TOKENIZERS
        assert run.execution.scheduler.totals.dead_letters == 0
        assert any(operation == "swap-kept" for _, _, operation, _ in told(run))
        return run.file.chain


def test_no_message_is_lost_in_a_hundred_swaps_and_workers_do_not_matter(chain, parts):
    with world_of(parts).begin(inputs=starts(ROUNDS), workers=3) as run:
        swap_and_go(run, parts, range(SWAPS))
        go(run)
        assert run.file.chain == chain


def test_a_run_that_is_killed_and_resumed_between_swaps_has_the_same_history(
    chain, parts, tmp_path, killed
):
    file = tmp_path / "killed.run"
    run = world_of(parts).begin(file, inputs=starts(ROUNDS))
    for first in range(0, SWAPS, 25):
        swap_and_go(run, parts, range(first, first + 17))
        run.execution.checkpoints.make()  # what follows it is executed again
        swap_and_go(run, parts, range(first + 17, first + 25))
        killed(run, file)
        run = resumed(file)
    with run:
        go(run)
        assert run.file.chain == chain
    assert replayed(file, workers=3) == chain
