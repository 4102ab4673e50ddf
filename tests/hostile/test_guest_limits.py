"""What one message may use: fuel, host work, memory, disk. Whoever takes more is ended by name."""

from __future__ import annotations

import pytest

from tests.hostile.attack import BOUNDS, MIB, PEAK, attack, attacker

EVIL = "evil"


@pytest.mark.parametrize(
    ("topic", "body", "code"),
    [
        ("loop", "", "fuel"),
        ("clock", "", "host-work"),
        ("keys", "", "host-work"),
        ("memory", "", "refused"),
        ("memory-at-once", "", "refused"),
        ("memory-at-once", "64", "refused"),
        ("stack", "", "stack-exhausted"),
        ("reply", "3000000", "no-request"),
        ("logs", "", "host-work"),
        ("short-logs", "", "host-work"),
        ("sends", "", "host-work"),
        ("big-sends", "", "host-work"),
        ("requests", "", "host-work"),
        ("timers", "", "host-work"),
        ("state", "", "host-work"),
        ("nesting", "1000000", "too-large"),
        ("headers", "100000", "too-large"),
        ("amplify", "100000", "trap"),
        ("wait-list", "100000", "unknown-request"),
        ("bad-text", "", "trap"),
        ("bad-pointer", "", "trap"),
        ("bad-size", "", "trap"),
        ("bad-level", "", "trap"),
        ("bad-result", "", "trap"),
        ("unreachable", "", "unreachable"),
        ("divide", "0", "integer-divide-by-zero"),
        ("bounds", "", "out-of-bounds-memory"),
        ("indirect", "", "out-of-bounds-table"),
    ],
)
def test_it_is_ended_by_name_and_costs_the_host_little(topic, body, code):
    found = attack([(EVIL, topic, body)])
    assert found.codes == [code]
    assert found.status == "idle"
    assert found.fuel <= BOUNDS["fuel"]
    assert found.peak < PEAK
    assert found.journal < 4 * MIB
