"""A run goes on under another engine from where it was left, or says who can finish it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.homes import live_in
from tests.upgrade.engines import LOCKED, OLDER, command, environment
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Control, Kind
from wasm_engine.journal.runfile import RunFile

GUESTS = Path(__file__).parents[2] / "guests/testing"
AGENTS = Path(__file__).parent / "agents"
BOTH = pytest.mark.parametrize(("first", "second"), [(OLDER, LOCKED), (LOCKED, OLDER)])
WORLD = """
[agents.a]
source = "ping.wasm"
lifecycle = "resident"
[agents.b]
source = "ping.wasm"
[agents.asker]
source = "scripted.wasm"
[agents.sleeper]
source = "scripted.wasm"
[[messages]]
to = "a"
topic = "start"
body = "20 b"
[[messages]]
to = "asker"
topic = "script"
body = "touch; set k before; ask-timeout 15000000 sleeper script 28:defer later; set k after"
[[messages]]
to = "asker"
topic = "script"
body = "touch; get k"
"""
# Goes on, and dies before anything is closed or kept but what is durable.
DIES = """
import os, sys
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world.run import LATEST, Run
run = Run.open(sys.argv[1], write=True, at=LATEST)
run.execution.replay()
run.execution.checkpoints.make = lambda **_: False
run.execution.go(Until(max_steps=3))
run.file.flush()
os._exit(9)
"""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A world of agents that are in the middle of much when it is stopped."""
    live_in(monkeypatch, tmp_path / "home")
    for guest in ("ping", "scripted"):
        shutil.copyfile(GUESTS / f"{guest}/{guest}.wasm", tmp_path / f"{guest}.wasm")
    (tmp_path / "world.toml").write_text(WORLD)
    return tmp_path / "world.toml"


def answer(version: str, *words: str | Path) -> dict:
    """What a verb answers on an engine that does not fail."""
    done = command(version, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def steps(file: Path) -> list[bytes]:
    """What the run holds of its steps."""
    with RunFile.open(file) as run:
        return [entry.body for entry in run.entries(2) if entry.kind == Kind.STEP]


def changes(file: Path) -> list[list[str]]:
    """The changes of engine that the run holds: names before and after."""
    with RunFile.open(file) as run:
        found = [entries.decode(e.kind, e.body) for e in run.entries(2)]
    engines = [e.args for e in found if isinstance(e, Control) and e.op == "engine"]
    return [[dict(map(tuple, one))["wasmtime"] for one in pair] for pair in engines]


@BOTH
def test_a_run_that_stopped_by_itself_goes_on_under_the_other_engine(world, first, second):
    file, whole = world.with_name("it.run"), world.with_name("whole.run")
    assert answer(first, "run", world, "--run", file, "--max-steps", "9")["status"] == "stopped"
    resumed = answer(second, "resume", file)
    assert resumed["status"] == "idle"
    assert changes(file) == [[first, second]]
    # Fuel agrees between these two, so nothing tells the run from one that never changed engines.
    undisturbed = answer(second, "run", world, "--run", whole)
    assert steps(file) == steps(whole)
    for field in ("step", "messages", "dead_letters", "fuel"):
        assert resumed[field] == undisturbed[field]
    # And it goes on there, and back.
    answer(second, "send", file, "asker", "script", "touch")
    answer(second, "resume", file)
    answer(first, "send", file, "asker", "script", "touch")
    answer(first, "resume", file)
    assert changes(file) == [[first, second], [second, first]]
    for version in (first, second):
        done = command(version, "replay", file)
        assert (done.returncode, done.stdout.splitlines()[0].split()[1]) == (0, "equivalent")


@BOTH
def test_work_after_the_checkpoint_is_finished_by_the_engine_that_began_it(world, first, second):
    file = world.with_name("it.run")
    answer(first, "run", world, "--run", file, "--max-steps", "6")
    died = subprocess.run(
        [sys.executable, "-c", DIES, str(file)], check=False, env=environment(first)
    )
    assert died.returncode == 9
    kept = steps(file)
    refused = command(second, "resume", file)
    assert refused.returncode == 2
    assert f"wasmtime {first}" in refused.stderr
    assert "other-engine" in command(second, "resume", file, "--json").stdout
    assert steps(file) == kept
    assert changes(file) == []
    answer(first, "resume", file, "--max-steps", "1")
    assert answer(second, "resume", file)["status"] == "idle"
    assert changes(file) == [[first, second]]
    assert steps(file)[: len(kept)] == kept


@BOTH
def test_a_run_of_one_engine_is_replayed_by_the_other(world, first, second):
    file = world.with_name("it.run")
    answer(first, "run", world, "--run", file)
    for version, word in [(first, "identical"), (second, "equivalent")]:
        report = answer(version, "replay", file)
        assert report["divergence"] is None
        assert (report["identical"], report["equivalent"]) == (word == "identical", True)


@BOTH
def test_python_agents_go_on_in_the_middle_of_a_function(tmp_path, first, second):
    """One is suspended with locals on its stack, the other has all it knows in its memory."""
    world, file = AGENTS / "world.toml", tmp_path / "it.run"
    answer(first, "run", world, "--run", file, "--max-steps", "3")
    resumed = answer(second, "resume", file)
    assert changes(file) == [[first, second]]
    log = [row["text"] for row in answer(second, "inspect", file, "--log")["log"]]
    assert log == ["kept this 9", "seen 9 8 7 6 5 4 3 2 1 0"]
    answer(second, "run", world, "--run", tmp_path / "whole.run")
    assert steps(file) == steps(tmp_path / "whole.run")
    assert resumed["status"] == "idle"
