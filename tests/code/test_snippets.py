"""Code at run time: ordinary, wrong and hostile snippets, each with what must come of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.code.snippets import ALL, HOSTILE, ORDINARY, WRONG, Ends, Fails
from tests.hostile.test_python_agents import _home_with_the_interpreter  # noqa: F401
from wasm_engine.control.orders import Outside
from wasm_engine.control.replays import replay
from wasm_engine.control.runs import run
from wasm_engine.control.travel import Journey

AGENT = Path(__file__).parent / "agents/submitter.py"
WORLD = """\
[world]
name = "code"

[agents.w]
source = "submitter.py"
tools = ["python"]
fuel = 40_000_000_000
work = 40_000_000_000

[tools.python]
language = "python"
tools = ["python"]
fuel = 60_000_000
memory = "48 MiB"
config = { caps = { value = 200_000 } }
"""
BOMB = "from wasm_agent import code\nfor _ in range(9):\n    code.run(input, input)\n"


@pytest.fixture(scope="module")
def played(tmp_path_factory, _home_with_the_interpreter):  # noqa: F811
    """A run in which one agent submits all snippets, each once, and then a bomb."""
    folder = tmp_path_factory.mktemp("code")
    shutil.copyfile(AGENT, folder / "submitter.py")
    (folder / "world.toml").write_text(WORLD)
    file = folder / "it.run"
    snippets = json.dumps([[it.source, it.input] for it in ALL])
    send = [Outside("w", "run", snippets), Outside("w", "bomb", BOMB)]
    report = run(folder / "world.toml", file=file, send=send)
    assert (report.status, report.dead_letters) == ("idle", 0)
    return file, report.step


@pytest.fixture(scope="module")
def state(played):
    file, last = played
    with Journey.open(file) as journey:
        journey.seek(last)
        return {key: json.loads(value) for key, value in journey.state("w").items()}


def test_every_snippet_comes_to_what_it_must(state):
    wrong = {}
    for number, (snippet, got) in enumerate(zip(ALL, state["found"], strict=True)):
        code, detail, value, printed = got
        expected = snippet.gets
        if isinstance(expected, Fails):
            right = code == expected.code and expected.text in detail
        elif isinstance(expected, Ends):
            ends = {f"python.run: {it}" for it in expected.code.split(" | ")}
            right = code == "tool-failed" and detail in ends
        else:
            right = code == "" and (value, type(value)) == (expected, type(expected))
        if not right or snippet.prints not in (None, printed):
            wrong[f"{number}: {snippet.source[:100]}"] = [str(it)[:300] for it in got]
    assert wrong == {}, json.dumps(wrong, indent=1)


def test_there_are_two_hundred_of_them_of_three_sorts():
    assert len(ALL) >= 200
    assert min(map(len, (ORDINARY, WRONG, HOSTILE))) >= 50
    assert len({(it.source, str(it.input)) for it in ALL}) == len(ALL)


def test_snippets_that_submit_snippets_end_at_the_budget(state):
    code, detail = state["bomb"]
    assert (code, detail) == ("tool-failed", "python.run: fuel")


def test_the_same_comes_of_it_again(played):
    assert replay(played[0]).identical
