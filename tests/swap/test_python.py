"""A `.py` agent is swapped for another one, which says in `migrate` what becomes of its state."""

from __future__ import annotations

import os

import pytest

from tests.swap.conftest import go, replayed
from wasm_engine.concepts.errors import Misuse
from wasm_engine.world import World

HOME = os.environ.get("WASM_ENGINE_HOME")
OLD = """\
from wasm_agent import on, state

@on("add")
def add(message):
    state["count"] = state.get("count", 0) + int(message.text)
    state.set_text("raw", "no json")
    state["blob"] = b"\\x00"
"""
NEW = """\
from wasm_agent import on, state

@on("add")
def add(message):
    state["counts"] = [*state["counts"], int(message.text)]

def migrate(state):
    if state["count"] > 100:
        raise ValueError("too many")
    state["counts"] = [state.pop("count")]
"""


@pytest.fixture(autouse=True)
def _home_with_an_interpreter(monkeypatch):
    """The home from before the tests: there the interpreter is built already."""
    monkeypatch.delenv("WASM_ENGINE_HOME", raising=False)
    if HOME is not None:
        monkeypatch.setenv("WASM_ENGINE_HOME", HOME)


def test_migrate_is_given_what_the_agent_kept_and_what_it_leaves_is_kept(tmp_path):
    (tmp_path / "sum.py").write_text(OLD)
    (tmp_path / "sums.py").write_text(NEW)
    file = tmp_path / "python.run"
    world = World.from_mapping({"agents": {"sum": {"source": "sum.py"}}}, tmp_path)
    with world.begin(file, inputs=[("sum", "add", ("text", "5"))]) as run:
        go(run)
        assert run.swap("sum", tmp_path / "sums.py").migrated == 1
        run.execution.receive("sum", "add", ("text", "2"), [])
        go(run)
        state = run.execution.scheduler.world.agents["sum"].state
        assert state == {"blob": b"\0", "counts": "[5,2]", "raw": "no json"}
        # And back: the old one says nothing of migrating, so it is left what there is.
        assert run.swap("sum", tmp_path / "sum.py", keep_old=0).migrated == 0
        run.execution.receive("sum", "add", ("text", "200"), [])
        go(run)
        with pytest.raises(Misuse, match=r"sum: migration: error: Traceback[^$]*too many"):
            run.swap("sum", tmp_path / "sums.py")
    replayed(file)


RELEASE = """\
from wasm_agent import AlreadyRunning, on, state, swap

@on("release")
def release(message):
    state["over"] = swap.to(message.text, "next", keep_old=0)
    state["now"] = swap.running(message.text).name
    try:
        swap.to(message.text, "next")
    except AlreadyRunning:
        state["again"] = "no"
"""


def test_a_python_agent_swaps_python_agents(tmp_path):
    (tmp_path / "sum.py").write_text(OLD)
    (tmp_path / "sums.py").write_text(NEW)
    (tmp_path / "release.py").write_text(RELEASE)
    file = tmp_path / "release.run"
    tables = {
        "sum": {"source": "sum.py", "alternatives": {"next": "sums.py"}},
        "release": {"source": "release.py", "grants": ["swap:sum"]},
    }
    world = World.from_mapping({"agents": tables}, tmp_path)
    with world.begin(file, inputs=[("sum", "add", ("text", "5"))]) as run:
        go(run)
        run.execution.receive("release", "release", ("text", "sum"), [])
        go(run)
        run.execution.receive("sum", "add", ("text", "2"), [])
        go(run)
        agents = run.execution.scheduler.world.agents
        assert agents["release"].state == {"again": '"no"', "now": '"next"', "over": "1"}
        assert agents["sum"].state["counts"] == "[5,2]"
    replayed(file)
