"""Scripts: the first rule that fits answers, and nothing else than the question decides."""

from __future__ import annotations

import pytest

from wasm_engine.capabilities.chat.script import Asker, Script
from wasm_engine.concepts.chat import Answer, Call, Question, ToolSpec, Turn
from wasm_engine.concepts.hostcall import Err

USER = Turn("user", "What is it like in Ulm?")
CALLED = Turn("assistant", "", (Call("c1", "look", "{}"), Call("c2", "find", "{}")))
ME = Asker("writer/2", 0)


def question(*turns, **given):
    found = {
        "model": "m", "instead": "", "turns": turns or (USER,), "tools": (),
        "choice": ("free", None), "schema": None, "most": 100, "temperature": None, "top_p": None,
        "top_k": None, "seed": 7, "stop": (), "timeout": 1, "context": 1000, **given,
    }  # fmt: skip
    return Question(**found)


def answer(rules, asked=None, asker=ME):
    return Script(rules, "m").answer(asked or question(), asker)


@pytest.mark.parametrize(
    ("rule", "asked"),
    [
        ("model = 'm'", question()),
        ("agent = 'writer/2'", question()),
        ("agent = 'writer/*'", question()),
        ("attempt = 0", question()),
        ("turn = 0", question()),
        ("turn = 1", question(USER, CALLED, Turn("tool", "x", (), "c1"))),
        ("role = 'user'", question()),
        ("last = 'What is it like in Ulm?'", question()),
        ("contains = 'Ulm'", question()),
        ("contains = ['What', 'Ulm']", question()),
        ("matches = 'in [A-Z]lm'", question()),
        ("system = 'brief'", question(Turn("system", "Be brief."), USER)),
        ("answers = 'find'", question(USER, CALLED, Turn("tool", "x", (), "c2"))),
        ("seed = 7", question()),
        (f"asks = '{question().asks}'", question(seed=8, timeout=3)),
    ],
)
def test_each_condition_fits_and_else_the_next_rule_is_tried(rule, asked):
    rules = f"[[answer]]\n{rule}\ncontent = 'this'\n[[answer]]\ncontent = 'else'"
    assert answer(rules, asked).content == "this"
    none = Turn("assistant", "")
    other = question(none, none, Turn("tool", "nothing of it", (), "z"), model="n", seed=1)
    assert answer(rules, other, Asker("reader", 3)).content == "else"


def test_calls_are_named_by_their_place_in_the_conversation():
    rules = "[[answer]]\ncalls = [{ name = 'f', arguments = { b = 1, a = [] } }, { name = 'g' }]"
    first = answer(rules)
    assert first.calls == (Call("call-1", "f", '{"a":[],"b":1}'), Call("call-2", "g", "{}"))
    assert first.finish == "calls"
    later = answer(rules, question(USER, CALLED, Turn("tool", "x", (), "c1")))
    assert [call.id for call in later.calls] == ["call-3", "call-4"]


def test_arguments_that_are_text_are_as_they_stand():
    rules = "[[answer]]\ncalls = [{ name = 'f', arguments = '{broken', id = 'x' }]"
    assert answer(rules).calls == (Call("x", "f", "{broken"),)


def test_an_answer_ends_where_it_has_to():
    rules = "[[answer]]\ncontent = 'one two three four'"
    stopped = answer(rules, question(stop=("three", "two")))
    assert (stopped.content, stopped.finish) == ("one ", "stop")
    cut = answer(rules, question(most=2))
    assert (cut.content, cut.finish, cut.answer) == ("one two ", "length", 2)
    told = answer(rules + "\nfinish = 'refused'\nusage = { prompt = 3, answer = 4 }")
    assert (told.finish, told.prompt, told.answer) == ("refused", 3, 4)


def test_tokens_are_counted_where_nobody_reports_them():
    tools = (ToolSpec("f", "", "{}"),)
    assert answer("[[answer]]\ncontent = 'x'", question(tools=tools)) == Answer(
        "x", (), "stop", 7, 1
    )


def test_a_fault_is_one():
    found = answer("[[answer]]\nfault = { code = 'timeout', detail = 'slow' }")
    assert found == Err(("timeout", "slow"))


def test_no_rule_no_answer():
    found = answer("[[answer]]\nlast = 'x'")
    assert isinstance(found, Err)
    assert found.payload[0] == "model-failed"


def test_a_pattern_that_is_not_taken_is_told_to_who_reaches_its_rule():
    script = Script("[[answer]]\nturn = 1\nmatches = '(?=x)'\n[[answer]]\ncontent = 'else'", "m")
    assert script.not_taken.startswith("m: answer 1: matches is no pattern that is taken: ")
    assert script.answer(question(), ME).content == "else"
    found = script.answer(question(USER, CALLED, Turn("tool", "x", (), "c1")), ME)
    assert isinstance(found, Err)
    assert found.payload == ("model-failed", script.not_taken)


@pytest.mark.parametrize("rule", ["matches = '(a|b)*a(a|b){21}$'", 'contains = ["a", "b"]'])
def test_to_look_through_a_script_costs_no_more_than_it_may(rule, monkeypatch):
    rules, text = f"[[answer]]\n{rule}\ncontent = 'this'\n", Turn("user", "ab" * 1000)
    assert answer(rules, question(text)).content == "this"
    monkeypatch.setattr("wasm_engine.capabilities.chat.script.MOST_WORK", 100)
    found = answer(rules, question(text))
    assert isinstance(found, Err)
    assert found.payload[0] == "model-failed"
    assert "too long" in found.payload[1]


def test_patterns_have_so_many_characters_in_all(monkeypatch):
    monkeypatch.setattr("wasm_engine.capabilities.chat.script.MOST_PATTERNS", 3)
    rules = "[[answer]]\nmatches = 'Ul'\n[[answer]]\n[[answer]]\nmatches = 'lm'"
    assert (
        "answer 3: matches is no pattern that is taken: there are more"
        in Script(rules, "m").not_taken
    )
