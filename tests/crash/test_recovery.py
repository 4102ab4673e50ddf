"""Worlds that are killed: whatever the instant and the disk, they come to the end they had come to.

A few kills of many: `make crash N=200` does the rest.
"""

from __future__ import annotations

import copy

import pytest

from tests.crash import disk
from tests.crash.disk import FLAVOURS
from tests.crash.recording import operations
from tests.crash.trial import Blow, Lost, tell
from tests.crash.worlds import RUN
from wasm_engine.concepts.errors import BadRunFile, Misuse
from wasm_engine.control import runs

TICK = 0.25


@pytest.mark.parametrize("share", range(4))
def test_from_what_is_left_at_every_instant_the_run_goes_on(short, home, share):
    """Of two commands that were recorded: the disk after each of their operations."""
    now, places = copy.deepcopy(short.beginning), set(operations(short.records))
    resumed, never_begun = 0, []
    for number, record in enumerate(short.records):
        now.apply(record)
        if number not in places or number % 4 != share:
            continue
        image = now.after_failure(FLAVOURS[(number // 4) % len(FLAVOURS)], number)
        disk.lay_out(image, home, index=b"anything" * 4096)
        try:
            report = runs.resume(home / "work" / RUN)
        except (BadRunFile, Misuse):
            never_begun.append(number)
            continue
        assert (report.status, report.chain) == ("idle", short.idle), f"after record {number}"
        resumed += 1
    # Once a run has begun it is never again none: what cannot be resumed lies at the beginning.
    assert resumed > 20
    assert all(number < 60 for number in never_begun)


STRIKES = [
    ("while it begins", [Blow(kill=9, flavour="torn")]),
    ("between two syncs", [Blow(kill=60, flavour="some", seed=2)]),
    ("as it closes", [Blow(), Blow(kill=35, flavour="sectors", seed=3)]),
    ("while a message is put in", [Blow(), Blow(), Blow(kill=12, flavour="late")]),
    (
        "and twice more while it recovers",
        [
            *(Blow(kill=64, flavour="lost"), Blow(kill=20, flavour="torn", seed=4)),
            Blow(kill=30, flavour="sectors", seed=5),
        ],
    ),
]


@pytest.mark.parametrize("blows", [it[1] for it in STRIKES], ids=[it[0] for it in STRIKES])
def test_a_killed_program_leaves_what_a_resumed_one_needs(short, machine, blows):
    told = tell(machine, short.story, blows, tick=TICK)
    assert told.chain == short.told.chain
    assert machine.command("replay", RUN).status == 0


def test_what_was_killed_is_what_the_log_says(short, machine):
    """The model of the disk is no dream: all that survives, survives as it is in the folder."""
    words = short.story.commands[0]
    for kill in (30, 70):
        assert machine.command(*words, kill=kill, tick=TICK).killed
        assert machine.disk.after_failure("kept") == machine.files()
        machine.fail_power("lost")
        for path in machine.work.iterdir():
            path.unlink()


@pytest.mark.parametrize("flavour", ["lost", "some", "late", "sectors"])
def test_without_syncs_what_was_promised_is_lost(short, machine, flavour):
    """The suite finds what it is for: a program that syncs nothing does not come through it."""
    with pytest.raises(Lost):
        tell(machine, short.story, [Blow(sync="lie", flavour=flavour, seed=1)], tick=TICK)
