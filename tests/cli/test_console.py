"""stdout is for results, stderr for everything else; colour only where a person looks."""

from __future__ import annotations

import io

import pytest

from wasm_engine.cli.console import Console


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def streams(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return Terminal(), Terminal()


def test_with_json_stdout_has_one_object_and_nothing_else():
    out, err = io.StringIO(), io.StringIO()
    console = Console(out, err, json=True)
    console.print("prose")
    console.note("note")
    console.result({"text": "\x1b[2J\x7f\u202e"})
    assert out.getvalue() == '{"text": "\\u001b[2J\\u007f\\u202e"}\n'
    assert err.getvalue() == "note\n"


def test_without_json_the_result_is_prose():
    out, err = io.StringIO(), io.StringIO()
    console = Console(out, err, json=False)
    console.print("prose")
    console.result({"text": "x"})
    assert out.getvalue() == "prose\n"


def test_colour_and_progress_only_on_a_terminal(streams):
    plain = Console(io.StringIO(), io.StringIO(), json=False)
    assert plain.paint("red", "x") == "x"
    assert not plain.interactive
    console = Console(*streams, json=False)
    assert console.paint("red", "x") == "\x1b[31mx\x1b[0m"
    console.progress("step 1")
    assert "step 1" in streams[1].getvalue()


def test_no_colour_where_the_environment_says_so(streams, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert Console(*streams, json=False).paint("red", "x") == "x"


def test_a_progress_line_is_gone_before_the_next_line(streams):
    console = Console(*streams, json=False)
    console.progress("step 1\x1b[2J")
    console.note("done")
    assert streams[1].getvalue() == "\r\x1b[2Kstep 1\\x1b[2J\r\x1b[2Kdone\n"
