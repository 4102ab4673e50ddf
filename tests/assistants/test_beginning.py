"""`new --lang assistant`: a world without code, that runs as it is written."""

from __future__ import annotations

from wasm_engine.control import building, inspection, runs


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
