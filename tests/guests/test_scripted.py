"""The programmable agent keeps to its README: the reference model is written against that page."""

from __future__ import annotations

import pytest
from wasmtime import WasmtimeError

from tests.guests.stock_world import StockWorld, fault, loaded


@pytest.fixture(scope="module")
def component():
    return loaded("testing/scripted/scripted.wasm")


@pytest.fixture
def world(component):
    made = StockWorld(component)
    assert made.init() is None
    return made


def test_arguments_are_words_or_counted(world):
    world.run("send a/b t 5:x;\n y ;;\nset k 0: ; get k")
    assert world.calls[0][:4] == ("send", "a/b", "t", "x;\n y")
    assert world.trace == ["on:1:peer:script", "send:ok", "set:ok", "get:some:"]


def test_scripts_nest_100_deep(world):
    script = "reply done"
    for hop in range(100):
        script = f"send worker/{hop} script {len(script)}:{script};incr hops"
    world.run(script)
    (_, to, topic, body, _) = world.calls[0]
    assert (to, topic) == ("worker/99", "script")
    assert len(script) < 4000
    assert body.count("send") == 99


@pytest.mark.parametrize("script", ["send a b;touch", "set k 9:cut", "incr\ntouch", "take"])
def test_a_cut_operation_ends_the_script(world, script):
    assert world.run(f"touch;{script}") is None
    assert world.trace[1:] == ["touch:1", f"bad:{script.split()[0]}"]


def test_an_unknown_operation_ends_the_script(world):
    world.run("incr a;dance;incr a")
    assert world.trace[1:] == ["incr:ok:1", "bad:dance"]


def test_what_is_no_script_is_traced(world):
    world.handle("exit", '{"agent":"a"}', sender="world")
    world.handle("script", b"touch")
    world.handle("tick", "#!touch")
    assert world.trace == [
        'got:exit:world:{"agent":"a"}',
        "got:script:peer:bytes:5",
        "on:3:peer:tick",
        "touch:3",
    ]


def test_refusals_are_traced_by_code(world):
    world.answers["send"] = fault("mailbox-full")
    world.answers["ask"] = fault("timeout")
    world.answers["spawn"] = fault("not-granted")
    world.run("send a t x; ask a t x; spawn a b 2:{}; flood a t x 3")
    assert world.trace[1:] == [
        "send:err:mailbox-full",
        "ask:err:timeout",
        "spawn:err:not-granted",
        "flood:0:mailbox-full",
    ]
    assert world.logged == ["ask:err:timeout"]


def test_requests_are_kept_by_name(world):
    numbers = iter([71, 72])
    world.answers |= {
        "start": lambda *_: next(numbers),
        "wait-any": lambda requests: requests[-1],
        "take": lambda number: f"answer {number}",
    }
    world.run("start one a t x; start-timeout two 500 a t x; wait-any one,two; take any; take #9")
    assert world.trace[1:] == [
        "start:ok:71",
        "start-timeout:ok:72",
        "wait-any:ok:two",
        "take:ok:answer 72",
        "take:ok:answer 9",
    ]
    assert world.calls[1][4].timeout == 500
    assert world.state["request/any"] == "72"


def test_the_trace_is_in_the_state_before_a_suspension(world):
    seen = []
    world.answers["ask"] = lambda *_: seen.append(world.trace) or "yes"
    world.run("touch; ask a t x")
    assert seen == [["on:1:peer:script", "touch:1"]]


def test_headers_go_with_later_sends(world):
    world.run("send a t x; header h v; header-size big 3; publish t x")
    assert world.calls[0][4].headers == []
    assert [(h[0], h[1]) for h in world.calls[1][3].headers] == [("h", "v"), ("big", "xxx")]


def test_conditions_and_repetition(world):
    world.run("set k v; when k v 6:incr n; when k w 6:incr n; repeat 3 6:incr n")
    assert world.state["n"] == "4"
    assert world.trace[2:5] == ["when:yes", "incr:ok:1", "when:no"]


def test_it_fails_as_told(world):
    assert world.run("fail broken because") == "broken"
    assert "trace" not in world.state


@pytest.mark.parametrize("script", ["trap", "loop", "burn 1000000000"])
def test_it_traps_or_never_ends_as_told(world, script):
    world.store.set_fuel(1_000_000)
    with pytest.raises(WasmtimeError, match="unreachable" if script == "trap" else "all fuel"):
        world.run(script)


def test_readings_go_to_the_state(world):
    world.answers |= {"random": 5, "now": 6, "step": 7}
    world.run("random;now;step;grow 1;burn 10;burn 10")
    assert [world.state[key] for key in ("random", "now", "step")] == ["5", "6", "7"]
    assert world.trace[1:] == ["random:ok", "now:ok", "step:ok", "grow:ok", "burn:ok", "burn:ok"]
