"""What one message may use: fuel, host work, memory, disk. Whoever takes more is ended by name."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.hostile.attack import MIB, PEAK, SCRIPTED, attack, attacker

EVIL = "evil"
MOST_TRANSFER = 128 * MIB
"""What the engine copies out of a guest for one call, at most."""


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
        ("nesting", "400000", "too-large"),
        ("headers", "20000", "too-large"),
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
    agents = {"evil": attacker(), "victim": {"source": SCRIPTED}}
    order = f"send evil {topic} {len(body)}:{body}"  # so that there is somebody to flood
    found = attack([("victim", "script", order)], agents)
    assert Counter(found.codes)[code] == 1
    assert set(found.codes) <= {code, "done"}
    assert found.status == "idle"
    assert found.peak < PEAK
    assert found.journal < 4 * MIB


@pytest.mark.parametrize(("topic", "body"), [("headers", "1000000"), ("amplify", "100000")])
def test_a_list_whose_copy_is_many_times_the_guests_memory_is_not_copied(topic, body):
    """13 GB of text that all lies at the same 64 KiB; a million headers of nothing."""
    agents = {"evil": attacker(memory=16 * MIB), "victim": {"source": SCRIPTED}}
    found = attack([("victim", "script", f"send evil {topic} {len(body)}:{body}")], agents)
    assert found.codes == ["done", "transfer"]
    assert found.peak < 2 * MOST_TRANSFER + PEAK


@pytest.mark.parametrize(
    ("component", "code"),
    [
        ("start-loop", "fuel"),
        ("start-trap", "unreachable"),
        ("init-loop", "fuel"),
        ("init-trap", "unreachable"),
        ("init-memory", "out-of-bounds-memory"),
        ("init-fails", "not-today"),
        ("init-writes", "unavailable-in-init"),
        ("realloc-beyond", "trap"),
        ("realloc-loop", "fuel"),
        ("realloc-low", "done"),
    ],
)
def test_those_that_never_get_to_their_message(component, code):
    agents = {"evil": attacker(f"testing/probe/{component}.wasm", retries=3)}
    found = attack([(EVIL, "any", "text"), (EVIL, "any", "again")], agents)
    assert found.codes == [code, code]
    assert found.peak < PEAK


def test_a_guest_says_of_its_own_failure_what_a_record_can_hold():
    """Fault codes and details of megabytes, of control characters: they are in the chain."""
    evil = {"evil": attacker(SCRIPTED, fuel=200_000_000)}
    long = "x" * 300_000
    found = attack(
        [
            (EVIL, "script", f"fail {len(long)}:{long} why"),
            (EVIL, "script", f"fail broken {len(long)}:{long}"),
            (EVIL, "script", "fail 9:\x1b[2J\x00\n\u202e why"),
            (EVIL, "script", "fail my.own-code why"),
        ],
        evil,
    )
    assert found.codes == ["failed", "broken", "failed", "my.own-code"]
    assert found.journal < 200_000
    assert max(map(len, found.logs)) < 20_000


@pytest.mark.parametrize("lifecycle", ["message", "resident"])
def test_after_every_attack_the_attacker_serves_on_with_clean_memory(lifecycle):
    evil = {"evil": attacker(SCRIPTED, lifecycle=lifecycle)}
    bad = ["loop", "grow 1000;trap", "repeat 1000000 5:touch;", "set kept no;trap", "set kept yes"]
    found = attack([(EVIL, "script", script) for script in bad], evil)
    assert found.codes == ["fuel", "unreachable", "fuel", "unreachable", "done"]
    assert found.states["evil"]["kept"] == "yes"
