"""Agents raised from JavaScript, and what it may do: never more than who wrote it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.hostile.test_python_agents import _home_with_the_interpreter  # noqa: F401
from wasm_engine.control import inspection
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import Run, World

AGENT = Path(__file__).parent / "agents/lead.js"
WORLD = {
    "agents": {
        "lead": {
            "source": "lead.js", "tools": ["javascript"], "mounts": ["papers"],
            "grants": ["keyvalue:orders", "keyvalue:private", "spawn:worker", "spawn:resident"],
            "fuel": 20_000_000_000,
        },
        "poor": {"source": "lead.js", "tools": ["javascript"]},
        "worker": {
            "source": "submitted:javascript", "count": 0, "tools": ["javascript"],
            "grants": ["keyvalue-read:orders"],
        },
        "resident": {"source": "submitted:javascript", "count": 0, "lifecycle": "resident"},
    },
    "tools": {
        "javascript": {
            "language": "javascript", "grants": ["keyvalue:orders"], "mounts": ["papers"],
            "memory": "24 MiB",
        },
    },
    "mounts": {"papers": {"path": "papers", "at": "/papers"}},
    "labels": {"paper": {"sources": ["mount:papers"]}},
}  # fmt: skip
SDK = "await import('wasm-agent')"
PUT = f"const {{ keyvalue }} = {SDK}; keyvalue.open('orders').set('k', 5)"
GET = f"const {{ keyvalue }} = {SDK}; keyvalue.open('orders').get('k')"
OTHER = f"const {{ keyvalue }} = {SDK}; keyvalue.open('private')"
READ = f"const {{ files }} = {SDK}; files.readText('/papers/one')"
SPAWN = f"const {{ spawn }} = {SDK}; spawn('worker', 'x')"
MUCH = "new Uint8Array(23 << 20).length"
SNIPPETS = [("javascript", it) for it in (PUT, GET, OTHER, SPAWN, MUCH, READ)]
COUNTS = """\
import { code, context, keyvalue, on, state } from "wasm-agent";

let seen = 0;

on("count", () => {
  seen += 1;
  state.set("kept", state.get("kept", 0) + 1);
  return [context.address, seen, state.get("kept")];
});
on("read", async () => keyvalue.open("orders").get("k"));
on("write", () => {
  keyvalue.open("orders").set("k", 6);
});
on("run", () => code.run("6 * 7").value);
"""
RAISED = [
    ["worker", "one", {"source": COUNTS}, ["count", "count", "read", "write", "run", "other"]],
    ["resident", "two", {"source": COUNTS}, ["count", "count"]],
    ["worker", "exports", {"source": "export const handle = (m) => [m.topic];\n"}, ["count"]],
    ["worker", "wrong", {"source": "let a;\nconst = 1"}, ["count"]],
    ["worker", "raises", {"source": "null.x"}, ["count"]],
    ["worker", "imports", {"source": "import 'fs'"}, ["count"]],
    ["worker", "none", {}, ["count"]],
    ["worker", "number", {"source": 5}, ["count"]],
]


@pytest.fixture(scope="module")
def file(tmp_path_factory, _home_with_the_interpreter):  # noqa: F811
    """A run of the world."""
    folder = tmp_path_factory.mktemp("submitted")
    shutil.copyfile(AGENT, folder / "lead.js")
    (folder / "papers").mkdir()
    (folder / "papers/one").write_text("what it says")
    made = folder / "it.run"
    with World.from_mapping(WORLD, folder).begin(made) as run:
        for to, topic, body in (
            ("lead", "run", SNIPPETS), ("poor", "run", SNIPPETS),
            ("lead", "raise", RAISED),
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


def test_a_snippet_may_do_what_both_tool_and_submitter_may(seen):
    put, get, other, spawn, much, read = kept(seen, "lead", "found")
    assert (put, get, read) == (None, 5, "what it says")
    assert other.startswith("not-granted: ")
    assert spawn.startswith("not-granted: ")
    assert much.startswith("raised: ")
    assert much.endswith("out of memory")


def test_a_snippet_of_who_has_nothing_has_nothing(seen):
    put, get, other, _, _, read = kept(seen, "poor", "found")
    for refused in (put, get, other):
        assert refused.startswith("not-granted: ")
    assert read.startswith("no-entry: ")


def test_what_a_snippet_reads_labels_who_submitted_it(seen):
    assert kept(seen, "lead", "labels") == ["paper"]
    assert kept(seen, "poor", "labels") == []


def test_an_agent_is_what_its_code_says(seen):
    *told, ran, other = kept(seen, "lead", "worker/one")
    assert told == [["worker/one", 1, 1], ["worker/one", 1, 2], 5, "failed"]
    assert (ran, other) == (42, "failed")
    log = "\n".join(row.text for row in seen.log if row.agent.startswith("worker/"))
    assert "submitted:12:" in log
    assert "submitted:2:7" in log
    assert 'keyvalue.open("orders").set("k", 6);' in log
    assert kept(seen, "lead", "worker/exports") == [["count"]]


def test_a_resident_one_keeps_its_module(seen):
    assert kept(seen, "lead", "resident/two") == [["resident/two", 1, 1], ["resident/two", 2, 2]]


@pytest.mark.parametrize(
    ("agent", "says"),
    [
        ("wrong", "SyntaxError: variable name expected"),
        ("raises", "TypeError: cannot read property 'x' of null"),
        ("imports", "cannot import 'fs'"),
        ("none", "no text under `source`"), ("number", "no text under `source`"),
    ],
)  # fmt: skip
def test_code_that_is_none_fails_its_message_and_says_why(seen, agent, says):
    assert kept(seen, "lead", f"worker/{agent}") == ["failed"]
    (dead,) = [row for row in seen.dead_letters if row.agent == f"worker/{agent}"]
    assert says in dead.error


def test_executed_again_by_threads_and_with_evictions_it_is_the_same(file, seen):
    """Every step is compared, with all of its calls."""
    with Run.open(file, workers=3, max_live=0) as run:
        run.execution.replay()
        assert run.execution.scheduler.world.step == seen.step
