"""State, configuration, time, entropy, log and tools."""

from __future__ import annotations

import logging
import random
from datetime import UTC, datetime
from importlib import import_module

import pytest

from tests.interpreter.fake_host import Level, Tool


def test_state_is_a_mapping_of_json_values_and_bytes(sdk, host):
    sdk.state["j"] = {"x": [1, None]}
    sdk.state["b"] = b"\x00"
    sdk.state.set_text("t", "raw")
    assert host.stored == {"j": '{"x":[1,null]}', "b": b"\x00", "t": "raw"}
    assert sdk.state["j"] == {"x": [1, None]}
    assert sdk.state["b"] == b"\x00"
    assert sdk.state.get_text("t") == "raw"
    assert sdk.state.keys("t") == ["t"]
    assert list(sdk.state) == ["b", "j", "t"]
    assert ("b" in sdk.state, "x" in sdk.state, 5 in sdk.state) == (True, False, False)
    assert sdk.state.get("x", 7) == 7
    assert sdk.state.setdefault("n", 0) == 0
    sdk.state["n"] += 1
    assert sdk.state.pop("n") == 1
    with pytest.raises(KeyError):
        del sdk.state["n"]
    sdk.state.clear()
    assert len(sdk.state) == 0


def test_state_that_is_full_is_a_fault(sdk, host):
    host.refuse("state.set", "state-full")
    with pytest.raises(sdk.StateFull):
        sdk.state["k"] = 1


def test_a_configuration_that_is_no_object_has_no_fields_but_a_value(sdk, host):
    host.answers["context.config"] = "[1, 2]"
    assert dict(sdk.config) == {}
    assert sdk.config.value == [1, 2]


def test_now_is_utc_and_exact(sdk, host):
    host.answers["context.now"] = 1_735_689_600_000_001_999
    assert sdk.now() == datetime(2025, 1, 1, 0, 0, 0, 1, tzinfo=UTC)


def test_an_empty_configuration_of_a_new_agent_means_its_kinds_own(sdk, host):
    host.answers["agents.spawn"] = lambda kind, key, config: f"{kind}/{key}"
    assert sdk.spawn("worker", "1") == "worker/1"
    sdk.spawn("worker", "2", {})
    assert [call[2] for call in host.called("agents.spawn")] == ["", "{}"]


@pytest.fixture
def generator(sdk):
    """The world's generator, not put beneath the test's own `random`."""
    return import_module("wasm_agent.entropy").WorldRandom()


def test_entropy_is_drawn_at_the_first_use_in_an_activation_and_not_before(host, generator):
    host.answers["context.random"] = 42
    generator.unsettle()
    assert not host.calls
    assert generator.random() == random.Random(42).random()
    generator.randint(1, 6)
    assert len(host.called("context.random")) == 1
    generator.unsettle()
    assert generator.choice("abcdef") == random.Random(42).choice("abcdef")
    assert len(host.called("context.random")) == 2


def test_a_seed_of_the_agents_own_holds_until_the_next_activation(host, generator):
    host.answers["context.random"] = 42
    generator.unsettle()
    generator.seed(7)
    assert generator.random() == random.Random(7).random()
    generator.unsettle()
    assert generator.random() == random.Random(42).random()
    # What the interpreter does at its first call, and what agents do to "seed by time".
    generator.seed()
    assert generator.random() == random.Random(42).random()


def test_the_log_takes_values_like_print_and_never_fails(sdk, host):
    sdk.log.info("found", 3, None)  # noqa: PLE1205 (not the standard logger)
    sdk.log.error("\ud800")
    assert host.called("log.write") == [(Level.INFO, "found 3 None"), (Level.ERROR, r"\ud800")]


def test_the_standard_logging_goes_to_the_log(sdk, host):
    logs = import_module("wasm_agent.logs")
    before = logging.root.handlers[:], logging.root.level
    try:
        logs.bridge_logging()
        logging.getLogger("mine").warning("low on %s", "ink")
        logging.getLogger("mine").debug("not said")
    finally:
        logging.root.handlers[:], logging.root.level = before
    assert host.called("log.write") == [(Level.WARNING, "low on ink")]


def test_tools_take_named_arguments_and_give_values(sdk, host):
    host.answers["tools.available"] = [Tool("add", "Adds.", '{"type":"object"}', "")]
    host.answers["tools.call"] = lambda name, arguments: "3"
    assert sdk.available_tools() == [sdk.Tool("add", "Adds.", {"type": "object"}, None)]
    assert sdk.call_tool("add", a=1, b=2) == 3
    assert host.called("tools.call") == [("add", '{"a":1,"b":2}')]
