"""A forger who recomputes the chain is not found by it; a replay shows what it took as given."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.replay.forger import forge
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.control.differences import diff
from wasm_engine.control.inspection import Wanted, inspect
from wasm_engine.control.replays import replay
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Control, Input, Kind
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

GUESTS = Path(__file__).parents[2] / "guests/testing"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A run in which a body matters (`add 5`) and another does not (`tell`)."""
    shutil.copyfile(GUESTS / "tally/tally.wasm", tmp_path / "tally.wasm")
    shutil.copyfile(GUESTS / "ping/ping.wasm", tmp_path / "ping.wasm")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/note.txt").write_text("a note")
    data = {
        "agents": {
            "sum": {"source": "tally.wasm", "mounts": ["folder"]},
            "ping": {"source": "ping.wasm"},
        },
        "mounts": {"folder": {"path": "folder", "at": "/folder"}},
        "messages": [
            {"to": "sum", "topic": "add", "body": "5"},
            {"to": "ping", "topic": "whatever", "body": "nobody reads this"},
        ],
    }
    with World.from_mapping(data, tmp_path).begin(tmp_path / "kept.run") as run:
        run.execution.go(Until())
    return tmp_path / "kept.run"


def with_input(old: str, new: str):
    """An edit of the input that has a body."""

    def edit(kind: int, body: bytes) -> bytes:
        if kind != Kind.INPUT:
            return body
        value = entries.decode(kind, body)
        assert isinstance(value, Input)
        if value.body[1] != old:
            return body
        return entries.encode(Input(value.id, value.to, value.topic, ("text", new), []))[1]

    return edit


def test_an_edited_input_that_matters_shows_in_the_first_step_that_it_changes(kept: Path) -> None:
    assert forge(kept, with_input("5", "500")) == 1
    report = replay(kept)
    assert (report.identical, report.equivalent, report.signed) == (False, False, None)
    assert report.divergence is not None
    assert (report.divergence.step, report.divergence.agent) == (1, "sum")
    assert [row.body for row in report.inputs] == ["500", "nobody reads this"]


def test_an_edited_input_that_nobody_reads_is_consistent_and_shown(kept: Path) -> None:
    assert forge(kept, with_input("nobody reads this", "pay me")) == 1
    done = subprocess.run(
        [sys.executable, "-m", "wasm_engine.cli", "replay", str(kept)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert "replay: identical (1 step)" in done.stdout
    assert "(consistent, unsigned)" in done.stdout
    assert "input #2 to ping, whatever: pay me" in done.stdout


def test_an_input_under_another_number_is_no_identical_replay(kept: Path) -> None:
    def edit(kind: int, body: bytes) -> bytes:
        value = entries.decode(kind, body)
        if not isinstance(value, Input) or value.id != 2:
            return body
        return entries.encode(Input(7, value.to, value.topic, value.body, value.headers))[1]

    assert forge(kept, edit) == 1
    report = replay(kept)
    assert report.divergence is not None
    assert (report.divergence.expected, report.divergence.got) == ("input 7", "input 2")


@pytest.mark.parametrize("path", ["../../etc/passwd", "a/b", "", "..", "note.txt/x", "nul\0"])
def test_a_mount_with_a_path_that_cannot_be_is_refused(kept: Path, path: str) -> None:
    def edit(kind: int, body: bytes) -> bytes:
        value = entries.decode(kind, body)
        if not isinstance(value, Control) or value.op != "mount":
            return body
        name, rows = value.args
        return canonical.encode(Control("mount", [name, [[path, *rows[0][1:]]]]))

    assert forge(kept, edit) == 1
    with pytest.raises(BadRunFile, match="path that cannot be"):
        replay(kept)


def test_a_run_that_does_not_say_what_it_is_made_of_is_refused(kept: Path) -> None:
    for args in ([], [["sum", None]], [["sum", None, 5]], [[1, None, b""]]):
        copy = kept.with_name("copy.run")
        shutil.copyfile(kept, copy)

        def edit(kind: int, body: bytes, args: list[object] = args) -> bytes:
            value = entries.decode(kind, body)
            wanted = isinstance(value, Control) and value.op == "kinds"
            return canonical.encode(Control("kinds", args)) if wanted else body

        assert forge(copy, edit) == 1
        with pytest.raises(BadRunFile):
            replay(copy)


def test_the_file_alone_is_enough(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    alone = tmp_path_factory.mktemp("alone")
    shutil.copyfile(kept, alone / "it.run")
    shutil.rmtree(kept.parent)
    home = {"HOME": str(alone / "home"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-m", "wasm_engine.cli", "replay", "it.run"],
        capture_output=True,
        text=True,
        check=False,
        cwd=alone,
        env=home,
    )
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "replay: identical (1 step)")


@pytest.mark.parametrize(
    "look",
    [
        lambda file, _: inspect(file, wanted=Wanted(log=True)),
        lambda file, _: replay(file),
        lambda file, other: diff(other, file),
    ],
    ids=["inspect", "replay", "diff"],
)
def test_a_step_with_more_segments_than_its_detail_is_refused(tmp_path: Path, look) -> None:
    kept, other = tmp_path / "kept.run", tmp_path / "other.run"
    agents = {"a": {"source": "scripted.wasm"}}
    with World.from_mapping({"agents": agents}, GUESTS / "scripted").begin(kept) as run:
        run.execution.receive("a", "script", ("text", "now;log x"), [])
        run.execution.go(Until())
    shutil.copyfile(kept, other)

    def edit(kind: int, body: bytes) -> bytes:
        value = canonical.decode(body)
        if kind != Kind.STEP or not value[2]:
            return body
        return canonical.encode([*value[:2], [*value[2], value[2][-1]], *value[3:]])

    assert forge(kept, edit)
    with pytest.raises(BadRunFile, match="the detail of another"):
        look(kept, other)
