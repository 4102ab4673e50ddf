"""`.py` agents in a real world, run by the real interpreter component."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interpreter.told import Told

# As it was before any test took the environment for its own: the interpreter is built once.
ENVIRONMENT = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
WORLD = Path(__file__).parent / "world" / "world.toml"
TOPICS = (
    "raise", "refuse", "leave", "identity", "clock", "sleep", "entropy", "entropy", "ask", "chat",
    "defer", "remember", "remember", "print", "asyncio", "library", "walls", "nonsense",
)  # fmt: skip
EPOCH_MINUTE = "2025-01-01T00:00"


def command_line(*arguments):
    """What `wasm-engine --json` prints."""
    program = "from wasm_engine.cli.main import script; script()"
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments), "--json"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def told_of(file):
    return Told(command_line("inspect", file, "--log", "--messages"))


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """One run of the world with one message on each topic."""
    made = tmp_path_factory.mktemp("world") / "kept.run"
    messages = [part for topic in TOPICS for part in ("--send", "scenario", topic, "body")]
    command_line("run", WORLD, "--run", made, *messages, "--send", "broken", "anything", "")
    return made


@pytest.fixture(scope="module")
def told(file):
    """What it left behind."""
    return told_of(file)


def test_an_exception_ends_the_message_and_the_log_says_where(told):
    assert told.code("raise") == "error"
    errors = "\n".join(told.log("error"))
    source = (WORLD.parent / "scenario.py").read_text().splitlines()
    line = source.index('    return {}["missing"]') + 1
    assert f'  File "scenario.py", line {line}, in raises\n    return {{}}["missing"]' in errors
    assert "KeyError: 'missing'" in errors
    assert "/wasm_agent/" not in errors


def test_a_fault_of_the_agents_own_keeps_its_code(told):
    assert told.code("refuse") == "my-code"


def test_a_topic_that_nobody_handles_is_a_dead_letter(told):
    assert told.code("nonsense") == "no-handler"


def test_an_agent_that_ends_its_interpreter_handles_the_next_message_as_ever(told):
    assert told.code("leave")
    assert "scenario world tester operator body" in told.log()


def test_a_file_that_cannot_be_loaded_fails_its_messages_by_name_and_line(told):
    assert told.code("anything", "broken") == "error"
    error = told.log("error", "broken")[0]
    assert 'File "broken.py", line 3, in <module>\n    import numpy' in error
    assert "No module named 'numpy': a .py agent has Python's standard library" in error


def test_every_clock_of_the_language_is_world_time(told):
    assert " ".join([EPOCH_MINUTE] * 3) in told.log()
    assert "60 minutes" in told.log()


def test_entropy_is_other_in_every_activation(told):
    drawn = [line.split() for line in told.log() if line.startswith("0.")]
    assert len(drawn) == 2
    assert all(len(set(pair)) == 2 for pair in zip(*drawn, strict=True))


@pytest.mark.parametrize(
    "line",
    [
        "{'a': [1]}",
        "['both', 'both']",
        r"b'\x00\xff'",
        "NoReply",
        "Timeout",
        "at last",
        r"1 b'\x00' ['bytes', 'count']",
        r"2 b'\x00' ['bytes', 'count']",
        "one line, é",
        "no newline",
        "[3, 1, 2] 3",
        "Future importlib.resources",
        "[] {} ['scenario.py']",
        "Read-only file system",
        "[5, 'calls', 1024]",
        "invalid-request",
    ],
)
def test_the_agent_got_what_it_asked_for(told, line):
    assert line in told.log()


def test_all_of_it_is_replayed(file):
    assert command_line("replay", file)["identical"] is True


def test_the_example_greets_its_visitors(tmp_path):
    example = WORLD.parents[3] / "examples/hello/world.toml"
    command_line("run", example, "--run", tmp_path / "hello.run")
    assert told_of(tmp_path / "hello.run").log(agent="door") == [
        "Hello, Ada!",
        "Hello, Grace!",
        "Welcome back, Ada. This is visit 2.",
    ]
