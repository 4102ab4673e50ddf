"""Agents raised from source, and what submitted code may do: never more than who wrote it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.hostile.test_python_agents import _home_with_the_interpreter  # noqa: F401
from wasm_engine.control import inspection
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import Run, World

AGENT = Path(__file__).parent / "agents/lead.py"
ALL = ["keyvalue:orders", "keyvalue:private", "spawn:worker", "spawn:resident"]
WORLD = {
    "agents": {
        "lead": {
            "source": "lead.py", "tools": ["python"], "grants": ALL, "mounts": ["papers"],
            "fuel": 20_000_000_000,
        },
        "poor": {"source": "lead.py", "tools": ["python"]},
        "worker": {
            "source": "submitted:python", "count": 0, "tools": ["python"],
            "grants": ["keyvalue-read:orders"],
        },
        "resident": {"source": "submitted:python", "count": 0, "lifecycle": "resident"},
    },
    "tools": {
        "python": {
            "language": "python", "grants": ["keyvalue:orders"], "mounts": ["papers"],
            "memory": "40 MiB",
        },
    },
    "mounts": {"papers": {"path": "papers", "at": "/papers"}},
    "labels": {"paper": {"sources": ["mount:papers"]}},
}  # fmt: skip
PUT = "from wasm_agent import keyvalue; keyvalue.open('orders')['k'] = 5"
GET = "from wasm_agent import keyvalue; keyvalue.open('orders')['k']"
OTHER = "from wasm_agent import keyvalue; keyvalue.open('private')"
READ = "open('/papers/one').read()"
SPAWN = "from wasm_agent import spawn; spawn('worker', 'x')"
MUCH = "len('x' * (30 << 20))"
SNIPPETS = [PUT, GET, OTHER, SPAWN, MUCH, READ]
COUNTS = """\
from wasm_agent import Fault, code, context, keyvalue, on, state

seen = 0


@on("count")
def count(message):
    global seen
    seen += 1
    state["kept"] = state.get("kept", 0) + 1
    return [context.address, seen, state["kept"]]


@on("read")
async def read(message):
    return keyvalue.open("orders")["k"]


@on("write")
def write(message):
    keyvalue.open("orders")["k"] = 6


@on("run")
def run(message):
    return code.run("6 * 7").value
"""
RAISED = [
    ["worker", "one", {"source": COUNTS}, ["count", "count", "read", "write", "run", "other"]],
    ["resident", "two", {"source": COUNTS}, ["count", "count"]],
    ["worker", "wrong", {"source": "def f(:"}, ["count"]],
    ["worker", "raises", {"source": "1 / 0"}, ["count"]],
    ["worker", "none", {}, ["count"]],
    ["worker", "number", {"source": 5}, ["count"]],
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, _home_with_the_interpreter):  # noqa: F811
    made = tmp_path_factory.mktemp("submitted")
    shutil.copyfile(AGENT, made / "lead.py")
    (made / "papers").mkdir()
    (made / "papers/one").write_text("what it says")
    return made


@pytest.fixture(scope="module")
def file(folder):
    """A run of the world."""
    made = folder / "it.run"
    with World.from_mapping(WORLD, folder).begin(made) as run:
        for to, topic, body in (
            ("lead", "run", SNIPPETS), ("poor", "run", SNIPPETS), ("lead", "raise", RAISED),
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
    assert much.endswith("MemoryError")


def test_a_snippet_of_who_has_nothing_has_nothing(seen):
    put, get, other, _, _, read = kept(seen, "poor", "found")
    for refused in (put, get, other):
        assert refused.startswith("not-granted: ")
    assert "FileNotFoundError" in read


def test_what_a_snippet_reads_labels_who_submitted_it(seen):
    assert kept(seen, "lead", "labels") == ["paper"]
    assert kept(seen, "poor", "labels") == []


def test_the_record_shows_what_a_snippet_called(seen):
    names = [row.name for row in seen.calls if row.agent == "lead"]
    at = names.index("python.run > wasi:keyvalue/store#[method]bucket.set")
    assert names.index("wasm-engine:agent/tools#call") < at
    assert at < names.index("python.run answers")


def test_an_agent_is_what_its_code_says(seen):
    *told, ran, other = kept(seen, "lead", "worker/one")
    assert told == [["worker/one", 1, 1], ["worker/one", 1, 2], 5, "failed"]
    assert (ran, other) == (42, "failed")
    log = "\n".join(row.text for row in seen.log if row.agent == "worker/one")
    assert 'File "submitted", line 21, in write' in log
    assert 'keyvalue.open("orders")["k"] = 6' in log
    assert "NotGranted" in log


def test_a_resident_one_keeps_its_module(seen):
    assert kept(seen, "lead", "resident/two") == [["resident/two", 1, 1], ["resident/two", 2, 2]]


@pytest.mark.parametrize(
    ("agent", "says"),
    [
        ("wrong", "SyntaxError: invalid syntax"), ("raises", "ZeroDivisionError: division by zero"),
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
