"""What can be asked: conversations that somebody can answer, options that can be met."""

from __future__ import annotations

import pytest

from wasm_engine.capabilities.chat.conversation import check_conversation, check_options
from wasm_engine.concepts.mistakes import Wrong

USER = ("user", "hello", [], None)
CALLS = ("assistant", "", [("1", "look", "{}"), ("2", "look", "{}")], None)


def tool(answers):
    return ("tool", "seen", [], answers)


def options(**given):
    names = (
        "tools", "choice", "schema", "most", "temperature", "top_p", "top_k", "seed", "stop",
        "timeout",
    )  # fmt: skip
    found = {"tools": [], "choice": ("free", None), "stop": [], **given}
    return tuple(found.get(name) for name in names)


LOOK = ("look", "Looks.", '{"type":"object"}')


@pytest.mark.parametrize(
    "turns",
    [
        [USER],
        [("system", "s", [], None), USER, ("assistant", "a", [], None), USER],
        [USER, CALLS, tool("2"), tool("1")],
        [USER, CALLS, tool("1"), tool("2"), USER],
        [USER, CALLS, tool("1"), tool("2"), CALLS, tool("1"), tool("2")],  # ids come again
    ],
)
def test_a_conversation_passes(turns):
    check_conversation(turns)


@pytest.mark.parametrize(
    ("turns", "says"),
    [
        ([], "1 to 2000 turns, not 0"),
        ([USER] * 2001, "not 2001"),
        ([("system", "s", [], None)], "the last turn is the system's"),
        ([USER, ("assistant", "a", [], None)], "the last turn is the assistant's"),
        ([("user", "x", [("1", "f", "{}")], None)], r"turns\[0\]: only an assistant calls"),
        ([("user", "x", [], "1")], "a tool's turn, and no other"),
        ([("tool", "x", [], None)], "a tool's turn, and no other"),
        ([USER, tool("1")], 'answers "1", and no call before it has that id'),
        ([USER, CALLS, tool("1"), tool("1")], 'answers "1", and no call'),
        ([USER, CALLS, tool("1")], 'the end: the call "2" was not answered'),
        ([USER, CALLS, USER], r'turns\[2\]: the call "1" was not answered'),
        ([USER, ("assistant", "", [("", "f", "{}")], None)], "ids of calls are different"),
        ([USER, ("assistant", "", [("1", "f", "")] * 2, None)], "ids of calls are different"),
    ],
)
def test_what_is_no_conversation_is_told_where(turns, says):
    with pytest.raises(Wrong, match=says):
        check_conversation(turns)


def test_options_pass():
    check_options(options())
    check_options(
        options(
            tools=[LOOK, ("shop.price", "", '{"type":"object","pattern":"of whoever"}')],
            choice=("named", "look"), schema='{"type":"object"}', most=1, temperature=0.0,
            top_p=1.0, top_k=1, seed=2**64 - 1, stop=["\n", "END"], timeout=1,
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"most": 0}, "most"),
        ({"temperature": -0.1}, "temperature: from 0 to 10"),
        ({"temperature": float("nan")}, "temperature"),
        ({"temperature": float("inf")}, "temperature"),
        ({"top_p": 0.0}, "top-p"),
        ({"top_p": float("nan")}, "top-p"),
        ({"top_k": 0}, "top-k"),
        ({"stop": [""]}, "stop"),
        ({"stop": ["x"] * 9}, "stop: at most 8"),
        ({"stop": ["x" * 257]}, "stop"),
        ({"schema": "{"}, "the schema: it is not JSON"),
        ({"schema": "[]"}, "must be an object"),
        ({"schema": '"' + "x" * 65_536 + '"'}, "a schema is at most 65536 bytes"),
        ({"tools": [("a b", "", "{}")]}, '"a b" cannot name a tool'),
        ({"tools": [LOOK, LOOK]}, "each once"),
        ({"tools": [("f", "", "[]")]}, "the parameters of f must be"),
        ({"tools": [("f", "", "x")]}, "the parameters of f: it is not JSON"),
        (
            {"tools": [("f", "", r'{"title":"\ud800"}')]},
            "the parameters of f: .title: text with half",
        ),
        ({"tools": [("f", "", " " * 65_537)]}, "at most 65536 bytes"),
        ({"tools": [(f"f{n}", "", "{}") for n in range(129)]}, "at most 128 tools"),
        ({"choice": ("required", None)}, "there is no tool"),
        ({"choice": ("named", "look")}, 'no tool is called "look"'),
    ],
)
def test_options_that_cannot_be_met_are_told(given, says):
    with pytest.raises(Wrong, match=says):
        check_options(options(**given))
