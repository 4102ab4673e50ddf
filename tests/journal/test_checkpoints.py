"""Checkpoints: beside the chain, few, found again, and the tail that is verified from them."""

import sqlite3
from contextlib import closing
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.journal import independent_reader, sample_run
from tests.journal.sample_run import append_step, digest_of
from wasm_engine.concepts.errors import BadRunFile, Bug, HostFault
from wasm_engine.journal.checkpoints import DENSE, CheckpointRow, worth_keeping
from wasm_engine.journal.runfile import RunFile


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.run"


def mark(run, step, data=None, **blobs):
    named = {digest_of(blob): blob for blob in blobs.values()}
    run.put_checkpoint(step, data or b"after %d" % step, named)


def fill(run, first, last, every=1, **blobs):
    for step in range(first, last + 1):
        append_step(run, step)
        if not step % every:
            mark(run, step, **blobs)


def test_a_checkpoint_is_stored_with_the_next_commit_and_is_in_no_chain(path):
    with sample_run.begin(path) as run:
        append_step(run, 1)
        chain = run.chain
        mark(run, 1, image=b"memory")
        with RunFile.open(path) as reader:
            assert reader.checkpoints() == []
        run.flush()
        assert run.chain == chain
        (row,) = run.checkpoints()
        assert row == CheckpointRow(
            1, 2, bytes.fromhex(chain), digest_of(b"after 1"), 7, (digest_of(b"memory"),)
        )
        with RunFile.open(path, verify="all") as reader:
            assert reader.checkpoints() == [row]
            assert reader.checkpoint(row) == b"after 1"
            assert reader.content(digest_of(b"memory")) == b"memory"
            assert digest_of(b"memory") not in reader.contents()


def test_a_blob_may_be_used_before_it_is_stored(path):
    with sample_run.begin(path) as run:
        append_step(run, 1)
        mark(run, 1, image=b"memory")
        assert run.content(digest_of(b"memory")) == b"memory"


def test_a_blob_that_is_there_is_not_asked_for_and_leaves_with_the_last_that_names_it(path):
    def never() -> bytes:
        raise AssertionError

    with sample_run.begin(path) as run:
        append_step(run, 1)
        mark(run, 1, image=b"memory")
        run.flush()
        append_step(run, 2)
        run.put_checkpoint(
            2, b"2", {digest_of(b"memory"): never, digest_of(sample_run.TEXT): never}
        )
        assert len(run.checkpoints()) == 2
        assert run.verify().steps == 2
        fill(run, 3, 100)
        run.flush()
        named = {digest for row in run.checkpoints() for digest in row.parts}
        if digest_of(b"memory") not in named:
            with pytest.raises(BadRunFile, match="holds no content"):
                run.content(digest_of(b"memory"))
        run.verify()


def test_few_are_kept_and_what_was_taken_out_is_not_in_the_file(path):
    secret = b"the secret of a checkpoint that was taken out " * 40
    with sample_run.begin(path) as run:
        for step in range(1, 1001):
            append_step(run, step)
            noise = b"".join(digest_of(b"%d %d" % (step, n)) for n in range(200))
            mark(run, step, secret[: 500 + step], noise=noise)
            if not step % 7:
                run.flush()
        rows = run.checkpoints()
        assert [row.step for row in rows[-DENSE:]] == [997, 998, 999, 1000]
        assert DENSE + 8 <= len(rows) <= DENSE + 10
        distances = [1000 - row.step for row in rows[:-DENSE]]
        assert all(far <= 4 * near + 8 for far, near in pairwise(distances))
        for row in rows:
            assert run.checkpoint(row) == secret[: 500 + row.step]
        assert run.verify().steps == 1000
    assert path.stat().st_size < (len(rows) + 4) * 3 * 4096 + 60_000
    independent_reader.read(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA freelist_count").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM part").fetchone() == (len(rows),)


def test_of_two_at_the_same_entry_the_later_stays(path):
    with sample_run.begin(path) as run:
        append_step(run, 1)
        mark(run, 1, b"one", blob=b"first")
        run.flush()
        mark(run, 1, b"two", blob=b"second")
        mark(run, 1, b"three", blob=b"third")
        (row,) = run.checkpoints()
        assert run.checkpoint(row) == b"three"
        assert run.verify().steps == 1
        with pytest.raises(BadRunFile, match="holds no content"):
            run.content(digest_of(b"first"))


def test_only_a_writer_puts_checkpoints(path):
    sample_run.write(path)
    with RunFile.open(path) as run, pytest.raises(Bug):
        mark(run, 3)


def test_a_run_goes_on_with_its_checkpoints(path):
    with sample_run.begin(path) as run:
        fill(run, 1, 3)
    with RunFile.open(path, write=True, verify="tail") as run:
        fill(run, 4, 6)
    with RunFile.open(path, verify="all") as run:
        assert [row.step for row in run.checkpoints()][-4:] == [3, 4, 5, 6]


def test_what_cannot_be_stored_is_kept_for_the_next_commit(path, monkeypatch):
    with sample_run.begin(path) as run:
        append_step(run, 1)
        mark(run, 1, image=b"memory")
        with monkeypatch.context() as patch:
            patch.setattr("wasm_engine.journal.rows.write_head", out_of_memory)
            with pytest.raises(HostFault):
                run.flush()
        append_step(run, 2)
        mark(run, 2, image=b"memory")
        run.flush()
        assert [row.step for row in run.checkpoints()] == [1, 2]
        assert run.verify().steps == 2


def out_of_memory(*_arguments):
    raise MemoryError


def test_an_interrupt_after_the_commit_stores_no_checkpoint_twice(path, monkeypatch):
    with sample_run.begin(path) as run:
        append_step(run, 1)
        mark(run, 1, image=b"memory")
        original, interrupted = type(run._writer)._advance, []

        def interrupt_once(writer, stored):
            if not interrupted:
                interrupted.append(True)
                raise KeyboardInterrupt
            original(writer, stored)

        monkeypatch.setattr(type(run._writer), "_advance", interrupt_once)
        with pytest.raises(KeyboardInterrupt):
            run.flush()
        assert not run._writer._pending
        assert [row.step for row in run.checkpoints()] == [1]
        assert run.verify().steps == 1


def corrupt(path, first, table="block", key="first"):
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE {table} SET chain = zeroblob(32) WHERE {key} = ?", (first,))


@pytest.fixture
def long(path):
    """Blocks of ten steps; a checkpoint in the middle of one, after step 45."""
    with sample_run.begin(path) as run:
        for step in range(1, 91):
            append_step(run, step, durable=not step % 10)
            if step == 45:
                mark(run, step)
    return path


def test_the_tail_is_what_follows_the_newest_checkpoint(long):
    with RunFile.open(long, verify="tail") as run:
        whole = run.verify()
        assert run.verify(tail=True) == whole
    corrupt(long, 22)
    with RunFile.open(long, verify="tail") as run, pytest.raises(BadRunFile, match="22 to 31"):
        run.verify()


@pytest.mark.parametrize("first", [1, 2, 42, 52, 82])
def test_the_beginning_and_the_tail_are_verified(long, first):
    corrupt(long, first)
    with pytest.raises(BadRunFile, match="not match the chain"):
        RunFile.open(long, verify="tail")


def test_the_tail_may_begin_at_an_older_checkpoint(path):
    with sample_run.begin(path) as run:
        for step in range(1, 91):
            append_step(run, step, durable=not step % 10)
            if not step % 30:
                mark(run, step)
    corrupt(path, 52)
    with RunFile.open(path, verify="tail") as run:
        first, second, third = run.checkpoints()
        assert run.verify(tail=True, after=second.n) == run.verify(tail=True, after=third.n)
        for after in (first.n, 1):
            with pytest.raises(BadRunFile, match="52 to 61"):
                run.verify(tail=True, after=after)


def test_a_checkpoint_elsewhere_is_refused_with_the_tail_too(long):
    corrupt(long, 46, "checkpoint", "n")
    with pytest.raises(BadRunFile, match="not those that its head names"):
        RunFile.open(long, verify="tail")


def test_without_a_checkpoint_the_tail_is_everything(path):
    with sample_run.begin(path) as run:
        for step in range(1, 31):
            append_step(run, step, durable=not step % 10)
    corrupt(path, 12)
    with pytest.raises(BadRunFile, match="12 to 21"):
        RunFile.open(path, verify="tail")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=200), st.integers(0, 3))
def test_thinning_again_and_again_leaves_few_everywhere(gaps, anchored):
    rows, n, anchor = [], 0, 0
    for at, gap in enumerate(gaps):
        n += gap
        rows = worth_keeping([*rows, CheckpointRow(n, n, b"", b"", 0)], anchor)
        if at == anchored:
            anchor = n
        assert [row.n for row in rows] == sorted({row.n for row in rows})
        assert rows[-1].n == n
        assert len(rows) <= DENSE + n.bit_length() + 1
        assert not anchor or anchor in {row.n for row in rows}


def test_of_many_the_distances_about_double():
    rows = []
    for n in range(1, 20_001):
        rows = worth_keeping([*rows, CheckpointRow(n, n, b"", b"", 0)], 0)
        ages = [n - row.n for row in reversed(rows)]
        assert all(b <= 3 * a + DENSE + 1 for a, b in pairwise(ages)), ages
