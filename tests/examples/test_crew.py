"""The example `crew`: three agents in TOML alone, and a tool in C."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from wasm_engine.control import inspection, replays, runs
from wasm_engine.control.checks import check
from wasm_engine.control.orders import Pace

WORLD = Path(__file__).parents[2] / "examples/crew/world.toml"
PRINTED = {
    "headline": "Why cats purr",
    "text": "A cat has tiny muscles in its throat. When they twitch, the cat purrs. "
    "Happy cats purr. Scared cats purr, too. Kittens purr so that their mother finds them.",
}
KILLED = """
import os, signal, sys
from wasm_engine.control import runs
from wasm_engine.control.observer import Unobserved

class Killer(Unobserved):
    def at_step(self, step, messages):
        if step == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)

runs.run(sys.argv[1], file=sys.argv[2], observer=Killer())
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The run, and its chain."""
    file = tmp_path_factory.mktemp("crew") / "crew.run"
    report = runs.run(WORLD, file=file)
    assert (report.status, report.dead_letters, report.denials) == ("idle", 0, 0)
    return file, report.chain


def test_the_text_is_sent_back_once_and_then_printed(whole: tuple[Path, str]) -> None:
    wanted = inspection.Wanted(log=True, messages=True, calls=True, state=True)
    history = inspection.inspect(whole[0], wanted=wanted)
    assert [json.loads(line.text) for line in history.log or ()] == [PRINTED]
    assert [(it.sender, it.to) for it in history.messages or ()] == [
        ("operator", "researcher"),
        ("researcher", "writer"),
        ("writer", "critic"),
        ("critic", "writer"),
        ("writer", "critic"),
    ]
    answers = [it.arguments[0] for it in history.calls or () if it.name == "text.measure answers"]
    assert answers == [
        '{"longest":23,"sentences":4,"words":45}',
        '{"longest":8,"sentences":5,"words":29}',
        '{"longest":8,"sentences":5,"words":29}',
    ]
    state = history.state or {}
    assert state["researcher"]["memory"] == '["Cats purr between 25 and 150 times a second."]'


@pytest.mark.parametrize("workers", [2, 4])
def test_its_history_is_the_same_in_any_number_of_threads(
    whole: tuple[Path, str], workers: int
) -> None:
    assert runs.run(WORLD, pace=Pace(workers=workers)).chain == whole[1]


def test_it_replays_without_a_model(whole: tuple[Path, str], tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere.run"
    shutil.copyfile(whole[0], copy)
    report = replays.replay(copy)
    assert (report.identical, report.chain) == (True, whole[1])


def test_stopped_after_each_step_it_goes_on_to_the_same_end(
    whole: tuple[Path, str], tmp_path: Path
) -> None:
    file = tmp_path / "slow.run"
    report = runs.run(WORLD, file=file, pace=Pace(max_steps=2))
    while report.status != "idle":
        report = runs.resume(file, pace=Pace(max_steps=3))
    assert report.chain == whole[1]


def test_killed_it_goes_on_to_the_same_end(whole: tuple[Path, str], tmp_path: Path) -> None:
    file = tmp_path / "killed.run"
    command = [sys.executable, "-c", KILLED, str(WORLD), str(file), "6"]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    assert runs.resume(file).chain == whole[1]


def test_check_says_what_they_may_do() -> None:
    links = [(it.holder, it.tool, it.functions) for it in check(WORLD).links]
    assert links == [
        ("agents.critic", "text", ("text.measure",)),
        ("agents.writer", "text", ("text.measure",)),
    ]
