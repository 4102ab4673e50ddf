"""What lives in a guest's memory lives on with it, whatever its instance was made of."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRONMENT = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
PLAY = Path(__file__).parent / "kept" / "play.py"


@pytest.fixture(scope="module")
def played():
    done = subprocess.run(
        [sys.executable, PLAY], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def lines_of(played, agent):
    return [line.removeprefix(f"{agent}: ") for line in played["lines"] if line.startswith(agent)]


def test_the_chain_does_not_depend_on_it(played):
    assert len(set(played["chains"])) == 1
    assert played["restored"] >= 5


def test_a_resident_agent_remembers_until_it_fails(played):
    notes = [line for line in lines_of(played, "resident") if " line" in line]
    assert notes == ["1 line0", "2 line0,line3", "1 line5"]


def test_any_other_begins_anew_with_each_message(played):
    notes = [line for line in lines_of(played, "pristine") if " line" in line]
    assert notes == ["1 line0", "1 line3", "1 line5"]


def test_a_bucket_is_shared_and_bytes_stay_bytes(played):
    for agent in ("resident", "pristine"):
        assert 'Map {a: [255], b: "text"}' in lines_of(played, agent)
        assert any(line.endswith(", changed: true}") for line in lines_of(played, agent))


def test_whoever_waits_gets_all_its_answers(played):
    for one in (1, 2):
        texts = [line.split()[0] for line in lines_of(played, f"asker/{one}")]
        assert texts == ["a:0,b:x"]


def test_random_numbers_are_drawn_from_one_row(played):
    assert not any(line.startswith("true") for line in played["lines"])
