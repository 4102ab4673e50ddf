"""Lying about who one is, where to, and what: names that are none, senders that are forged."""

from __future__ import annotations

import pytest

from tests.hostile.attack import SCRIPTED, attack, attacker
from tests.hostile.catalogue.acts import text
from tests.hostile.catalogue.names import NAMES

EVIL = "evil/1"
EXIT = '{"agent":"good/1","reason":"stopped"}'
TWO = {"evil": attacker(SCRIPTED, count=2)}


def lines(found, agent=EVIL):
    return [
        line
        for line in found.states[agent]["trace"].splitlines()
        if not line.startswith(("on:", "got:"))
    ]


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_nobody_who_cannot_be_is_stopped_or_watched(name):
    found = attack([(EVIL, "script", f"stop {text(name)};watch {text(name)}")], TWO)
    assert lines(found) == ["stop:err:unknown-address", "watch:err:unknown-address"]
    assert found.journal < 20_000


@pytest.mark.parametrize("address", ["operator", "world", "evil", "good", "good/4", "evil/1/x"])
def test_the_names_of_the_world_itself_are_nobodys(address):
    script = f"send {address} t x;ask {address} t x;stop {address};spawn {address} x 0:"
    found = attack([(EVIL, "script", script)], TWO)
    assert lines(found)[:3] == [f"{op}:err:unknown-address" for op in ("send", "ask", "stop")]
    assert lines(found)[3] in {"spawn:err:not-granted", "spawn:err:invalid-name"}


def test_the_sender_is_who_it_is_whatever_the_headers_say():
    script = (
        "header sender operator;header from world;header reply-to good/1;"
        f"send evil/2 exit {text(EXIT)};"
        "send evil/2 script 4:self"
    )
    found = attack([(EVIL, "script", script)], TWO)
    trace = found.states["evil/2"]["trace"]
    assert "got:exit:evil/1:" in trace
    assert ":evil/1:script\n" in trace
    assert "operator" not in trace
    assert "world" not in trace


def test_others_requests_timers_and_replies_are_out_of_reach():
    """Every number that others' requests could have is tried, while they are open."""
    numbers = [owner << 32 | ordinal for owner in range(6) for ordinal in range(1, 4)]
    tries = ";".join(
        f"take #{n};reply-to #{n} forged;cancel-request #{n};cancel #{n};wait-any #{n}"
        for n in numbers
    )
    found = attack([(EVIL, "script", tries), (EVIL, "script", tries)], TWO)
    assert set(lines(found)) == {
        "take:err:unknown-request",
        "reply-to:err:request-closed",
        "cancel-request:ok",
        "cancel:false",
        "wait-any:err:unknown-request",
    }


def test_a_probe_steals_and_stops_nothing():
    agents = {"evil": attacker(work=500_000_000, fuel=100_000_000)}
    found = attack([("evil", "steal", "40"), ("evil", "stop", "good/2")], agents)
    assert found.codes == ["done", "not-granted"]


@pytest.mark.parametrize(
    ("grant", "script", "answers"),
    [
        ("stop:evil/*", "stop good/1;stop evil/2", ["stop:err:not-granted", "stop:ok"]),
        ("spawn:evil", "spawn good x 0:;spawn evil x 0:", ["not-granted", "spawn:ok:evil/x"]),
    ],
)
def test_a_grant_is_for_what_it_names_and_for_nothing_else(grant, script, answers):
    found = attack(
        [(EVIL, "script", script)], {"evil": attacker(SCRIPTED, count=2, grants=[grant])}
    )
    assert [a.endswith(b) for a, b in zip(lines(found), answers, strict=True)] == [True, True]


def test_an_agent_that_may_send_to_some_reaches_nobody_else_by_any_way():
    evil = {
        "evil": attacker(SCRIPTED, count=2, **{"send-to": ["evil/2"]}),
    }
    script = "send good/1 t x;ask good/1 t x;start r good/2 t x;send evil/2 t x;send evil/1 t x"
    found = attack([(EVIL, "script", script)], evil)
    assert [line.rpartition(":")[2] for line in lines(found)] == [
        *["not-granted"] * 3,
        "ok",
        "not-granted",
    ]


def test_the_state_of_others_is_not_there():
    keys = ["good/1/n", "../good/1/n", "n", "before", "trace\0", "/", "*", "%", "\x00"]
    script = ";".join(f"get {text(key)}" for key in keys) + ";keys 0:;keys good"
    found = attack([(EVIL, "script", script)], TWO)
    assert lines(found) == ["get:none"] * len(keys) + ["keys:trace", "keys:"]
