"""The committed components in a real world: they work, and what is hostile is contained."""

from __future__ import annotations

import json

import pytest

from tests.guests.stock_world import GUESTS
from wasm_engine.concepts.errors import BadComponent
from wasm_engine.world import World

SCRIPTED = {"source": "testing/scripted/scripted.wasm", "count": 3}
PING = {"source": "testing/ping/ping.wasm", "count": 2, "lifecycle": "resident"}
PROBE = {
    "source": "testing/probe/probe.wasm",
    "expect-failure": True,
    "fuel": 20_000_000,
    "work": 1_000_000,
    "memory": "4 MiB",
}
ENDLESS = ["logs", "short-logs", "sends", "big-sends", "requests", "timers", "state", "keys"]


def test_ping_pong(play):
    played = play({"ping": PING}, [("ping/1", "start", "20 ping/2")])
    assert played.step == 22
    assert {status for _, _, status, _ in played.parts} == {"done"}


def test_the_programmable_agent_asks_waits_and_is_answered(play):
    script = (
        "ask a/2 script 10:reply hey!; start n a/2 script 5:touch; wait-any n; take n;"
        "schedule t 5000000 tick z; random; incr done"
    )
    played = play({"a": SCRIPTED}, [("a/1", "script", script)])
    assert played.trace("a/1") == [
        *("ask:ok:hey!", "start:ok:2", "wait-any:ok:n", "take:err:no-reply", "schedule:ok:3"),
        *("random:ok", "incr:ok:1", "got:tick:a/1:z"),
    ]
    assert played.trace("a/2") == ["reply:ok", "touch:1"]


def test_a_chain_of_100_scripts(play):
    script = "reply done"
    for hop in range(100):
        script = f"ask a/{hop % 3 + 1} script {len(script)}:{script}"
    # Each asks the next, who is sooner or later one that waits: that one is not re-entered.
    played = play({"a": SCRIPTED}, [("a/1", "script", script)])
    ends = [line for name in played.state for line in played.trace(name)]
    assert "ask:err:deadlock" in ends


@pytest.mark.parametrize(("lifecycle", "count"), [("message", 1), ("resident", 3)])
def test_memory_lives_as_long_as_the_manifest_says(play, lifecycle, count):
    played = play({"a": SCRIPTED | {"lifecycle": lifecycle}}, [("a/1", "script", "touch")] * 3)
    assert played.trace("a/1")[-1] == f"touch:{count}"


def test_a_reducers_sum(play):
    agents = {"t": {"source": "testing/tally/tally.wasm"}, "a": SCRIPTED}
    played = play(
        agents, [("t", "add", "5"), ("t", "add", "6"), ("a/1", "script", "send t tell x")]
    )
    assert played.trace("a/1") == ["send:ok", "got:sum:t:11"]


def test_a_searcher_answers_a_request(play):
    agents = {"s": {"source": "std/searcher/searcher.wasm"}, "a": SCRIPTED}
    document = "fox\tThe fox\nThe quick brown fox."
    messages = [("s", "index", document), ("a/1", "script", "send a/2 script 17:ask s search fox;")]
    (line,) = play(agents, messages).trace("a/2")
    (hit,) = json.loads(line.removeprefix("ask:ok:"))
    assert hit["text"] == "The quick brown fox."


@pytest.mark.parametrize(
    ("topic", "body", "codes"),
    [
        ("loop", "", {"fuel"}),
        ("memory", "", {"refused", "memory"}),
        ("memory-at-once", "", {"refused", "memory"}),
        ("stack", "", {"stack-exhausted"}),
        ("nesting", "200000", {"too-large", "host-work"}),
        ("amplify", "100000", {"trap", "host-work", "transfer"}),
        ("wait-list", "10", {"unknown-request"}),
        ("bad-text", "", {"trap"}),
        ("bad-pointer", "", {"trap"}),
        ("bad-size", "", {"trap"}),
        ("bad-level", "", {"trap"}),
        ("bad-result", "", {"trap"}),
        ("unreachable", "", {"unreachable"}),
        ("divide", "0", {"integer-divide-by-zero"}),
        ("bounds", "", {"out-of-bounds-memory"}),
        ("indirect", "", {"out-of-bounds-table"}),
        *((topic, "", {"host-work", "fuel", "queue"}) for topic in ENDLESS),
    ],
)
def test_what_the_probe_tries_ends_it_and_nobody_else(play, topic, body, codes):
    script = f"send probe {topic} {len(body)}:{body}; send a/2 script touch"
    played = play({"probe": PROBE, "a": SCRIPTED}, [("a/1", "script", script)])
    assert played.parts[-1][:3] == ("probe", topic, "failed")
    assert played.parts[-1][3] in codes
    assert played.trace("a/1") == ["send:ok", "send:ok"]
    assert played.trace("a/2") == ["touch:1"]
    assert played.state["probe"] == {}


def test_the_probe_speaks_for_nobody_and_takes_nothing(play):
    script = "send probe forge x; send probe steal 3; send probe stop a/2; schedule t 1 tick x"
    probe = PROBE | {"work": 10_000_000}
    played = play({"probe": probe, "a": SCRIPTED}, [("a/1", "script", script)])
    assert "got:exit:probe:{}" in played.trace("a/1")
    assert "got:tick:a/1:x" in played.trace("a/1")
    ends = {topic: code for _, topic, status, code in played.parts if status == "failed"}
    assert ends == {"stop": "not-granted"}
    assert "a/2" in played.state


def _world(name):
    return World.from_mapping(
        {"world": {"name": "w"}, "agents": {"x": {"source": f"testing/probe/{name}.wasm"}}}, GUESTS
    )


@pytest.mark.parametrize(
    "name",
    [
        *("core-module", "no-exports", "other-export", "wrong-type", "unknown-import"),
        *("feature-exceptions", "feature-garbage-collection", "feature-memory64"),
        *("feature-shared-memory", "feature-two-memories"),
    ],
)
def test_a_component_that_is_wrong_is_refused_by_name(name):
    with pytest.raises(BadComponent, match=f"{name}.wasm") as refused:
        _world(name)
    assert "\n" not in str(refused.value).partition("\n  ")[0]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("start-loop", {"fuel"}),
        ("start-trap", {"unreachable"}),
        ("init-loop", {"fuel"}),
        ("init-trap", {"unreachable"}),
        ("init-memory", {"out-of-bounds-memory", "memory"}),
        ("init-fails", {"not-today"}),
        ("init-writes", {"unavailable-in-init"}),
        ("realloc-beyond", {"trap"}),
        ("realloc-loop", {"fuel"}),
    ],
)
def test_an_agent_that_cannot_begin_fails(play, name, codes):
    bad = PROBE | {"source": f"testing/probe/{name}.wasm"}
    played = play({"x": bad, "a": SCRIPTED}, [("x", "any", "text"), ("a/1", "script", "touch")])
    ((_, _, status, code),) = [part for part in played.parts if part[0] == "x"]
    assert (status, code in codes) == ("failed", True), code
    assert played.trace("a/1") == ["touch:1"]


def test_a_careless_allocator_is_the_guests_own_affair(play):
    bad = PROBE | {"source": "testing/probe/realloc-low.wasm"}
    played = play({"x": bad}, [("x", "any", "x" * 1000)])
    assert played.parts == [("x", "any", "done", "")]


def test_a_command_is_refused_its_socket_in_words(play):
    played = play({"x": {"source": "testing/probe/sockets.wasm"}}, [("x", "any", "")])
    assert played.parts == [("x", "any", "done", "")]
