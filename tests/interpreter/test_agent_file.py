"""The interpreter's part: it loads the one file of the agent, under its own name."""

from __future__ import annotations

import linecache
import sys
from importlib import import_module

import pytest


@pytest.fixture
def load(sdk, tmp_path, monkeypatch):
    """Loads a file of a name and text; the fault, or None."""
    loader, activation = import_module("agent_file"), import_module("wasm_agent.activation")
    monkeypatch.setattr(loader, "_FOLDER", str(tmp_path))
    # Put back when the test is over; what is cached then is dropped.
    monkeypatch.setattr(linecache, "updatecache", linecache.updatecache)
    loader.know_no_other_source()
    before = set(sys.modules)

    def load(name="searcher.py", source=""):
        (tmp_path / name).write_text(source, encoding="utf-8")
        return activation.attempt(loader.load)

    yield load
    for name in set(sys.modules) - before:
        del sys.modules[name]
    linecache.clearcache()


def test_a_file_is_a_module_of_its_own_name(load):
    assert load(source="name, file = __name__, __file__\n") is None
    assert sys.modules["searcher"].name == "searcher"
    assert sys.modules["searcher"].file.endswith("/searcher.py")


def test_a_file_hides_no_module_of_the_library(load):
    library = sys.modules["queue"] = import_module("queue")
    assert load("queue.py", "x = 1\n") is None
    assert sys.modules["queue"] is library
    assert sys.modules["agent_queue"].x == 1


def test_a_syntax_error_names_the_file_and_the_line(load):
    fault = load(source="x = 1\ndef f(:\n    pass\n")
    assert fault.code == "error"
    assert '  File "searcher.py", line 2\n    def f(:\n' in fault.detail
    assert fault.detail.endswith("SyntaxError: invalid syntax")


def test_an_exception_while_loading_is_told_like_any_other(load):
    fault = load(source="import json\n\njson.loads('{')\n")
    assert 'File "searcher.py", line 3, in <module>' in fault.detail
    assert "    json.loads('{')" in fault.detail


def test_there_is_exactly_one_file(load, sdk):
    loader = import_module("agent_file")
    with pytest.raises(sdk.Fault, match="holds 0 Python files"):
        loader.load()
    load("a.py")
    assert load("b.py").code == "no-agent-file"


def test_lines_that_are_printed_are_utf8_whatever_they_hold(sdk, monkeypatch, tmp_path):
    output = import_module("output")
    with (tmp_path / "out").open("wb") as file:
        stream = output._lines(file.fileno())
        print("é", "\ud800", file=stream)
        assert (tmp_path / "out").read_bytes() == b"\xc3\xa9 \\ud800\n"
        stream.detach().detach()
