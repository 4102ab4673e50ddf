"""Host work costs a guest about what it costs the host: no call is cheaper than a loop."""

from __future__ import annotations

import gc
from time import process_time

import pytest

from tests.hostile import commands
from tests.hostile.attack import GUESTS, MIB, SCRIPTED, attack, attacker

FUEL, WORK = 250_000_000, 100_000_000
"""In the proportion of the defaults."""
SLACK = 0.15
"""Seconds of CPU time for all that a run costs beside the attack."""


def spent(messages, agents, folder=GUESTS):
    """CPU time of this process, all its threads together, in seconds."""
    gc.collect()
    gc.freeze()  # what this process has besides is no cost of the attack
    try:
        start = process_time()
        found = attack(messages, agents, folder=folder)
        return process_time() - start, found.codes
    finally:
        gc.unfreeze()


@pytest.fixture(scope="module")
def endless():
    """What an endless loop costs until it is ended."""
    time, codes = spent([("evil", "loop", "")], {"evil": attacker(fuel=FUEL)})
    assert codes == ["fuel"]
    return time


@pytest.mark.parametrize(
    "topic",
    [
        *("clock", "keys", "logs", "short-logs", "sends", "big-sends"),
        *("requests", "timers", "state"),
    ],
)
def test_calls_without_end(endless, topic):
    evil = attacker(fuel=FUEL, work=WORK, memory=16 * MIB)
    order = f"send evil {topic} 0:"
    time, codes = spent(
        [("victim", "script", order)], {"evil": evil, "victim": {"source": SCRIPTED}}
    )
    assert "host-work" in codes
    assert time < 3 * endless + SLACK


@pytest.mark.parametrize("name", ["HANDLES", "POLL", "RANDOM_AGAIN"])
def test_resources_without_end(endless, name, tmp_path):
    (tmp_path / "testing").symlink_to(GUESTS / "testing")
    (tmp_path / "evil.wasm").write_bytes(getattr(commands, name))
    evil = {"evil": attacker("evil.wasm", fuel=FUEL, work=WORK)}
    spent([], evil, tmp_path)  # compiled by now
    time, codes = spent([("evil", "any", "text")], evil, tmp_path)
    assert codes == ["host-work"]
    assert time < 3 * endless + SLACK


@pytest.mark.parametrize("topic", ["headers", "amplify", "wait-list", "reply"])
def test_one_large_call(endless, topic):
    evil = attacker(fuel=FUEL, work=WORK, memory=32 * MIB)
    order = f"send evil {topic} 6:500000"
    agents = {"evil": evil, "victim": {"source": SCRIPTED}}
    # What neighbours take of the machine's caches is in some of the times, and not in the least.
    time = min(spent([("victim", "script", order)], agents)[0] for _ in range(3))
    assert time < 3 * endless + SLACK
