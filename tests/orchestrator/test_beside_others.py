"""What an unruly agent does to the steps of 100 well-behaved ones: nothing."""

from __future__ import annotations

import pytest

from tests.model.observed import play, world_of
from tests.model.parts import Kind
from tests.model.script_language import quoted

STEPS, BOUND = 12, 256
KINDS = (Kind("meek", count=100), Kind("unruly", count=2))
FUEL = 300_000_000

FLOOD = "repeat 20 23:flood unruly/2 t x 1000;"
UNRULY = {
    "long computation": "burn 40000000",
    "endless loop": "loop",
    "flood": f"{FLOOD}{quoted('send', 'unruly/1', 'script', FLOOD)}",
    "two who burn in turns": "burn 4000000;ask unruly/2 script 12:burn 4000000;burn 4000000",
}


def ticks(address):
    """A script that goes on as a message to oneself, for as many steps."""
    script = "incr ticks"
    for _ in range(STEPS - 1):
        script = f"incr ticks;{quoted('send', address, 'script', script)}"
    return script


def ran(scripts):
    """The steps in which each agent ran, and what became of the world."""
    world = world_of(KINDS, mailbox=BOUND, fuel=FUEL, step_fuel=20_000_000)
    meek = [(0, address, "script", ticks(address)) for address in KINDS[0].addresses()]
    told = play(world.begin(), [*((0, "unruly/1", "script", script) for script in scripts), *meek])
    steps: dict[str, list[int]] = {}
    for step in told.steps:
        for address, *_ in step.segments:
            steps.setdefault(address, []).append(step.step)
    return steps, told


@pytest.mark.parametrize("unruly", UNRULY.values(), ids=UNRULY.keys())
def test_a_hundred_others_lose_no_step(unruly):
    steps, told = ran([unruly])
    for address in KINDS[0].addresses():
        assert steps[address] == list(range(1, STEPS + 1))
        assert told.states[address]["ticks"] == str(STEPS)
    assert len(steps["unruly/1"]) > 1


def test_a_long_computation_is_cut_in_slices():
    _, told = ran([UNRULY["long computation"]])
    own = [row for step in told.steps for row in step.segments if row[0] == "unruly/1"]
    assert [row[4] for row in own] == ["cut"] * 14 + ["done"]
    assert [row[3] for row in own] == list(range(15))
    assert told.states["unruly/1"]["trace"].endswith("burn:ok\n")


def test_a_flood_is_refused_at_the_bound_and_worked_off_in_batches():
    _, told = ran([UNRULY["flood"]])
    assert told.states["unruly/1"]["trace"].splitlines()[1:4] == [
        f"flood:{BOUND}:mailbox-full",
        "flood:0:mailbox-full",
        "flood:0:mailbox-full",
    ]
    handled = [
        sum(row[0] == "unruly/2" for row in step.segments) for step in told.steps if step.step > 1
    ]
    assert max(handled) == 64
    assert sum(handled) == told.states["unruly/2"]["trace"].count("got:t:unruly/1")
