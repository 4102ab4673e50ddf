"""The ping-pong agent and the pure agent do what their sources say."""

from __future__ import annotations

import pytest
from wasmtime import WasmtimeError

from tests.guests.stock_world import StockWorld, loaded


@pytest.fixture(scope="module")
def ping_component():
    return loaded("testing/ping/ping.wasm")


@pytest.fixture
def ping(ping_component):
    return StockWorld(ping_component)


def test_ping_sends_one_less_back_until_nothing_is_left(ping):
    ping.handle("ping", "20000")
    ping.handle("ping", "0")
    assert [call[:4] for call in ping.calls] == [("send", "peer", "ping", "19999")]


def test_start_names_the_other_one(ping):
    ping.handle("start", "20000 pong/1", sender="operator")
    assert [call[:4] for call in ping.calls] == [("send", "pong/1", "ping", "20000")]


def test_the_memory_of_an_activation_is_free_after_it(ping):
    ping.store.set_limits(memory_size=65536)
    for _ in range(100):  # together they are more than its one page holds
        assert ping.handle("other", "x" * 4000) is None
    with pytest.raises(WasmtimeError, match=r"unreachable|memory"):
        ping.handle("other", "x" * 65536)


def test_tally_is_a_function_of_state_and_message():
    world = StockWorld(loaded("testing/tally/tally.wasm"))
    assert world.reduce("5", "add", "6") == ("11", [])
    state, outgoing = world.reduce("11", "tell-twice", "", sender="a/b")
    assert state == "11"
    assert [(o.to, o.topic, o.body) for o in outgoing] == [("a/b", "sum", "11")] * 2
    assert world.reduce("1", "dance", "").code == "unknown-topic"
