"""One world of `.js` agents, run by the real interpreter component, once for all tests here."""

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
HERE = Path(__file__).parent
WORLD = HERE / "world" / "world.toml"
EXAMPLE = HERE.parents[1] / "examples/javascript/world.toml"
TOPICS = (
    "raise", "refuse", "cause", "reject", "float", "stuck", "odd", "identity", "clock", "entropy",
    "entropy", "ask", "defer", "timers", "remember", "remember", "later", "kin", "console", "text",
    "numbers", "walls", "database", "ungranted", "swap", "nonsense",
)  # fmt: skip
ATTACKS = (
    "endless", "microtasks", "catastrophe", "recursion", "nested", "array", "doubling", "huge",
    "poison", "clean", "surrogate", "machine", "memory",
)  # fmt: skip
# Several verbs in one process: to start one takes longer than what it does here.
PROGRAM = """
import contextlib, io, json, sys
from wasm_engine.cli.main import main
told = []
for arguments in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(arguments)
    told.append([status, out.getvalue(), err.getvalue()])
print(json.dumps(told))
"""


@pytest.fixture(scope="session")
def played(tmp_path_factory):
    """Status, output and errors of each verb that was called."""
    folder = tmp_path_factory.mktemp("javascript")
    file, example = str(folder / "kept.run"), str(folder / "hello.run")
    messages = [part for topic in TOPICS for part in ("--send", "scenario", topic, "body")]
    messages += [part for topic in ATTACKS for part in ("--send", "evil", topic, "body")]
    messages += ["--send", "broken", "x", "", "--send", "throws", "x", ""]
    verbs = {
        "run": ["run", str(WORLD), "--run", file, "--workers", "2", *messages, "--json"],
        "inspect": ["inspect", file, "--log", "--messages", "--json"],
        "replay": ["replay", file, "--json"],
        "example": ["run", str(EXAMPLE), "--run", example, "--json"],
        "greetings": ["inspect", example, "--log", "--messages", "--json"],
        "check": ["check", str(WORLD)],
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(list(verbs.values()))],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(verbs, json.loads(done.stdout), strict=True))


@pytest.fixture(scope="session")
def told(played):
    """What the world left behind."""
    return Told(json.loads(played["inspect"][1]))
