"""The fuzzer finds what there is to find: errors, processes that die, input that takes for ever."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace

import msgspec
import pytest

from fuzz import plain_values, session
from fuzz.campaign import fuzz
from fuzz.mutation import mutated
from fuzz.session import Session
from fuzz.target import MOST_BYTES, load
from tests.architecture.conftest import ROOT
from wasm_engine.concepts.errors import Bug, Misuse

FAULTY = load("tests.fuzz.dying")


def raising(error):
    def check(_data):
        raise error

    return check


def findings(target, steps=5):
    tried = Session(target, seed=0)
    tried.seeds()
    for _ in range(steps):
        tried.step()
    return tried


def test_an_error_that_is_none_of_ours_is_found_once_with_its_input():
    found = findings(FAULTY, steps=50).findings
    ((key, finding),) = found.items()
    assert key.startswith("KeyError")
    assert b"3" in finding.data
    assert "a three" in finding.text


@pytest.mark.parametrize(
    ("error", "is_found"),
    [(Misuse("x"), False), (Bug("x"), True), (ValueError("x"), True), (BaseException("x"), True)],
    ids=["refused", "a bug", "foreign", "a panic"],
)
def test_what_is_a_finding(error, is_found):
    assert bool(findings(replace(FAULTY, check=raising(error))).findings) is is_found


def test_what_takes_longer_than_it_may_is_found(monkeypatch):
    def check(_data):
        while True:
            pass

    monkeypatch.setattr(session, "SECONDS", 0.05)
    assert list(findings(replace(FAULTY, check=check), steps=0).findings) == ["TooLong "]


def test_a_process_that_dies_is_a_finding_with_its_input(tmp_path):
    outcome = fuzz("tests.fuzz.lethal", 0.5, 0, tmp_path)
    ((path, key),) = outcome.findings.items()
    assert key == "killed by signal 11"
    assert path.read_bytes() == b"die"
    assert "Segmentation fault" in path.with_suffix(".txt").read_text()


def test_what_was_found_is_kept_and_can_be_tried_again(tmp_path):
    outcome = fuzz("tests.fuzz.dying", 0.5, 0, tmp_path)
    assert outcome.executions > 16
    path = next(path for path, key in outcome.findings.items() if key.startswith("KeyError"))
    command = [sys.executable, "-m", "fuzz", "tests.fuzz.dying", "--input", path]
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "KeyError: 'a three'" in again.stderr


def test_the_same_seed_is_the_same_inputs():
    def inputs(seed):
        tried = []
        made = Session(replace(FAULTY, check=tried.append), seed)
        for _ in range(50):
            made.step()
        return tried

    assert inputs(1) == inputs(1)
    assert inputs(1) != inputs(2)


def test_values_are_replaced_and_stay_values():
    rng = random.Random(0)
    data = plain_values.written([1, ["a", b"b", {"c": None}], 2.5])
    made = {mutated(data, [data], ("msgpack",), (), rng, MOST_BYTES) for _ in range(200)}
    sound = [it for it in made if plain_values.read(it) is not None]
    assert len(sound) > 60
    assert all(msgspec.msgpack.decode(it) is not None for it in sound)
