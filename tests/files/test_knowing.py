"""Shared folders under a policy, and what labels they carry on."""

from __future__ import annotations

from pathlib import Path

from tests.files.test_worlds import Writing
from tests.stores.worlds import lines
from wasm_engine.control import inspection, replays
from wasm_engine.control.policies import enforce
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import LATEST, Run

LEAVES = """
[[forbid]]
name = "nothing-secret-leaves"
actions = ["mount.write"]
targets = ["empty"]
labels = ["secret"]
"""
LOOKS = """
[[forbid]]
name = "nobody-looks"
actions = ["mount.read"]
targets = ["notes"]
agents = ["blind"]
"""
LABELS = {"secret": {"sources": ["agent:author"]}}


def play(
    folder: Path, scripts: dict[str, list[str]], rule: str, *, breaks: bool = False, **more: int
) -> Writing:
    rules = folder / "rules.toml"
    rules.write_text(rule)
    writing = Writing(folder, scripts, labels=LABELS if rule == LEAVES else {})
    with writing.begin(**more) as run:
        enforce(run, [rules])
        run.execution.go(Until(max_steps=2 if breaks else None))
        if breaks:
            run.execution.checkpoints.make(anyhow=True)
    if breaks:
        with Run.open(writing.file, write=True, at=LATEST) as run:
            run.execution.replay()
            run.execution.go(Until())
    assert replays.replay(writing.file).identical
    return writing


def said_of(writing: Writing) -> dict[str, list[str]]:
    """What they printed; what the host says of refusals is not theirs."""
    said = writing.said()
    return {name: [it for it in said[name] if not it.startswith("call ")] for name in said}


def test_who_reads_what_was_written_knows_what_the_writer_knew(tmp_path):
    wait = ["mkdir deep/empty/w1", "mkdir deep/empty/w2", "mkdir deep/empty/w3"]
    scripts = {
        "author": [lines("open notes/note wc", "append psst", "mkdir deep/empty/mine")],
        "reader": [lines(*wait, "open notes/note r", "read 0 9", "mkdir deep/empty/told")],
        "by-error": [
            lines("mkdir deep/empty/e1", "mkdir deep/empty/e2", "mkdir deep/empty/e3",
                  "stat notes/gone", "mkdir deep/empty/told2"),
        ],
        "clean": [lines("list shown", "mkdir deep/empty/clean")],
    }  # fmt: skip
    found = []
    for number, more in enumerate(({"workers": 3, "max_live": 0}, {"breaks": True})):
        folder = tmp_path / str(number)
        folder.mkdir()
        writing = play(folder, scripts, LEAVES, **more)
        found.append((said_of(writing), replays.replay(writing.file).chain))
    assert found[0] == found[1]
    said = found[0][0]
    assert said["author"] == ["ok", "ok", "error access"]
    assert said["reader"] == ["ok", "ok", "ok", "ok", "end psst", "error access"]
    assert said["by-error"] == ["ok", "ok", "ok", "error no-entry", "error access"]
    assert said["clean"] == ["list a.txt sub/", "ok"]
    report = inspection.inspect(writing.file, wanted=inspection.Wanted(calls=True))
    rows = {(row.agent, row.action, row.target, row.rule, row.labels) for row in report.refusals}
    assert rows == {
        (agent, "mount.write", "empty", "nothing-secret-leaves", ("secret",))
        for agent in ("author", "reader", "by-error")
    }


def test_what_a_policy_forbids_to_read_may_still_be_written(tmp_path):
    looks = ["list notes", "stat notes/a.txt", "stat notes/none", "open notes/a.txt r"]
    looks += ["readlink notes/a.txt", "base notes/sub", "stat notes/../shown/a.txt"]
    opens = ["open notes/a.txt rw", "read 0 9", "drain 0", "append !", "rename notes/a.txt notes/b"]
    writing = play(tmp_path, {"blind": [lines(*looks, *opens)]}, LOOKS)
    said = said_of(writing)["blind"]
    assert said[: len(looks)] == ["error access"] * len(looks)
    # As a file that one may write and not read.
    assert said[len(looks) :] == ["ok", "error access", "data ", "error access", "ok", "ok"]
    assert writing.at_the_end()["notes"]["b"] == b"hello!"
