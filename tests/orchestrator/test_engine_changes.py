"""A run that another engine went on with, and was killed before it could make a checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from wasm_engine.concepts.errors import Misuse
from wasm_engine.control import runs
from wasm_engine.control.orders import Pace
from wasm_engine.host.origins import remember_origin
from wasm_engine.journal.entries import Control
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import LATEST, Run, World
from wasm_engine.world import run as standing

GUESTS = Path(__file__).parent.parent.parent / "guests/testing"
OTHER = [["wasmtime", "99.0.0"], ["semantics", 2]]


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Begun by this engine, stopped by itself, gone on with by another one that was killed."""
    monkeypatch.setenv("WASM_ENGINE_HOME", str(tmp_path / "home"))
    world = World.from_mapping(
        {
            "agents": {name: {"source": "ping/ping.wasm"} for name in "ab"},
            "messages": [{"to": "a", "topic": "start", "body": "20 b"}],
        },
        GUESTS,
    )
    file = tmp_path / "it.run"
    with world.begin(file) as run:
        run.execution.go(Until(max_steps=5))
        remember_origin(run.file.run_id, {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(standing, "fingerprint", lambda _contract: OTHER)
        with Run.open(file, write=True, at=LATEST) as run:
            run.execution.replay()
            run.change(Control("engine", [run.engine, OTHER]))
            run.execution.checkpoints.make = lambda **_: False
            run.execution.go(Until(max_steps=3))
    return file


def test_the_engine_that_went_on_goes_on_after_a_crash(file, monkeypatch):
    monkeypatch.setattr(standing, "fingerprint", lambda _contract: OTHER)
    report = runs.resume(file)
    assert (report.status, report.step) == ("idle", 22)
    with Run.open(file) as run:
        run.execution.replay()


def test_the_engine_before_does_not_take_its_work_for_its_own(file):
    with pytest.raises(Misuse, match=r"another engine \(wasmtime 99.0.0, semantics 2\) did work"):
        runs.resume(file)


def test_the_engine_before_goes_on_where_the_other_did_nothing(file, monkeypatch):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(standing, "fingerprint", lambda _contract: OTHER)
        runs.resume(file, pace=Pace(max_steps=1))
    with Run.open(file, at=LATEST) as run:
        mine = run.this_engine
    assert runs.resume(file).status == "idle"
    with Run.open(file) as run:
        run.execution.replay()
        assert run.engine == mine
