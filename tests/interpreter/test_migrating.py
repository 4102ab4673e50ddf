"""`migrate(state)` of an agent's file: what it is given, and what is kept of what it leaves."""

from __future__ import annotations

import importlib

import pytest


@pytest.fixture
def migrated(sdk):
    return importlib.import_module("wasm_agent.migrating").migrated


def test_values_are_those_of_state_and_text_that_is_no_json_comes_as_it_is(migrated):
    seen = []
    before = {"list": "[1, 2]", "text": '"Ada"', "raw": "no json", "blob": b"\x00"}
    assert migrated(lambda state: seen.append(dict(state)), before) == before
    assert seen == [{"list": [1, 2], "text": "Ada", "raw": "no json", "blob": b"\x00"}]


def test_what_is_left_as_it_was_is_left_byte_for_byte(migrated):
    def migrate(state):
        state["list"].append(3)
        del state["gone"]
        return {**state, "truth": True, "fresh": "Ada", "bytes": bytearray(b"x")}

    before = {"list": "[1,  2]", "same": "[1,  2]", "gone": "1", "truth": "1"}
    assert migrated(migrate, before) == {
        "list": "[1,2,3]", "same": "[1,  2]", "truth": "true", "fresh": '"Ada"', "bytes": b"x",
    }  # fmt: skip


@pytest.mark.parametrize("answer", [7, [], {1: 2}, {"set": object()}])
def test_what_is_no_state_is_refused(migrated, answer):
    with pytest.raises(TypeError):
        migrated(lambda _state: answer, {})
