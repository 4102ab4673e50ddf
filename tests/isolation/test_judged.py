"""Under a policy, and with labels, a process of its own changes nothing."""

from __future__ import annotations

import pytest

from tests.examples.test_untrusted_plugin import dictionary, look, world  # noqa: F401
from tests.flow.conftest import folder, play, sent, tables  # noqa: F401
from tests.flow.test_ways import REFUSED
from wasm_engine.control import inspection, replays, runs
from wasm_engine.orchestrator.activation import Activation
from wasm_engine.world import isolation


@pytest.fixture(autouse=True)
def _nothing_dies(monkeypatch):
    """A worker process that dies says here why it did."""

    def told(_self, _world, why):
        raise AssertionError(why)

    monkeypatch.setattr(Activation, "crash", told)


def refusals(file):
    report = inspection.inspect(file, wanted=inspection.Wanted(state=True, calls=True, log=True))
    return report.refusals, report.log, report.state


def is_carrier(kind):
    return kind.name.startswith("carrier")


def test_every_way_is_closed_as_in_threads(folder, monkeypatch):  # noqa: F811
    file = play(folder)
    here, chain = refusals(file), replays.replay(file).chain
    file.unlink()
    monkeypatch.setattr(isolation, "is_isolated", is_carrier)
    file = play(folder)
    assert sent(file) == REFUSED
    assert refusals(file) == here
    report = replays.replay(file)
    assert (report.identical, report.chain) == (True, chain)
