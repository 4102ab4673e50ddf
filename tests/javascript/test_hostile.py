"""What a hostile script does to its interpreter stays within its own message."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.javascript.test_in_a_world import Told, command_line

WORLD = Path(__file__).parent / "hostile" / "world.toml"
ENDS = {
    "endless": "fuel",
    "microtasks": "fuel",
    "catastrophe": "fuel",
    "recursion": None,
    "nested": "stack-exhausted",
    "array": "error",
    "doubling": "error",
    "huge": "error",
    "poison": None,
    "clean": None,
    "surrogate": "error",
    "machine": "error",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """One run with each attack."""
    file = tmp_path_factory.mktemp("hostile") / "kept.run"
    topics = [*ENDS, "memory"]
    messages = [part for topic in topics for part in ("--send", "evil", topic, "body")]
    command_line("run", WORLD, "--run", file, *messages)
    return Told(file)


@pytest.mark.parametrize("topic", ENDS)
def test_each_attack_ends_as_it_should(told, topic):
    assert told.code(topic, "evil") == ENDS[topic]


def test_whoever_nests_too_deep_is_told_by_the_language(told):
    assert told.log(agent="evil")[:5] == ["RangeError"] * 5


def test_the_next_message_finds_nothing_of_what_was_poisoned(told):
    lines = told.log(agent="evil")
    assert '2 {"a":1} undefined function' in lines
    assert "true true" in lines


def test_out_of_memory_is_said(told):
    assert told.log("error", "evil").count("InternalError: out of memory") >= 3


def test_a_script_that_reaches_into_its_own_memory_ruins_itself_alone(told):
    assert told.code("memory", "evil")
    assert command_line("replay", told.file)["identical"] is True


def test_there_is_nothing_of_the_machine(told):
    assert ",".join(["undefined"] * 5) in told.log(agent="evil")
