"""Nothing that Python raises crosses the library: the process lives, the right instance dies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def python(module, *args):
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-m", module, *args],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "ignored" not in done.stderr, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_every_exception_ends_its_instance_and_nothing_else():
    answers = python("tests.binding.raising")
    assert [what for what, right in answers.items() if not right] == []
    assert len(answers) > 25


@pytest.mark.parametrize("how", ["plain", "deferred"])
def test_interrupts_at_any_moment_are_survived(how):
    assert python("tests.binding.interrupted", how) is True


def test_without_memory_to_map_it_is_the_machine_that_failed():
    answers = python("tests.binding.starved")
    assert {tuple(answer) for answer in answers} == {(5, 2)}
