"""Agents raised from source, and what submitted code may do: never more than who wrote it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.code.languages import JAVASCRIPT, PYTHON
from tests.hostile.test_python_agents import _home_with_the_interpreter  # noqa: F401
from wasm_engine.control import inspection
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import Run, World

AGENTS = Path(__file__).parent / "agents"
ALL = ["keyvalue:orders", "keyvalue:private", "spawn:worker", "spawn:resident"]


def world(language):
    """Who has much, and who has nothing, submit what they know."""
    name, source = language.name, f"submitted:{language.name}"
    return {
        "agents": {
            "lead": {
                "source": language.agent, "tools": [name], "grants": ALL, "mounts": ["papers"],
                "fuel": 20_000_000_000,
            },
            "poor": {"source": language.agent, "tools": [name]},
            "worker": {
                "source": source, "count": 0, "tools": [name], "grants": ["keyvalue-read:orders"],
            },
            "resident": {"source": source, "count": 0, "lifecycle": "resident"},
        },
        "tools": {
            name: {
                "language": name, "grants": ["keyvalue:orders"], "mounts": ["papers"],
                "memory": language.memory,
            },
        },
        "mounts": {"papers": {"path": "papers", "at": "/papers"}},
        "labels": {"paper": {"sources": ["mount:papers"]}},
    }  # fmt: skip


def raised(language):
    """Kind, key, configuration of each agent, and what it is asked."""
    counts = {"source": language.counts}
    return [
        ["worker", "one", counts, ["count", "count", "read", "write", "run", "other"]],
        ["resident", "two", counts, ["count", "count"]],
        *(["worker", key, {"source": it}, ["count"]] for key, it in language.more.items()),
        *(["worker", key, {"source": it}, ["count"]] for key, (it, _) in language.wrong.items()),
        ["worker", "none", {}, ["count"]],
        ["worker", "number", {"source": 5}, ["count"]],
    ]


@pytest.fixture(scope="module", params=[PYTHON, JAVASCRIPT], ids=lambda it: it.name)
def language(request):
    """What is submitted."""
    return request.param


@pytest.fixture(scope="module")
def file(language, tmp_path_factory, _home_with_the_interpreter):  # noqa: F811
    """A run of the world."""
    folder = tmp_path_factory.mktemp("submitted")
    shutil.copyfile(AGENTS / language.agent, folder / language.agent)
    (folder / "papers").mkdir()
    (folder / "papers/one").write_text("what it says")
    made = folder / "it.run"
    with World.from_mapping(world(language), folder).begin(made) as run:
        for to, topic, body in (
            ("lead", "run", language.snippets), ("poor", "run", language.snippets),
            ("lead", "raise", raised(language)),
        ):  # fmt: skip
            run.execution.receive(to, topic, ("text", json.dumps(body)), [])
        assert run.execution.go(Until(max_steps=500)) == "idle"
    return made


@pytest.fixture(scope="module")
def seen(file):
    """What it left."""
    wanted = inspection.Wanted(state=True, calls=True, log=True)
    return inspection.inspect(file, wanted=wanted)


def kept(seen, agent, key):
    return json.loads(seen.state[agent][key])


def test_a_snippet_may_do_what_both_tool_and_submitter_may(seen, language):
    put, get, other, spawn, much, read = kept(seen, "lead", "found")
    assert (put, get, read) == (None, 5, "what it says")
    assert other.startswith("not-granted: ")
    assert spawn.startswith("not-granted: ")
    assert much.startswith("raised: ")
    assert much.endswith(language.says_much)


def test_a_snippet_of_who_has_nothing_has_nothing(seen, language):
    put, get, other, _, _, read = kept(seen, "poor", "found")
    for refused in (put, get, other):
        assert refused.startswith("not-granted: ")
    assert language.says_none in read


def test_what_a_snippet_reads_labels_who_submitted_it(seen):
    assert kept(seen, "lead", "labels") == ["paper"]
    assert kept(seen, "poor", "labels") == []


def test_the_record_shows_what_a_snippet_called(seen, language):
    names = [row.name for row in seen.calls if row.agent == "lead"]
    at = names.index(f"{language.name}.run > wasi:keyvalue/store#[method]bucket.set")
    assert names.index("wasm-engine:agent/tools#call") < at
    assert at < names.index(f"{language.name}.run answers")


def test_an_agent_is_what_its_code_says(seen, language):
    *told, ran, other = kept(seen, "lead", "worker/one")
    assert told == [["worker/one", 1, 1], ["worker/one", 1, 2], 5, "failed"]
    assert (ran, other) == (42, "failed")
    log = "\n".join(row.text for row in seen.log if row.agent.startswith("worker/"))
    for line in language.log:
        assert line in log
    for key in language.more:
        assert kept(seen, "lead", f"worker/{key}") == [["count"]]


def test_a_resident_one_keeps_its_module(seen):
    assert kept(seen, "lead", "resident/two") == [["resident/two", 1, 1], ["resident/two", 2, 2]]


def test_code_that_is_none_fails_its_message_and_says_why(seen, language):
    missing = dict.fromkeys(("none", "number"), "no text under `source`")
    for key, says in ({key: it for key, (_, it) in language.wrong.items()} | missing).items():
        assert kept(seen, "lead", f"worker/{key}") == ["failed"]
        (dead,) = [row for row in seen.dead_letters if row.agent == f"worker/{key}"]
        assert says in dead.error


def test_executed_again_by_threads_and_with_evictions_it_is_the_same(file, seen):
    """Every step is compared, with all of its calls."""
    with Run.open(file, workers=3, max_live=0) as run:
        run.execution.replay()
        assert run.execution.scheduler.world.step == seen.step
