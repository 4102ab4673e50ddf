"""What was recorded once replays under the older engine too: guests do the same, and spend it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.replay.golden_worlds import GOLDENS
from tests.upgrade.engines import LOCKED, OLDER, command
from tests.upgrade.test_resume import answer
from wasm_engine.control.differences import diff

KEPT = sorted(GOLDENS.glob("v*/*.sqlite"))


@pytest.mark.parametrize("golden", KEPT, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_golden_run_is_equivalent_under_the_older_engine(golden: Path, tmp_path: Path):
    copy = tmp_path / "golden.run"
    shutil.copyfile(golden, copy)
    done = command(OLDER, "replay", copy)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("replay: equivalent")


def test_there_are_goldens_of_each_version():
    assert {path.parent.name for path in KEPT} >= {"v1", "v2"}


def test_the_two_engines_cost_the_same(tmp_path: Path):
    """Known of these two, and of no others: what is recorded under one is so under the other."""
    source = Path(__file__).parents[2] / "examples/votes/world.toml"
    reports = [
        answer(version, "run", source, "--run", tmp_path / f"{version}.run")
        for version in (OLDER, LOCKED)
    ]
    assert reports[0]["fuel"] == reports[1]["fuel"]
    found = diff(*(tmp_path / f"{version}.run" for version in (OLDER, LOCKED)))
    assert (found.step, found.made_of) == (None, ("fingerprint",))
