"""A machine that cannot give what limits promise stops the run; no guest ever hears of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def process(file, name="none", extra=0, workers=1):
    """A run in a process of its own: exit status, last line of output, errors."""
    words = [str(file), name, str(extra), str(workers)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.poor_machine", *words],
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout.strip(), done.stderr


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The chain of the run where nothing is missing."""
    status, chain, _ = process(tmp_path_factory.mktemp("whole") / "whole.run", workers=2)
    assert (status, len(chain)) == (0, 64)
    return chain


@pytest.mark.parametrize(
    ("name", "extra", "workers", "says"),
    [
        ("DATA", 60, 1, "cannot give the 96 MiB"),
        ("DATA", 250, 4, "cannot give the 384 MiB"),
        ("DATA", 120, 1, "cannot give the 96 MiB"),
        ("AS", 60, 1, "cannot give the 96 MiB"),
        ("FSIZE", 64, 1, "cannot be written"),
        ("NPROC", 0, 4, "no thread could be started"),
    ],
)
def test_the_run_stops_with_5_and_goes_on_to_the_same_end(
    whole, tmp_path, name, extra, workers, says
):
    file = tmp_path / "poor.run"
    status, out, err = process(file, name, extra, workers)
    assert (status, out) == (5, "")
    assert says in err
    assert [path.name for path in tmp_path.iterdir()] == ["poor.run"]
    assert process(file) == (0, whole, "")
