"""`new --lang assistant`: a world without code, that runs as it is written."""

from __future__ import annotations

import pytest

from tests.assistants.crew import assistant
from wasm_engine.concepts.errors import Refused
from wasm_engine.control import building, inspection, locks, replays, runs


def test_a_new_world_runs_and_says_how(tmp_path):
    report = building.begin(tmp_path / "tea", "assistant")
    assert report.files == ("answers.toml", "world.toml")
    assert report.commands[1] == "wasm-engine run world.toml --run greeter.run"
    done = runs.run(tmp_path / "tea/world.toml", file=tmp_path / "tea.run")
    assert (done.status, done.dead_letters) == ("idle", 0)
    history = inspection.inspect(tmp_path / "tea.run", wanted=inspection.Wanted(log=True))
    assert [line.text for line in history.log or ()] == [
        "Good day, Ada! How do you do?",
        "Welcome back, Ada.",
    ]


def test_instructions_of_a_file_are_told_locked_and_in_the_run(crew):
    file = crew.folder / "guide.md"
    file.write_text("Be kind.\nBe brief.\n")
    crew.describe({"content": "aye"}, more=assistant("a", 'instructions-file = "guide.md"'))
    report = locks.lock(crew.manifest)
    assert (report.instructions, report.models) == (1, 1)
    crew.run(("a", "Well?"))
    file.write_text("Be cruel.")
    with pytest.raises(Refused, match=r"instructions of a: locked guide\.md sha256:.*, now guide"):
        runs.run(crew.manifest)
    file.unlink()
    (crew.folder / "answers.toml").unlink()
    assert replays.replay(crew.file).identical
    crew.again(("a", "And now?"))
    assert [it.turns[0] for it in crew.questions("a")] == [("system", "Be kind.\nBe brief.\n")] * 2
