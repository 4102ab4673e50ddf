"""Runs made shorter, told as JSON and had back: each goes on as the run that it was."""

from __future__ import annotations

import pytest

from wasm_engine.concepts.errors import BadRunFile, Misuse
from wasm_engine.control import runs
from wasm_engine.control.differences import diff
from wasm_engine.control.inspection import Wanted, inspect
from wasm_engine.control.keeping import compact, export, import_run, verify_export
from wasm_engine.control.orders import Outside, Pace
from wasm_engine.control.replays import replay
from wasm_engine.journal.runfile import RunFile


@pytest.fixture
def whole(world, tmp_path):
    """A run of thirty messages that was stopped after each few steps, where it got checkpoints."""
    file = tmp_path / "whole.run"
    runs.run(world, file=file, send=[Outside("a", "start", "30 b")], pace=Pace(max_steps=8))
    for _ in range(2):
        runs.resume(file, pace=Pace(max_steps=8))
    return file


def test_a_compacted_run_goes_on_like_the_whole_one(whole, tmp_path):
    short = tmp_path / "short.run"
    report = compact(whole, short)
    with RunFile.open(whole) as run:
        assert (report.run, report.chain) == (run.run_id, run.chain)
        assert report.step == run.checkpoints()[-1].step == 24
    assert report.left_out > 20
    assert (report.bytes, report.bytes_before) == (short.stat().st_size, whole.stat().st_size)
    again = replay(short)
    assert (again.identical, again.since, again.steps) == (True, 24, 0)
    ends = [runs.resume(file) for file in (whole, short)]
    assert ends[0].chain == ends[1].chain
    assert ends[0].messages == ends[1].messages
    assert replay(short).identical


def test_what_is_left_can_be_looked_at_and_what_is_gone_cannot(whole, tmp_path):
    runs.resume(whole)
    short = tmp_path / "short.run"
    report = compact(whole, short, step=20)
    assert report.step == 16
    seen = inspect(short, wanted=Wanted(messages=True, state=True))
    every = inspect(whole, wanted=Wanted(messages=True, state=True))
    assert (seen.step, seen.chain, seen.state) == (every.step, every.chain, every.state)
    assert seen.messages == every.messages[-len(seen.messages) :]
    assert {row.step for row in seen.messages} == set(range(17, 32))
    assert replay(short, to=20).identical
    assert diff(short, whole).step is None


def test_a_run_without_a_checkpoint_cannot_be_compacted(whole, tmp_path):
    with pytest.raises(Misuse, match="no checkpoint up to step 3 to begin with"):
        compact(whole, tmp_path / "short.run", step=3)
    assert not (tmp_path / "short.run").exists()


def test_an_exported_run_goes_on_where_it_is_imported(whole, tmp_path):
    lines, again = tmp_path / "whole.jsonl", tmp_path / "again.run"
    told = export(whole, lines)
    assert told.bytes == lines.stat().st_size
    imported = import_run(lines, again)
    assert (imported.run, imported.chain, imported.entries) == (told.run, told.chain, told.entries)
    assert runs.resume(again).chain == runs.resume(whole).chain
    assert replay(again).identical


def test_a_redacted_export_shows_its_chain_and_cannot_be_had_back(whole, tmp_path):
    lines = tmp_path / "whole.jsonl"
    told = export(whole, lines, redact=True)
    assert told.redacted
    report = verify_export(lines)
    assert (report.redacted, report.chain) == (True, told.chain)
    with pytest.raises(BadRunFile, match=r"whole\.jsonl: it is redacted"):
        import_run(lines, tmp_path / "again.run")


def test_nothing_is_written_over_anything(whole, tmp_path):
    there = tmp_path / "there"
    there.write_text("mine")
    export(whole, tmp_path / "lines")
    for write in (
        lambda: compact(whole, there),
        lambda: export(whole, there),
        lambda: import_run(tmp_path / "lines", there),
    ):
        with pytest.raises(Misuse, match="there is something already"):
            write()
    assert there.read_text() == "mine"


@pytest.mark.parametrize("read", [verify_export, lambda file: import_run(file, file)])
def test_what_is_no_export_is_named(tmp_path, read):
    with pytest.raises(BadRunFile, match=r"none\.jsonl: cannot be opened"):
        read(tmp_path / "none.jsonl")
    (tmp_path / "odd.jsonl").write_text("{}\n")
    with pytest.raises(BadRunFile, match=r"odd\.jsonl: it is not an exported run"):
        read(tmp_path / "odd.jsonl")
