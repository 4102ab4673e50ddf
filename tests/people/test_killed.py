"""Processes that die while a person is asked: the question stays, and is answered once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

from wasm_engine.control import people

# As it was before any test took the environment for its own: the interpreter is built once.
PROGRAM = "from wasm_engine.cli.main import script; script()"


def environment():
    """As it is now: where runs are remembered is this test's own matter."""
    return dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))


def begin(*words):
    """A real process of the command line."""
    command = [sys.executable, "-c", PROGRAM, *map(str, words)]
    return subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def done(*words):
    """What a command prints with --json."""
    process = begin(*words, "--json")
    out, err = process.communicate()
    assert process.returncode == 0, err
    return json.loads(out)


def test_a_question_outlives_kill_9_and_the_plan_goes_on_once(office, server):
    office.describe(grants=f", '{server.origin}'", more="count = 2")
    # One asks a person; the other a server that hangs, so that the process lives when it is killed.
    process = begin(
        "run", office.manifest, "--run", office.file, "--allow", server.origin,
        "--send", "clerk/1", "approve", json.dumps({"what": "Go on?"}),
        "--send", "clerk/2", "beside", f"{server.origin}/hang",
    )  # fmt: skip
    try:
        with server.arrived:
            assert server.arrived.wait_for(lambda: server.seen, 600)
    finally:
        process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    listed = done("pending", office.file)["questions"]
    assert [(it["agent"], it["question"]) for it in listed] == [
        ("clerk/1", "Go on?"), ("clerk/2", "who?"),
    ]  # fmt: skip
    done("approve", office.file, listed[0]["number"], "--by", "ann")
    server.release()
    (waits,) = done("resume", office.file)["waits_for"]  # the server was asked again
    assert (waits["agent"], waits["kind"]) == ("clerk/2", "human")
    assert office.state("clerk/1") == {"begun": 1, "decided": [True, "", "ann"], "ended": 1}
    done("answer", office.file, listed[1]["number"], "me")
    assert done("resume", office.file)["status"] == "idle"
    assert office.state("idler") == {"done": 1}
    assert office.log().count("owner: me") == 1
    assert office.replays()


def test_a_process_that_dies_after_the_answer_has_heard_it(office, tmp_path):
    office.run(("approve", {"what": "Go on?"}))
    (number,) = office.asked
    # Dies without a clean stop: the answer is in the journal, and no checkpoint follows it.
    program = (
        "import os, sys; from wasm_engine.control import people\n"
        "from wasm_engine.orchestrator.checkpoints import Checkpoints\n"
        "Checkpoints.make = lambda _self: os.kill(os.getpid(), 9)\n"
        "people.answer(sys.argv[1], int(sys.argv[2]), approved=True)"
    )
    command = [sys.executable, "-c", program, str(office.file), str(number)]
    ended = subprocess.run(command, env=environment(), check=False)
    assert ended.returncode == -signal.SIGKILL
    assert people.pending(office.file).questions == ()
    assert office.resume().status == "idle"
    assert office.state()["ended"] == 1
    assert office.replays()
