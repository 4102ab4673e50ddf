"""How an instance came to be shows nowhere: the same chain with images and without, however many
instances are kept for later, and whoever runs them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from tests.model.observed import play, world_of
from tests.model.worlds import cases
from tests.replay.golden_worlds import GUESTS, WORLDS
from wasm_engine.agents import pristine
from wasm_engine.agents.pristine import Policy
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

QUICK = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
NEVER = Policy(images=False)
POLICIES = [
    Policy(),
    Policy(idle=0),
    Policy(idle=1),
    # Each is laid over the image, however little it would take to make it anew.
    Policy(idle=0, dear=-1),
    Policy(idle=2, dear=-1),
]


def with_policy(policy, play):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pristine, "POLICY", policy)
        return play()


@QUICK
@given(case=cases())
def test_images_decide_nothing(case):
    def told(workers=1):
        world = world_of(case.kinds, mailbox=case.mailbox)
        return play(world.begin(workers=workers), case.inputs)

    without = with_policy(NEVER, told)
    for policy in POLICIES:
        assert with_policy(policy, told) == without
        assert with_policy(policy, lambda: told(4)) == without


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("workers", [1, 4])
def test_nor_do_they_where_agents_sleep_ask_and_are_cut(name, workers):
    def chain():
        with World.from_mapping(located(WORLDS[name]), GUESTS).begin(workers=workers) as run:
            run.execution.go(Until())
            return run.file.chain

    without = with_policy(NEVER, chain)
    assert {with_policy(policy, chain) for policy in POLICIES} == {without}


def located(world):
    """The world with sources found from the folder of all guests."""
    agents = {
        name: {**kind, "source": f"{kind['source'].removesuffix('.wasm')}/{kind['source']}"}
        for name, kind in world["agents"].items()
    }
    return {**world, "agents": agents}
