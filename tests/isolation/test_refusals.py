"""What cannot be in a process of its own is refused, and says so."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from tests.isolation.conftest import SCRIPTED
from wasm_engine import check
from wasm_engine.concepts.errors import BadComponent
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World, isolation

TALLY = SCRIPTED.parent / "tally/tally.wasm"
REFUSED = {
    "handler": ({"source": "tally.wasm", "lifecycle": "resident"}, {}),
}


@pytest.fixture
def home(tmp_path):
    shutil.copy(SCRIPTED / "scripted.wasm", tmp_path)
    shutil.copy(TALLY, tmp_path)
    return tmp_path


def manifest(table, sections, **more):
    kind = {"source": "scripted.wasm", "isolation": "process", **table}
    return {"agents": {"a": kind, **more}, **sections}


@pytest.mark.parametrize(("what", "told"), REFUSED.items())
def test_it_is_refused_before_anything_runs(home, what, told):
    with pytest.raises(BadComponent, match=what):
        World.from_mapping(manifest(*told), home).try_out()
    with pytest.raises(BadComponent, match=what):
        World.from_mapping(manifest(*told), home).begin(home / "a.run")
    assert not (home / "a.run").exists()


def test_check_begins_it_where_it_is_to_run(home, monkeypatch):
    (home / "world.toml").write_text(
        '[agents.a]\nsource = "scripted.wasm"\nisolation = "process"\n'
    )
    check(home / "world.toml")
    monkeypatch.setattr(isolation.POLICY, "entry", "tests.isolation.nowhere")
    with pytest.raises(Exception, match="did not begin"):
        check(home / "world.toml")


def test_a_worker_needs_no_parser_of_sql():
    """It is the engine's process that parses; a world without databases may be without one."""
    code = (
        "import sys; sys.modules['sqlglot'] = None\n"
        "from wasm_engine.world import worker; worker._load_everything()"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


@pytest.mark.parametrize("source", ["init-trap.wasm", "init-fails.wasm"])
def test_a_guest_that_fails_as_it_begins_does_so_there(source):
    folder = SCRIPTED.parent / "probe"
    said = []
    for kind in ("thread", "process"):
        tables = {"a": {"source": source, "isolation": kind}}
        with World.from_mapping({"agents": tables}, folder).begin() as begun:
            begun.execution.receive("a", "t", ("text", ""), [])
            begun.execution.scheduler.observe = lambda ran: said.append(
                [(it.part.status, it.part.code, it.part.fuel, it.part.work) for it in ran]
            )
            begun.execution.go(Until())
    assert said[0] == said[1]
    assert said[0][0][0] == "failed"
