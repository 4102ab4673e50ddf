"""Commits of few entries: their blocks become larger ones, and no reader misses anything."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.journal import independent_reader, sample_run
from tests.journal.sample_run import append_step
from wasm_engine.concepts.errors import HostFault
from wasm_engine.journal import entries
from wasm_engine.journal.blocks import MOST
from wasm_engine.journal.entries import Control
from wasm_engine.journal.runfile import RunFile
from wasm_engine.journal.writing import SMALL


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.run"


def blocks(path):
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT first, entries FROM block ORDER BY first").fetchall()


def test_many_durable_entries_take_few_blocks(path):
    with sample_run.begin(path) as run:
        for step in range(1, 10 * SMALL + 6):
            append_step(run, step, durable=True)
        assert run.verify().steps == 10 * SMALL + 5
    found = blocks(path)
    assert [many for _, many in found] == [1, *[SMALL] * 10, *[1] * 5]
    with RunFile.open(path, verify="all") as run:
        assert [entry.n for entry in run.entries()] == list(range(1, 10 * SMALL + 7))
    assert independent_reader.read(path)["chain"]


def test_a_reader_misses_nothing_while_blocks_become_one(path):
    with sample_run.begin(path) as run:
        for step in range(1, SMALL - 1):
            append_step(run, step, durable=True)
        with RunFile.open(path) as reader:
            rows, seen = reader.entries(), []
            seen += [next(rows).n for _ in range(20)]
            chain = reader.chain_after(30)
            for step in range(SMALL - 1, 3 * SMALL):
                append_step(run, step, durable=True)
            assert (2, SMALL) in blocks(path)
            seen += [entry.n for entry in rows]
            assert seen == list(range(1, SMALL))
            assert reader.chain_after(30) == chain == run.chain_after(30)
        ours = [entry.n for entry in run.entries(5)]
        assert ours == list(range(5, 3 * SMALL + 1))


def test_large_entries_stay_alone(path):
    big = entries.encode(Control("note", [bytes(40_000)]))
    with sample_run.begin(path) as run:
        for step in range(1, SMALL + 1):
            append_step(run, step, durable=True)
            run.append(*big, durable=True)
        assert run.verify().steps == SMALL
    assert len(blocks(path)) == 1 + 2 * SMALL


def test_a_failure_while_blocks_become_one_loses_nothing(path, monkeypatch):
    with sample_run.begin(path) as run:
        for step in range(1, SMALL):
            append_step(run, step, durable=True)
        with monkeypatch.context() as patch:
            patch.setattr("wasm_engine.journal.rows.write_head", out_of_memory)
            with pytest.raises(HostFault):
                append_step(run, SMALL, durable=True)
        assert len(blocks(path)) == SMALL
        run.flush()
        append_step(run, SMALL + 1, durable=True)
        assert run.verify().steps == SMALL + 1


def out_of_memory(*_arguments):
    raise MemoryError


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 100), min_size=1, max_size=300))
def test_however_commits_fall_it_is_the_same_run(commits):
    with sample_run.begin(None) as run, sample_run.begin(None) as whole:
        step = 0
        for many in commits:
            for _ in range(many):
                step += 1
                append_step(run, step)
                append_step(whole, step)
            run.flush()
        assert run.chain == whole.chain
        assert list(run.entries()) == list(whole.entries())
        sizes = [row[0] for row in run._db.execute("SELECT entries FROM block")]
        assert max(sizes) <= MOST
        assert run.verify().steps == step
