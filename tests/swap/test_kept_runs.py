"""Swaps of runs in files: the verb, and what else is done with such runs."""

from __future__ import annotations

import json

import pytest

import wasm_engine
from tests.swap.conftest import go, replayed, resumed, starts, states, world_of
from wasm_engine.cli.main import main
from wasm_engine.control.forks import Edits, fork
from wasm_engine.control.inspection import Wanted, inspect
from wasm_engine.control.keeping import compact, export, import_run
from wasm_engine.control.orders import Pace
from wasm_engine.control.replays import replay
from wasm_engine.control.runs import resume
from wasm_engine.control.swap import swap

WORLD = """\
[world]
name = "words"

[agents.feeder]
source = "ping.wasm"

[agents.tokenizer]
source = "tokenizer.wasm"
config = { odd = "migrate" }
"""


@pytest.fixture(scope="module")
def kept(parts, tmp_path_factory):
    """A run that was stopped, then swapped: first what is taken back, then what stays."""
    file = tmp_path_factory.mktemp("kept") / "kept.run"
    (parts / "world.toml").write_text(WORLD)
    send = [("feeder", "start", "30 tokenizer")]
    wasm_engine.run(parts / "world.toml", file=file, send=send, pace=Pace(max_steps=6))
    report = swap(file, "tokenizer", parts / "tokenizer-odd.wasm")
    assert (report.step, report.over, report.later, report.migrated) == (6, 1, 0, 1)
    resume(file, pace=Pace(max_steps=4))
    swap(file, "tokenizer", parts / "tokenizer-next.wasm", verify=True, keep_old=5)
    resume(file, pace=Pace(max_steps=4))
    return file


def test_a_look_says_what_was_swapped_and_what_became_of_it(kept):
    report = inspect(kept, wanted=Wanted(state=True))
    assert [(row.step, row.how) for row in report.swaps] == [
        (7, "swapped"), (8, "taken-back"), (11, "swapped"), (11, "kept"),
    ]  # fmt: skip
    failed = report.swaps[1]
    assert (failed.agent, failed.code) == ("tokenizer", "unreachable")
    assert failed.component == report.swaps[0].component
    assert report.state["tokenizer"]["total"].startswith("words ")
    assert [row.how for row in inspect(kept, step=10).swaps] == ["swapped", "taken-back"]
    before = inspect(kept, step=7, wanted=Wanted(state=True)).state
    assert before["tokenizer"].keys() == {"count", "odd"}


def test_the_run_file_alone_replays_whatever_is_made_of_it(kept, tmp_path):
    assert replay(kept).identical
    assert replay(kept, start=9).identical
    chain = replay(kept).chain
    short, lines, again = tmp_path / "short.run", tmp_path / "lines", tmp_path / "again.run"
    compact(kept, short, step=8)
    export(kept, lines)
    assert import_run(lines, again).chain == chain
    fork(kept, at=7, out=tmp_path / "fork.run")  # on trial there
    last = {resume(file).chain for file in (short, tmp_path / "fork.run")}
    assert replay(again).identical
    assert replay(short).identical
    assert len(last) == 2  # a fork has what came from outside, and not the operator's orders
    assert [row.how for row in inspect(tmp_path / "fork.run").swaps] == ["swapped", "taken-back"]


def test_an_edit_of_a_fork_ends_what_was_swapped(kept, parts, tmp_path):
    out = tmp_path / "edited.run"
    fork(
        kept, at=7, out=out, edits=Edits(components=(("tokenizer", parts / "tokenizer-odd.wasm"),))
    )
    assert resume(out).dead_letters == 1  # it is on trial no more
    assert replay(out).identical


def test_the_verb(kept, parts, tmp_path, capsys):
    out = tmp_path / "fork.run"
    fork(kept, at=14, out=out)

    def command(*words):
        status = main([str(word) for word in words])
        return status, *capsys.readouterr()

    status, said, _ = command("swap", out, f"tokenizer={parts / 'tokenizer.wasm'}", "--verify")
    assert (status, said) == (2, "")  # it does not know what the next release keeps
    told = ("--keep-old", "0", "--json")
    status, said, _ = command("swap", out, f"tokenizer={parts / 'tokenizer.wasm'}", *told)
    report = json.loads(said)
    assert (status, report["keep_old"], report["step"]) == (0, 0, 14)
    status, said, err = command("swap", out, f"tokenizer={parts / 'tokenizer-next.wasm'}")
    assert status == 0
    assert "swapped: from step 15 on 1 agent of tokenizer runs" in said
    assert "the old one comes back if a message fails before 3 went well" in said
    assert "wasm-engine resume" in err
    status, said, _ = command("inspect", out)
    assert "step 15: tokenizer swapped:" in said
    status, said, err = command("swap", out, f"tokenizer={parts / 'tokenizer-next.wasm'}")
    assert (status, said, "run that already" in err) == (2, "", True)


def test_an_open_run_is_swapped_by_the_same_function(parts, tmp_path):
    file = tmp_path / "open.run"
    with world_of(parts).begin(file, inputs=starts(9)) as run:
        go(run, 3)
        assert swap(run, "tokenizer", parts / "tokenizer-next.wasm").migrated == 3
        go(run)
    replayed(file)
    with resumed(file) as run:
        assert states(run) == [{"total": "words 10"}] * 3
