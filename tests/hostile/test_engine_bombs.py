"""Components that ask the engine for too much: tables, memories, instances, handles, time."""

from __future__ import annotations

import pytest

from tests.hostile import commands
from tests.hostile.attack import GUESTS, MIB, PEAK, attack, attacker

TABLES = 128 * MIB
"""What the tables of one guest may take beside its memory."""


@pytest.fixture
def play(tmp_path):
    """Runs a command among well-behaved agents."""
    (tmp_path / "testing").symlink_to(GUESTS / "testing")

    def run(wasm, **settings):
        (tmp_path / "evil.wasm").write_bytes(wasm)
        agents = {"evil": attacker("evil.wasm", **settings)}
        return attack([("evil", "any", "text")], agents, folder=tmp_path)

    return run


def test_many_memories_share_the_limit_of_one(play):
    found = play(commands.MANY_MEMORIES, memory=16 * MIB)
    assert found.codes == ["done"]
    assert found.peak < 24 * MIB


def test_many_tables_are_bounded_too(play):
    found = play(commands.MANY_TABLES, fuel=500_000_000)
    assert found.codes == ["done"]
    assert found.peak < TABLES + PEAK


@pytest.mark.parametrize(
    ("wasm", "code"),
    [
        ("TOO_MANY_MEMORIES", "memory"),
        ("HUGE_MEMORY", "memory"),
        ("TOO_MANY_TABLES", "table"),
        ("HUGE_TABLE", "table"),
        ("MANY_INSTANCES", "instances"),
        ("POLL", "host-work"),
        ("POLL_SAME", "trap"),
        ("FORGED_HANDLES", "trap"),
        ("DROPPED_TWICE", "trap"),
        ("RANDOM_AT_ONCE", "entropy"),
        ("RANDOM_AGAIN", "host-work"),
        ("SLEEP", "stuck"),
        ("NAP", "done"),
    ],
)
def test_what_it_asks_for_is_refused_by_name(play, wasm, code):
    found = play(getattr(commands, wasm))
    assert found.codes == [code]
    assert found.peak < PEAK
    assert found.journal < 2 * MIB


def test_handles_run_out_before_the_host_does(play):
    found = play(commands.HANDLES, work=2_000_000_000)
    assert found.codes == ["handles"]
    assert found.peak < PEAK
