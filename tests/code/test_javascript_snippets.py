"""Code in JavaScript at run time: ordinary, wrong and hostile snippets, and what must come of each."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.code.javascript_snippets import ALL, HOSTILE, ORDINARY, WRONG
from tests.code.snippets import Ends, Fails
from tests.hostile.test_python_agents import _home_with_the_interpreter  # noqa: F401
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import Run, World

AGENT = Path(__file__).parent / "agents/submitter.js"
WORLD = {
    "agents": {
        "w": {
            "source": "submitter.js", "tools": ["javascript"],
            "fuel": 90_000_000_000, "work": 40_000_000_000,
        },
    },
    "tools": {
        "javascript": {
            "language": "javascript", "tools": ["javascript"], "fuel": 120_000_000,
            "memory": "32 MiB", "config": {"caps": {"value": 200_000}},
        },
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def played(tmp_path_factory, _home_with_the_interpreter):  # noqa: F811
    """A run in which one agent submits all snippets, one after another; what it keeps then."""
    folder = tmp_path_factory.mktemp("code")
    shutil.copyfile(AGENT, folder / "submitter.js")
    with World.from_mapping(WORLD, folder).begin(folder / "it.run") as run:
        snippets = json.dumps([[it.source, it.input] for it in ALL])
        run.execution.receive("w", "run", ("text", snippets), [])
        assert run.execution.go(Until(max_steps=500)) == "idle"
        return folder / "it.run", dict(run.execution.scheduler.world.agents["w"].state)


def test_every_snippet_comes_to_what_it_must(played):
    found = json.loads(played[1]["found"])
    wrong = {}
    for number, (snippet, got) in enumerate(zip(ALL, found, strict=True)):
        code, detail, value, printed = got
        expected = snippet.gets
        if isinstance(expected, Fails):
            right = code.startswith(expected.code) and code and expected.text in detail
        elif isinstance(expected, Ends):
            right = (code, detail) == ("tool-failed", f"javascript.run: {expected.code}")
        else:
            right = code == "" and value == expected and type(value) is type(expected)
        if not right or snippet.prints not in (None, printed):
            wrong[f"{number}: {snippet.source[:100]}"] = [str(it)[:300] for it in got]
    assert wrong == {}, json.dumps(wrong, indent=1)


def test_there_are_more_than_a_hundred_of_them_of_three_sorts():
    assert len(ALL) >= 200
    assert min(map(len, (ORDINARY, WRONG, HOSTILE))) >= 50
    assert len({(it.source, str(it.input)) for it in ALL}) == len(ALL)


def test_the_same_comes_of_it_again(played):
    with Run.open(played[0]) as run:
        run.execution.replay()
        assert dict(run.execution.scheduler.world.agents["w"].state) == played[1]
