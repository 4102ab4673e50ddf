"""Commands as tools: arguments, input and files go in, output and exit status come back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from wasmtime import wat2wasm

from tests.tools.components import AGENT, running, tables, trace
from wasm_engine.control import replays
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

KINDS = Path(__file__).parents[2] / "guests/testing/kinds"
AGENT_WITH = {**AGENT, "tools": ["kinds"]}
BARE = """
(component
  (core module $m (func (export "run") (result i32) i32.const 1))
  (core instance $i (instantiate $m))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $e (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $e)))
"""
FILE = {"path": "data/note.txt", "content": {"text": "there"}}


@pytest.fixture(params=["c", "rust"])
def said(request, folder):
    """What an agent is answered that runs the program, call by call."""
    tool = {"component": str(KINDS / f"kinds-{request.param}.wasm"), "disk": "64 KiB"}

    def play(*calls, **more):
        world = tables({"a": AGENT_WITH}, {"kinds": {**tool, **more}})
        lines = [f"kinds.run {json.dumps(call)}" for call in calls]
        with running(folder, world, "\n".join(lines)) as run:
            return [json.loads(it) if it[0] == "{" else it for it in trace(run)]

    return play


def text(answer):
    assert answer["status"] == 0
    return answer["output"]["text"]


def test_a_program_gets_arguments_and_input_and_is_new_for_each_call(said):
    given = {"arguments": ["surroundings", "x y"]}
    config = {"args": [], "env": {"A": "b"}}
    first, again = said(given, given, config=config)
    assert "x y" in text(first)
    assert first == again
    (answer,) = said({"arguments": ["input"], "input": {"text": "one\ntwo\n"}})
    assert text(answer).lower().rstrip().endswith("two")


def test_an_exit_status_is_an_answer_and_the_next_call_goes_well(said):
    first, second = said({}, {"arguments": ["surroundings", "still here"]})
    assert first == {"output": {"text": ""}, "status": 33}
    assert "still here" in text(second)


def test_files_are_there_for_one_call(said):
    first, second = said({"arguments": ["files"], "files": [FILE]}, {"arguments": ["files"]})
    assert text(first).splitlines()[0] == "world 11"  # it found the folder `data`
    assert second["status"] != 0  # which is not there any more


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"files": [{**FILE, "path": "../x"}]}, "invalid-arguments:kinds.run: /files/0/path: must"),
        ({"files": [{**FILE, "path": "/x"}]}, "invalid-arguments:kinds.run: /files/0/path: must"),
        ({"arguments": ["a\0b"]}, "invalid-arguments:kinds.run: /arguments/0: must have no"),
        ({"files": [FILE, FILE]}, "invalid-arguments:kinds.run: /files/1/path: is there twice"),
        ({"files": [FILE, {**FILE, "path": "data/note.txt/x"}]}, "tool-failed:kinds.run: not-dir"),
        (
            {"files": [{"path": "x", "content": {"text": "y" * 70_000}}]},
            "tool-failed:kinds.run: insufficient-space",
        ),
    ],
)
def test_what_cannot_be_given_is_refused_with_its_place(said, given, wrong):
    (answer,) = said(given)
    assert answer.startswith(f"err:{wrong}")


def test_a_program_that_fails_without_exit_and_asks_for_nothing_is_new_each_time_too(folder):
    """Nothing that it does says that it was given files: they are gone all the same."""
    (folder / "bare.wasm").write_bytes(wat2wasm(BARE))
    tool = {"component": "bare.wasm", "disk": "64 KiB"}
    large = {"text": "y" * 40_000}
    calls = [{"files": [{"path": name, "content": large}]} for name in ("a", "b")]
    world = tables({"a": AGENT_WITH}, {"kinds": tool})
    with running(folder, world, "\n".join(f"kinds.run {json.dumps(it)}" for it in calls)) as run:
        assert [json.loads(it) for it in trace(run)] == [{"output": {"text": ""}, "status": 1}] * 2


def test_a_run_with_programs_replays(folder, tmp_path):
    tool = {"component": str(KINDS / "kinds-c.wasm")}
    calls = [{"arguments": ["clocks"]}, {"arguments": ["random"]}, {}]
    told = "\n".join(f"kinds.run {json.dumps(it)}" for it in calls)
    world = World.from_mapping(tables({"a": AGENT_WITH}, {"kinds": tool}), folder)
    with world.begin(tmp_path / "it.run") as run:
        run.execution.receive("a", "do", ("text", told), [])
        run.execution.go(Until(max_steps=300))
        clocks, random, _ = trace(run)
    assert json.loads(clocks)["output"]["text"].endswith(" 15\n")  # it slept for world time
    assert len(json.loads(random)["output"]["text"]) == 17
    assert replays.replay(tmp_path / "it.run").identical
