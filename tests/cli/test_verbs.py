"""The verbs as scripts see them: one JSON object on stdout, and an exit status."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from wasm_engine.control.history import LogRow
from wasm_engine.control.inspection import inspect
from wasm_engine.control.reports import Divergence, ReplayReport
from wasm_engine.control.travel import Journey
from wasm_engine.journal.runfile import RunFile

RUN_FIELDS = [
    "world",
    "run",
    "status",
    "step",
    "messages",
    "dead_letters",
    "chain",
    "fingerprint",
    "fuel",
    "denials",
    "waits_for",
    "letters",
]
REPLAY_FIELDS = [
    "identical",
    "equivalent",
    "signed",
    "steps",
    "chain",
    "divergence",
    "inputs",
    "since",
    "refusals",
    "signatures",
    "head",
]
START = ["--send", "a", "start", "20 b"]


def test_run_and_resume_answer_the_documented_fields(values, world, tmp_path):
    file = tmp_path / "x.run"
    status, first = values("run", world, "--run", file, "--max-steps", "3", *START)
    assert (status, list(first), first["status"]) == (0, RUN_FIELDS, "stopped")
    status, last = values("resume", file)
    assert (status, list(last), last["status"]) == (0, RUN_FIELDS, "idle")
    assert (first["run"], first["world"]) == (last["run"], "pingpong")


def test_replay_answers_the_documented_fields(values, kept):
    status, report = values("replay", kept)
    assert (status, list(report)) == (0, REPLAY_FIELDS)
    assert report["identical"] is True


def test_a_part_of_a_run_can_be_replayed(command, values, kept):
    status, report = values("replay", kept, "--from", 9, "--to", 12)
    assert (status, report["identical"]) == (0, True)
    assert report["since"] + report["steps"] == 12
    assert report["since"] < 9
    status, _, err = command("replay", kept, "--from", 9, "--to", 8)
    assert (status, "--from 9 is after --to 8" in err) == (2, True)
    status, _, err = command("replay", kept, "--from", 23)
    assert (status, "no step 23" in err) == (2, True)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_chain_is_the_same_for_any_number_of_workers(values, kept, world, workers):
    with RunFile.open(kept) as run:
        chain = run.chain
    assert values("run", world, "--workers", workers, *START)[1]["chain"] == chain


def test_prose_is_for_people(command, kept):
    status, out, err = command("replay", kept)
    assert status == 0
    assert out.startswith("replay: identical (22 steps)\n  chain ")
    assert out.endswith("(consistent, unsigned)\n  input #1 to a, start: 20 b\n")
    assert err == ""


@pytest.mark.parametrize("flag", [[], ["--messages"], ["--state"], ["--calls"], ["--log"]])
def test_inspect_prints_what_was_asked_for(command, values, kept, flag):
    status, out, _ = command("inspect", kept, "--step", 2, *flag)
    assert status == 0
    assert out.startswith("pingpong: step 2 of 22, 2025-01-01T00:00:00.002000000Z, seed 0\n")
    status, report = values("inspect", kept, "--step", 2, *flag)
    given = [k for k in ("messages", "state", "calls", "log") if report[k] is not None]
    assert given == [word.strip("-") for word in flag]


def test_what_is_spent_is_told(command, values, tmp_path, world):
    manifest = world.with_name("bounded.toml")
    manifest.write_text(
        f"{world.read_text()}\n[budgets.talk]\nmessages = 5\nper = '1 h'\nexhausted = 'wait'\n"
    )
    file = tmp_path / "bounded.run"
    assert values("run", manifest, "--run", file, *START)[0] == 0
    out = command("inspect", file, "--budgets", "--step", 10)[1].splitlines()
    hour = "2025-01-01T00:00:00.000000000Z to 2025-01-01T01:00:00.000000000Z"
    assert out[1:] == [
        f"  talk  a  messages 5 of 5, {hour} (wait); waiting: a",
        f"  talk  b  messages 5 of 5, {hour} (wait)",
    ]
    (row,) = values("inspect", file, "--budgets", "--step", 11, "--agent", "b")[1]["budgets"]
    assert (row["spent"], row["until"]) == (0, "2025-01-01T02:00:00.000000000Z")
    assert values("replay", file)[1]["identical"]
    with Journey.open(file) as journey:
        journey.seek(10)
        assert [row.spent for row in journey.budgets()] == [5, 5]


def test_a_conversation_reads_in_order(command, talk):
    out = command("inspect", talk, "--messages")[1]
    assert out.splitlines()[2:] == [
        '       1  #2  asker -> clerk  script (request 1)  "reply hello"',
        '       2  request 1 ended: reply  "hello"',
        "       4  #3  asker -> asker  (timer)",
    ]


def test_send_then_resume(command, values, kept):
    status, out, err = command("send", kept, "b", "start", "3 a")
    assert (status, out) == (0, "message 23 waits for b\n")
    assert "resume" in err
    assert values("resume", kept)[1]["messages"] == 27


def test_diff_exits_0_where_nothing_differs_and_1_otherwise(command, kept, tmp_path):
    other = tmp_path / "other.run"
    shutil.copyfile(kept, other)
    assert command("diff", kept, other)[:2] == (0, "the same history\n")
    command("send", other, "a", "start", "1 b")
    status, out, _ = command("diff", kept, other)
    assert status == 1
    assert out.startswith("first difference: step 23: entry\n")


def test_bisect_tells_what_it_took(command, values, kept):
    status, out, err = command("bisect", kept)
    assert status == 0
    assert out.startswith("bisect: no divergence at the end of the run")
    assert "took 1 replay of 22 steps" in out
    assert err == "replay 1: steps 1 to 22\n"
    report = values("bisect", kept)[1]
    assert (report["replays"], report["executed"], report["divergence"]) == (1, 22, None)


def test_fork_then_resume(command, values, kept, tmp_path):
    out = tmp_path / "fork.run"
    status, report = values("fork", kept, "--at", 5, "--out", out)
    assert (status, list(report)) == (0, ["world", "run", "origin", "at", "chain"])
    assert values("resume", out)[1]["run"] == report["run"]
    assert command("diff", kept, out)[:2] == (0, "the same history\n")
    other = tmp_path / "other.run"
    edits = ["--set", "a", "A key", "a value", "--send", "b", "start", "2 a", "--seed", 7]
    status, text, err = command("fork", kept, "--at", 5, "--out", other, *edits)
    assert (status, "steps up to 5 in common with" in text, "resume" in err) == (0, True, True)
    values("resume", other)
    assert values("inspect", other, "--state")[1]["state"]["a"] == {"A key": "a value"}
    status, text, _ = command("diff", kept, other)
    assert (status, "first difference: step 6" in text) == (1, True)
    assert text.startswith("made of different things: orders (edits of forks, take-overs)\n")
    assert command("fork", kept, "--at", 5, "--out", other)[0] == 2
    assert command("fork", kept, "--at", 5, "--out", out, "--set", "A", "k", "v")[0] == 2


def test_check_and_component_show(command, values, world):
    assert command("check", world)[0] == 0
    assert values("check", world)[1]["agents"] == ["a", "b"]
    status, out, _ = command("component", "show", world.parent / "ping.wasm")
    assert status == 0
    assert "can be: handler" in out


def test_what_the_world_lacks_permission_for_is_exit_4(command, world, tmp_path):
    outside = tmp_path / "documents"
    outside.mkdir()
    mount = f"[mounts.docs]\npath = '{outside}'\nat = '/docs'\n"
    world.write_text(world.read_text() + "mounts = ['docs']\n" + mount)
    status, _, err = command("run", world)
    assert status == 4
    assert f"--allow mount:{outside}" in err
    assert command("check", world)[0] == 4
    assert command("run", world, "--allow", f"mount:{outside}")[0] == 0


def test_dead_letters_are_exit_1_unless_they_were_expected(command, values, world):
    failing = world.read_text() + "fuel = 10\n"
    world.write_text(failing)
    status, report = values("run", world, *START)
    assert (status, report["status"], report["dead_letters"]) == (1, "idle", 1)
    world.write_text(failing + "expect-failure = true\n")
    status, report = values("run", world, *START)
    assert (status, report["dead_letters"]) == (0, 0)


def test_dead_letters_are_listed(command, values, talk, tmp_path):
    file = tmp_path / "dead.run"
    manifest = talk.parent / "talk/world.toml"
    sent = ["--send", "asker", "script", "fail broken luck", "--send", "clerk", "script", "log x"]
    status, out, err = command("run", manifest, "--run", file, *sent)
    assert status == 1
    assert out.splitlines()[2] == "  dead: message 1 to asker, script: failed broken"
    assert f"wasm-engine inspect {file} --log" in err
    letter = values("inspect", file)[1]["dead_letters"][0]
    assert (letter["topic"], letter["code"]) == ("script", "broken")
    status, report = values("resume", file)
    assert (status, report["dead_letters"], report["letters"]) == (1, 1, [])


def test_no_line_of_a_guest_looks_like_a_line_of_ours(command, kept, monkeypatch):
    log = (LogRow(3, "a", "error", "broken:\n       4  b  info  all is well\x1b\n"),)
    report = replace(inspect(kept), log=log)
    monkeypatch.setattr("wasm_engine.control.inspection.inspect", lambda *_, **__: report)
    assert command("inspect", kept, "--log")[1].splitlines()[1:] == [
        "       3  a  error  broken:",
        "        |        4  b  info  all is well\\x1b",
        "        |",
    ]


def test_a_replay_that_diverges_is_exit_3(command, values, kept, monkeypatch):
    report = ReplayReport(
        False, False, None, 4, "00", Divergence(5, "a\x1b", 0, "send('b')", "send('c')")
    )
    monkeypatch.setattr("wasm_engine.control.replays.replay", lambda *_, **__: report)
    status, out, _ = command("replay", kept)
    assert status == 3
    assert out.splitlines() == [
        "replay: diverged at step 5",
        "  agent a\\x1b, call 0",
        "  the run holds    send('b')",
        "  re-execution did send('c')",
        "  chain 00 (consistent, unsigned)",
    ]
    assert values("replay", kept)[1]["divergence"]["got"] == "send('c')"


@pytest.mark.parametrize(
    "words",
    [
        ["run", "nothing.toml"],
        ["check", "nothing.toml"],
        ["resume", "nothing.run"],
        ["replay", "nothing.run"],
        ["inspect", "nothing.run"],
        ["bisect", "nothing.run"],
        ["fork", "nothing.run", "--at", "1", "--out", "fork.run"],
        ["send", "nothing.run", "a", "b", "c"],
        ["diff", "nothing.run", "nothing.run"],
        ["component", "show", "nothing.wasm"],
        ["component", "run", "nothing.wasm"],
        ["interpreter", "import", "nothing.wasm"],
    ],
)
def test_what_is_not_there_is_exit_2_and_one_message(command, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    status, out, err = command(*words)
    assert (status, out) == (2, "")
    assert err.startswith("wasm-engine: ")
    assert "nothing" in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def _started(words):
    return subprocess.Popen(
        [sys.executable, "-c", "from wasm_engine.cli.main import script; script()", *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_interrupted_run_is_intact_and_goes_on(world, tmp_path, values):
    file = tmp_path / "long.run"
    many = ["--send", "a", "start", "1000000000000 b"]
    with _started(["run", str(world), "--run", str(file), *many, "--json"]) as process:
        while not _has_steps(file):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert json.loads(out)["status"] == "stopped"
    assert "stopping after this step" in err
    status, report = values("resume", file, "--max-steps", "1")
    assert (status, report["step"]) == (0, json.loads(out)["step"] + 1)


def _has_steps(file):
    if not file.exists():
        return False
    try:
        with RunFile.open(file) as run:
            return run.count > 100
    except Exception:  # noqa: BLE001 (it is being made)
        return False


def test_whoever_reads_the_output_may_go(kept):
    words = ["inspect", str(kept), "--calls"]
    with _started(words) as process:
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(timeout=60) == 141
    assert err == ""
