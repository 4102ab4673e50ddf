"""Runs that were recorded once replay for ever, and the same worlds still give the same chains."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.replay.golden_worlds import GOLDENS, WORLDS, record
from wasm_engine.control.replays import replay
from wasm_engine.journal.entries import Kind
from wasm_engine.journal.runfile import RunFile


@pytest.fixture(params=sorted(path.name for path in GOLDENS.glob("*.sqlite")))
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a golden, under the name of a run file."""
    copy = tmp_path / f"{Path(request.param).stem}.run"
    shutil.copyfile(GOLDENS / request.param, copy)
    return copy


@pytest.mark.parametrize("workers", [1, 4])
def test_a_golden_run_replays(golden: Path, workers: int) -> None:
    """Equivalent: it was recorded by an engine with another profile."""
    report = replay(golden, workers=workers)
    assert (report.divergence, report.equivalent) == (None, True)
    assert report.steps > 1


def test_its_world_still_gives_its_entries(golden: Path, tmp_path: Path) -> None:
    """All but the header, which holds the engine's fingerprint."""
    record(golden.stem, tmp_path / "again.run", workers=2)
    assert bodies(tmp_path / "again.run") == bodies(golden)


def bodies(path: Path) -> list[tuple[int, bytes]]:
    with RunFile.open(path) as file:
        return [(entry.kind, entry.body) for entry in file.entries() if entry.kind != Kind.HEADER]


def test_every_golden_world_was_recorded() -> None:
    assert {path.stem for path in GOLDENS.glob("*.sqlite")} == set(WORLDS)
