"""Runs that were recorded once replay for ever, and the same worlds still give the same chains."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.replay.golden_worlds import GOLDENS, WORLDS, record
from wasm_engine.control.replays import replay
from wasm_engine.journal.runfile import RunFile


@pytest.fixture(params=sorted(path.name for path in GOLDENS.glob("*.sqlite")))
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a golden, under the name of a run file."""
    copy = tmp_path / f"{Path(request.param).stem}.run"
    shutil.copyfile(GOLDENS / request.param, copy)
    return copy


@pytest.mark.parametrize("workers", [1, 4])
def test_a_golden_run_replays_identically(golden: Path, workers: int) -> None:
    report = replay(golden, workers=workers)
    assert (report.divergence, report.identical) == (None, True)
    assert report.steps > 1


def test_its_world_still_gives_its_chain(golden: Path, tmp_path: Path) -> None:
    with RunFile.open(golden) as kept:
        chain = kept.chain
    assert record(golden.stem, tmp_path / "again.run", workers=2) == chain


def test_every_golden_world_was_recorded() -> None:
    assert {path.stem for path in GOLDENS.glob("*.sqlite")} == set(WORLDS)
