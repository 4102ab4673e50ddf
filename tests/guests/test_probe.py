"""The hostile components are hostile in the way that their README says, and in no other."""

from __future__ import annotations

import pytest
from wasmtime import Config, Engine, WasmtimeError
from wasmtime.component import Component

from tests.guests.stock_world import GUESTS, StockWorld, engine, fault, loaded

GOOD = [
    *("init-fails", "init-loop", "init-memory", "init-trap", "init-writes", "realloc-beyond"),
    *("realloc-loop", "realloc-low", "start-loop", "start-trap", "unknown-import", "probe"),
]


@pytest.fixture(scope="module")
def component():
    return loaded("testing/probe/probe.wasm")


@pytest.fixture
def probe(component):
    return StockWorld(component)


@pytest.mark.parametrize("name", GOOD)
def test_those_that_are_hostile_at_run_time_are_agents_by_their_shape(name):
    ty = loaded(f"testing/probe/{name}.wasm").type
    assert set(ty.exports(engine())) == {"wasm-engine:agent/handler@0.1.0"}


@pytest.mark.parametrize(
    ("feature", "switch"),
    [
        ("memory64", "wasm_memory64"),
        ("shared-memory", "wasm_threads"),
        ("two-memories", "wasm_multi_memory"),
        ("exceptions", "wasm_exceptions"),
        ("garbage-collection", "wasm_gc"),
    ],
)
def test_each_feature_is_needed(feature, switch):
    wasm = (GUESTS / f"testing/probe/feature-{feature}.wasm").read_bytes()
    for value in (True, False):
        config = Config()
        setattr(config, switch, value)
        if value:
            Component(Engine(config), wasm)
        else:
            with pytest.raises(WasmtimeError):
                Component(Engine(config), wasm)


@pytest.mark.parametrize(
    "topic",
    ["loop", "clock", "keys", "logs", "short-logs", "sends", "requests", "timers", "state"],
)
def test_it_never_ends(probe, topic):
    probe.answers |= {"start": 1, "schedule": 1, "now": 1}
    probe.store.set_fuel(20_000)
    with pytest.raises(WasmtimeError, match="all fuel"):
        probe.handle(topic, "")


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("stack", "stack|all fuel"),
        ("unreachable", "unreachable"),
        ("divide", "divide by zero"),
        ("bounds", "out of bounds"),
        ("indirect", "undefined element|uninitialized|out of bounds"),
        ("bad-text", "utf-8"),
        ("bad-pointer", "out of bounds|range"),
        ("bad-size", "out of bounds|range"),
        ("bad-level", "discriminant|enum"),
        ("bad-result", "out of bounds|range"),
    ],
)
def test_it_traps(probe, topic, text):
    with pytest.raises(WasmtimeError, match=text):
        probe.handle(topic, "0" if topic == "divide" else "")


def test_memory_is_taken_until_refused(probe):
    probe.store.set_limits(memory_size=1 << 20)
    assert probe.handle("memory", "") == "refused"
    assert probe.handle("memory-at-once", "40") == "refused"


def test_nesting_reaches_every_place_that_takes_json(probe):
    probe.answers |= {"spawn": fault("invalid-config"), "call": fault("unknown-tool")}
    assert probe.handle("nesting", "100000") == "invalid-config"
    assert [call[0] for call in probe.calls] == ["spawn", "call", "send"]
    assert probe.calls[0][3] == "[" * 100_000


def test_it_steals_what_it_is_given(probe):
    probe.answers |= {"take": fault("unknown-request"), "reply-to": fault("request-closed")}
    probe.answers["cancel"] = False
    assert probe.handle("steal", "3") is None
    probe.answers["take"] = "a secret"
    assert probe.handle("steal", "3") == "stolen"


@pytest.mark.parametrize("name", ["start-loop", "start-trap"])
def test_no_instance_is_made(name):
    with pytest.raises(WasmtimeError, match=r"fuel|unreachable"):
        StockWorld(loaded(f"testing/probe/{name}.wasm"), fuel=100_000)


@pytest.mark.parametrize("name", ["init-loop", "init-trap", "init-memory"])
def test_init_does_not_end_well(name):
    world = StockWorld(loaded(f"testing/probe/{name}.wasm"), fuel=100_000)
    world.store.set_limits(memory_size=1 << 20)
    with pytest.raises(WasmtimeError, match=r"fuel|unreachable|out of bounds"):
        world.init()


def test_init_returns_a_fault():
    assert StockWorld(loaded("testing/probe/init-fails.wasm")).init().code == "not-today"


def test_init_returns_what_the_host_answered_to_a_write():
    world = StockWorld(loaded("testing/probe/init-writes.wasm"))
    assert world.init() is None
    assert world.state == {"key": "key"}


@pytest.mark.parametrize("name", ["realloc-beyond", "realloc-loop"])
def test_no_message_gets_in(name):
    world = StockWorld(loaded(f"testing/probe/{name}.wasm"), fuel=100_000)
    with pytest.raises(WasmtimeError, match=r"fuel|out of bounds|realloc"):
        world.handle("any", "text")


def test_a_careless_allocator_is_the_guests_own_affair():
    assert StockWorld(loaded("testing/probe/realloc-low.wasm")).handle("any", "x" * 1000) is None
