"""An agent in a process of its own has the history that it has in a thread."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.model.observed import play, play_forgetting, replay, world_of
from tests.model.worlds import Case, cases
from wasm_engine.orchestrator.activation import Activation
from wasm_engine.world import isolation

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(autouse=True, scope="module")
def _nothing_dies():
    """A worker process that dies says here why it did."""

    def told(_self, why):
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
        assert play_forgetting(world, case.inputs) == first
    finally:
        isolation.POLICY.everywhere = False
    assert replay(kept)._replace(status=first.status) == first
