"""What a hostile script does to its interpreter stays within its own message."""

from __future__ import annotations

import pytest

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
    assert told.code("identity") is None


def test_there_is_nothing_of_the_machine(told):
    assert ",".join(["undefined"] * 5) in told.log(agent="evil")
