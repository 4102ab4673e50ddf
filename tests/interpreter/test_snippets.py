"""How the interpreter runs submitted code: value, print, faults; and how agents ask for it."""

from __future__ import annotations

import importlib
import json
import sys

import pytest

from tests.interpreter.fake_host import Err


@pytest.fixture
def snippets(sdk, monkeypatch):
    """The interpreter's module, with streams that are put back."""
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    return importlib.import_module("snippets")


@pytest.fixture
def fault(snippets):
    """Runs code that must fail; answers code and detail."""

    def run(source, given=""):
        with pytest.raises(Err) as caught:
            snippets.run(source, given)
        return caught.value.value.code, caught.value.value.detail

    return run


def configure(host, **config):
    host.answers["context.config"] = json.dumps(config)


@pytest.mark.parametrize(
    ("source", "given", "value", "printed"),
    [
        ("input", "", "null", ""),
        ("input * 2", "21", "42", ""),
        ("x = 1", "", "null", ""),
        ("print('é', 1)\n{'a': {3, 1}}", "", '{"a":[1,3]}', "é 1\n"),
        ("import sys\nprint('e', file=sys.stderr)", "", "null", "e\n"),
        ("import asyncio\nawait asyncio.sleep(0)\nx = 3\nx", "", "3", ""),
        ("async def f():\n    return 4\nawait f()", "", "4", ""),
        ("print('\\ud800')", "", "null", "\\ud800\n"),
    ],
)
def test_the_last_expression_is_the_value(snippets, source, given, value, printed):
    outcome = snippets.run(source, given)
    assert (outcome.value, outcome.printed) == (value, printed)


@pytest.mark.parametrize(
    ("source", "given", "code", "says"),
    [
        ("def f(:", "", "syntax-error", "line 1: invalid syntax"),
        ("(" * 500, "", "syntax-error", "too many nested parentheses"),
        ("\0", "", "syntax-error", "null bytes"),
        ("1 / 0", "", "raised", "ZeroDivisionError"),
        ("raise SystemExit(3)", "", "raised", "SystemExit: 3"),
        ("object()", "", "no-json", "a object"),
        ("print('said'); object()", "", "no-json", "it printed: said"),
        ("class D(dict):\n    def items(self): raise KeyError\nD(a=1)", "", "no-json", "KeyError"),
        ("input", "{", "invalid-arguments", "input is no JSON"),
        ("from wasm_agent import Fault; raise Fault('mine', 'why')", "", "mine", "why"),
        ("from wasm_agent import Fault; raise Fault(5)", "", "raised", "5"),
        ("'x' * 2_000_000", "", "too-large", "2000002 characters; 1048576 are taken"),
    ],
)
def test_what_is_wrong_is_a_fault_with_a_code(fault, source, given, code, says):
    found, detail = fault(source, given)
    assert found == code
    assert says in detail


def test_a_traceback_shows_the_line(fault):
    _, detail = fault("def f():\n    return [][1]\nf()")
    assert 'File "snippet", line 2, in f' in detail
    assert "return [][1]" in detail


def test_what_it_raises_is_shortened(fault):
    _, detail = fault("raise ValueError('x' * 100_000)")
    assert len(detail) < 9_000
    assert "characters left out" in detail


def test_the_configuration_caps_what_comes_out(snippets, host, fault):
    configure(host, caps={"value": 5, "printed": 3})
    outcome = snippets.run("print('hello'); 'abc'", "")
    assert (outcome.value, outcome.printed) == ('"abc"', "hel\n... 3 more characters")
    assert fault("'abcd'")[0] == "too-large"


def test_an_agent_asks_for_it_by_the_tool(sdk, host):
    host.answers["tools.call"] = '{"ok":{"value":"[1]","printed":"p"}}'
    assert sdk.code.run("x", {"a": 1}, tool="py") == sdk.code.Outcome([1], "p")
    ((name, arguments),) = host.called("tools.call")
    assert (name, json.loads(arguments)) == ("py.run", {"source": "x", "input": '{"a":1}'})


@pytest.mark.parametrize("value", ["no json", "[" * 100_000])
def test_a_value_that_cannot_be_read_is_a_fault(sdk, host, value):
    host.answers["tools.call"] = json.dumps({"ok": {"value": value, "printed": ""}})
    with pytest.raises(sdk.Fault, match="no-json") as caught:
        sdk.code.run("x")
    assert caught.value.from_host


def test_a_fault_of_the_code_is_one_for_the_agent(sdk, host):
    host.answers["tools.call"] = '{"error":{"code":"raised","detail":"it"}}'
    with pytest.raises(sdk.Fault) as caught:
        sdk.code.run("x")
    assert (caught.value.code, caught.value.detail) == ("raised", "it")


CODE = "from wasm_agent import on\n@on('go')\ndef go(message):\n    return 'gone'\n"


def test_an_agent_is_made_of_its_configuration(sdk, host, agent):
    configure(host, source=CODE)
    sdk.code.host()
    assert agent.receive("go", request=7) is None
    assert host.called("messaging.reply")[0][0].value == "gone"
    assert agent.receive("go", request=8) is None
    assert agent.receive("other").code == "no-handler"


@pytest.mark.parametrize("config", [{}, {"source": 5}, {"source": None}])
def test_an_agent_without_code_says_so(sdk, host, agent, config):
    configure(host, **config)
    sdk.code.host()
    assert agent.receive("go").code == "invalid-config"
