"""Forks share a run's entries; a compacted run has left its distant past out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.journal import independent_reader, sample_run
from tests.journal.sample_run import append_step, digest_of
from tests.journal.test_golden import copy_of
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Control, Input
from wasm_engine.journal.runfile import RunFile

FIRST, SECOND = b"read in step 3", b"read in step 60"


def begin(path):
    """A hundred steps in blocks of ten, checkpoints after each twenty, contents read meanwhile."""
    run = sample_run.begin(path)
    append(run, Control("kinds", [["a", None, digest_of(sample_run.TEXT)]]))
    append(run, Input(1, "a", "start", ("text", "go"), []))
    for step in range(1, 101):
        for content in {3: [FIRST], 60: [SECOND]}.get(step, []):
            run.put_content(digest_of(content), content)
            append(run, Control("read", [digest_of(content)]))
        append_step(run, step, durable=not step % 10)
        if not step % 20:
            blobs = {digest_of(b"image %d" % step): b"image %d" % step}
            run.put_checkpoint(step, canonical.encode([step, digest_of(FIRST)]), blobs)
    return run


def append(run, body):
    run.append(*entries.encode(body), durable=False)


@pytest.fixture
def run(tmp_path):
    with begin(tmp_path / "a.run") as run:
        yield run


def shared(run, upto):
    return [entry for entry in run.entries() if entry.n <= upto]


def test_a_fork_at_every_entry_is_the_same_up_to_there(run):
    known = set(run.contents())
    for upto in range(1, run.count + 1, 3):
        with run.fork_to(None, upto) as fork:
            assert fork.run_id != run.run_id
            assert (fork.count, fork.chain) == (upto, run.chain_after(upto))
            assert list(fork.entries()) == shared(run, upto)
            expected = [row for row in run.checkpoints() if row.n <= upto]
            assert fork.checkpoints() == expected
            fork.verify()
            late = {digest_of(SECOND)} if upto < 64 else set()
            late |= {digest_of(FIRST)} if upto < 6 else set()
            assert set(fork.contents()) == known - late
            append_step(fork, fork.verify().steps + 1)
            fork.verify()


def test_a_fork_is_a_file_that_goes_on_by_itself(run, tmp_path):
    with run.fork_to(tmp_path / "fork.run", 42) as fork:
        last = fork.verify().steps
        append_step(fork, last + 1)
        assert run.chain != fork.chain
    with RunFile.open(tmp_path / "fork.run", write=True, verify="tail") as fork:
        assert canonical.decode(fork.checkpoint(fork.checkpoints()[-1]))[0] == 20
        assert fork.verify().steps == last + 1
    assert independent_reader.read(tmp_path / "fork.run")["chain"]


@pytest.mark.parametrize("upto", [0, -1, 10_000])
def test_there_is_nothing_to_fork_after(run, tmp_path, upto):
    with pytest.raises(BadRunFile, match="there is no entry"):
        run.fork_to(tmp_path / "fork.run", upto)
    assert not (tmp_path / "fork.run").exists()


def test_a_fork_is_written_over_nothing(run, tmp_path):
    (tmp_path / "fork.run").write_text("mine")
    with pytest.raises(BadRunFile, match="something already"):
        run.fork_to(tmp_path / "fork.run", 5)


def test_a_compacted_run_is_the_run_from_a_checkpoint_on(run, tmp_path):
    whole = run.verify()
    for row in run.checkpoints():
        path = tmp_path / f"{row.step}.run"
        with run.compact_to(path, row) as short:
            assert (short.run_id, short.chain, short.count) == (run.run_id, run.chain, run.count)
            assert short.anchor == row.n
        with RunFile.open(path, verify="all") as short:
            assert short.verify(tail=True) == short.verify() == whole
            assert list(short.entries(row.n + 1)) == list(run.entries(row.n + 1))
            assert [entry.n for entry in short.entries()][:3] == [1, 2, row.n + 1][
                : 2 + (row.n < run.count)
            ]
            assert short.checkpoints() == [other for other in run.checkpoints() if other.n >= row.n]
            for kept in short.checkpoints():
                assert short.checkpoint(kept) == run.checkpoint(kept)
                assert [short.content(part) for part in kept.parts] == [b"image %d" % kept.step]
            assert short.content(digest_of(FIRST)) == FIRST  # the checkpoints name it
            assert (digest_of(SECOND) in short.contents()) == (row.n < 64)
            for n in (1, 2, row.n, row.n + 1, run.count):
                if n <= run.count:
                    assert short.chain_after(n) == run.chain_after(n)
        assert independent_reader.read(path)["chain"] == run.chain


def test_a_compacted_run_goes_on_is_compacted_again_and_forked(run, tmp_path):
    with run.compact_to(tmp_path / "short.run", run.checkpoints()[2]):
        pass
    with RunFile.open(tmp_path / "short.run", write=True, verify="tail") as short:
        for step in range(101, 200):
            append_step(short, step)
            short.put_checkpoint(step, b"later", {})
        assert short.anchor in {row.n for row in short.checkpoints()}
        assert short.verify().steps == 199
        with short.fork_to(None, short.anchor) as fork:
            assert (fork.verify().steps, fork.chain) == (60, run.chain_after(short.anchor))
        with short.fork_to(None, short.anchor + 7) as fork:
            assert fork.verify().steps == 67
        with pytest.raises(BadRunFile, match="there is no entry 5"):
            short.fork_to(None, 5)
        with short.compact_to(None, short.checkpoints()[-1]) as shorter:
            assert shorter.verify().steps == 199
            assert [entry.n for entry in shorter.entries()] == [1, 2]


def test_a_reader_copies_what_is_there_now(run, tmp_path):
    """The writer has taken checkpoints out since, and has stored others."""
    with RunFile.open(tmp_path / "a.run") as reader:
        before, count = reader.checkpoints(), reader.count
        for step in range(101, 200):
            append_step(run, step)
            run.put_checkpoint(step, b"later", {})
            run.flush()
        old = next(row for row in before if row not in run.checkpoints())
        with reader.fork_to(None, count) as fork:
            assert fork.verify().steps == 100
        with pytest.raises(BadRunFile, match="no longer there"):
            reader.compact_to(None, old)
        with pytest.raises(BadRunFile, match="no longer there"):
            reader.checkpoint(old)


def test_a_run_of_the_first_version_is_not_copied(tmp_path):

    with RunFile.open(copy_of(1, tmp_path)) as old, pytest.raises(BadRunFile, match="version 1"):
        old.fork_to(None, 3)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.booleans(), st.booleans()), min_size=1, max_size=12),
    st.data(),
)
def test_whatever_is_left_out_or_shared_verifies(parts, data):
    step = 0
    with sample_run.begin(None) as run:
        for many, durable, marked in parts:
            for _ in range(many):
                step += 1
                append_step(run, step)
            if durable:
                run.flush()
            if marked:
                run.put_checkpoint(step, b"%d" % step, {})
        upto = data.draw(st.integers(1, run.count))
        with run.fork_to(None, upto) as fork:
            assert fork.verify().chain == run.chain_after(upto)
        for row in run.checkpoints():
            with run.compact_to(None, row) as short:
                assert short.verify() == run.verify()
