"""What the seed decides, and what it does not; and that the number of workers decides nothing."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.model.observed import play, world_of
from tests.model.parts import Kind
from tests.model.worlds import cases

QUICK = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SEEDS = st.integers(0, 2**63 - 1)


def bodies(world, inputs):
    """The step records as they enter the chain, and what was told of them."""
    run = world.begin()
    recorded = []
    append = run.file.append

    def seen(kind, body, **how):
        recorded.append((int(kind), bytes(body)))
        return append(kind, body, **how)

    run.file.append = seen
    told = play(run, inputs)
    return [body for kind, body in recorded if kind == 4], told


@pytest.mark.parametrize("workers", [2, 4])
@QUICK
@given(case=cases(), seed=SEEDS)
def test_workers_decide_nothing(workers, case, seed):
    world = world_of(case.kinds, mailbox=case.mailbox, seed=seed)
    one = play(world.begin(), case.inputs)
    assert play(world.begin(workers=workers), case.inputs) == one


@QUICK
@given(case=cases(), seeds=st.tuples(SEEDS, SEEDS))
def test_the_seed_never_decides_who_sends_what(case, seeds):
    """Scripts do not look at what they draw, so the seed shows in nothing but the drawn values."""
    one, two = (
        bodies(world_of(case.kinds, mailbox=case.mailbox, seed=seed), case.inputs) for seed in seeds
    )
    assert one[1].steps == two[1].steps
    assert one[1].states == two[1].states
    drew = any("random" in state for state in one[1].states.values())
    if not drew and not any(step.dead for step in one[1].steps):
        assert one[0] == two[0]


INPUTS = ((0, "a/1", "script", "send a/2 script 11:random;now;"),)


@pytest.mark.parametrize("again", [7, 8])
def test_another_seed_is_another_history_where_entropy_is_drawn(again):
    kinds = (Kind("a", count=2),)
    one, _ = bodies(world_of(kinds, seed=7), INPUTS)
    two, _ = bodies(world_of(kinds, seed=again), INPUTS)
    assert one[0] == two[0]
    assert (one[1] == two[1]) == (again == 7)


def test_the_same_seed_is_the_same_chain():
    kinds = (Kind("a", count=2),)
    chains = {play(world_of(kinds, seed=7).begin(), INPUTS).chain for _ in range(3)}
    assert len(chains) == 1
