"""A run file in use: begun, appended to, closed, opened, read."""

import stat
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from tests.journal import sample_run
from tests.journal.sample_run import COUNT, HEADER, LATE, NOISE, TEXT, append_step, digest_of
from wasm_engine.concepts.errors import BadRunFile, Bug
from wasm_engine.journal import chain, entries
from wasm_engine.journal.blocks import MOST
from wasm_engine.journal.entries import Control, Header, Kind
from wasm_engine.journal.packing import pack
from wasm_engine.journal.runfile import RunFile


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.run"


def beside(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir())


def test_a_new_run_is_private_and_holds_its_header(path):
    with sample_run.begin(path) as run:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert (run.count, run.header, len(run.run_id)) == (1, HEADER, 32)
        kind, body = entries.encode(HEADER)
        assert run.chain == chain.extend(chain.START, chain.entry_digest(kind, body, None)).hex()


@pytest.mark.parametrize("where", ["file", "memory"])
def test_what_was_appended_is_read_in_order(path, where):
    with sample_run.begin(path if where == "file" else None) as run:
        sample_run.fill(run)
        found = list(run.entries())
        assert [entry.n for entry in found] == list(range(1, COUNT + 1))
        decoded = [(entries.decode(entry.kind, entry.body), entry.detail) for entry in found]
        assert decoded == [(HEADER, None), *sample_run.BODIES]
        assert [entry.n for entry in run.entries(start=6)] == [6, 7, 8, 9]
        assert run.verify() == (COUNT, run.chain, 3)


def test_a_closed_run_is_one_file_that_says_the_same_elsewhere(path, tmp_path):
    with sample_run.begin(path) as run:
        sample_run.fill(run)
        chain_before, before = run.chain, sample_run.everything(run)
    assert beside(path) == ["a.run"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    copy = elsewhere / "b.run"
    copy.write_bytes(path.read_bytes())
    with RunFile.open(copy, verify="all") as run:
        assert sample_run.everything(run) == before
        assert run.verify() == (COUNT, chain_before, 3)
    assert beside(copy) == ["b.run"]


def test_a_run_goes_on_where_it_ended(path):
    sample_run.write(path)
    with RunFile.open(path, write=True) as run:
        append_step(run, 4)
        assert run.count == COUNT + 1
    with RunFile.open(path) as run:
        assert run.verify().steps == 4
        assert run.count == COUNT + 1


def test_the_same_entries_make_the_same_chain_whatever_the_run(tmp_path):
    one, two = sample_run.write(tmp_path / "1.run"), sample_run.write(tmp_path / "2.run")
    with RunFile.open(one) as first, RunFile.open(two) as second:
        assert first.chain == second.chain
        assert first.run_id != second.run_id
        assert list(first.entries()) == list(second.entries())


def stored(path: Path) -> int:
    with RunFile.open(path) as reader:
        return reader.count


def test_entries_that_need_not_be_durable_are_gathered(path):
    with sample_run.begin(path) as run:
        for step in range(1, MOST):
            append_step(run, step)
        assert stored(path) == 1
        append_step(run, MOST)
        assert stored(path) == 1 + MOST
        append_step(run, MOST + 1)
        run.flush()
        assert stored(path) == 2 + MOST


def test_a_durable_entry_takes_everything_before_it_along(path):
    with sample_run.begin(path) as run:
        append_step(run, 1)
        append_step(run, 2, durable=True)
        assert stored(path) == 3


def test_large_entries_are_stored_before_there_are_many(path):
    with sample_run.begin(path) as run:
        kind, body = entries.encode(Control("note", [b"x" * (600 << 10)]))
        run.append(kind, body, durable=False)
        assert stored(path) == 1
        run.append(kind, body, durable=False)
        assert stored(path) == 3


def test_a_reader_sees_what_was_stored_when_it_opened(path):
    with sample_run.begin(path) as run:
        append_step(run, 1, durable=True)
        with RunFile.open(path) as reader:
            append_step(run, 2, durable=True)
            assert (reader.count, len(list(reader.entries()))) == (2, 2)
            assert reader.verify().entries == 3


def test_entries_may_be_appended_while_they_are_read(path):
    with sample_run.begin(path) as run:
        for step in range(1, 200):
            append_step(run, step)
        for read, _entry in enumerate(run.entries(), 1):
            append_step(run, 199 + read)
        assert read == 200
        assert run.count == 400
        assert run.verify().steps == 399


def test_contents_are_found_by_their_digest(path):
    sample_run.write(path)
    with RunFile.open(path) as run:
        assert list(run.contents()) == [digest_of(data) for data in (TEXT, NOISE, LATE)]
        assert [run.content(digest_of(data)) for data in (TEXT, NOISE, LATE)] == [TEXT, NOISE, LATE]
        with pytest.raises(BadRunFile, match="holds no content"):
            run.content(digest_of(b"other"))


def test_a_content_may_come_plain_packed_or_from_a_function(path):
    header = Header(2, "w", 1, b"", [], [digest_of(TEXT), digest_of(NOISE), digest_of(LATE)])
    sources = [(digest_of(TEXT), pack(TEXT)), (digest_of(NOISE), lambda: NOISE)]
    with RunFile.create(path, header, [*sources, (digest_of(LATE), LATE)]) as run:
        assert run.content(digest_of(NOISE)) == NOISE
        assert run.verify().entries == 1
    assert len(TEXT) // 10 > len(pack(TEXT).data)


def test_the_contents_are_those_that_the_header_names(path):
    with pytest.raises(Bug):
        RunFile.create(path, HEADER, sample_run.CONTENTS[:1])
    assert not path.exists()


def test_a_content_is_stored_with_the_entry_that_names_it_or_not_at_all(path):
    late = digest_of(LATE)
    with sample_run.begin(path) as run:
        run.put_content(late, LATE)
        run.put_content(digest_of(b"never named"), b"never named")
        assert run.content(late) == LATE
        run.flush()
        assert late not in run.contents()
        kind, body = entries.encode(Control("mounted", ["docs", late.hex()]))
        run.append(kind, body, durable=True)
        assert late in run.contents()
    with RunFile.open(path, verify="all") as run:
        assert len(run.contents()) == 3
        assert run.content(late) == LATE


def test_a_content_put_twice_is_stored_once(path):
    with sample_run.begin(path) as run:
        run.put_content(digest_of(TEXT), TEXT)
        run.put_content(digest_of(LATE), LATE)
        run.put_content(digest_of(LATE), LATE)
        kind, body = entries.encode(Control("mounted", [digest_of(LATE), digest_of(TEXT)]))
        run.append(kind, body, durable=False)
        run.put_content(digest_of(LATE), LATE)
        run.append(kind, body, durable=False)
        assert len(run.contents()) == 3
        assert run.verify().entries == 3


def test_contents_that_were_just_verified_are_not_read_again(path):
    sample_run.write(path)
    with RunFile.open(path, verify="all") as run:
        found = [run.content(digest_of(TEXT)) for _ in range(2)]
        assert found == [TEXT, TEXT]
        assert found[0] is not found[1]
    with RunFile.open(path) as run:
        run.verify()
        assert run._fresh == {}


def test_a_wrong_content_is_never_handed_out(path):
    with sample_run.begin(path) as run:
        run.put_content(digest_of(LATE), NOISE)
        with pytest.raises(BadRunFile, match="does not match its digest"):
            run.content(digest_of(LATE))


def test_a_run_may_change_the_thread_that_uses_it(path):
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(sample_run.begin, path).result()
        sample_run.fill(run)
        assert pool.submit(run.verify).result().entries == COUNT
        run.close()


def test_many_contents_that_need_memory_are_made_one_at_a_time(path):
    alive = []

    def source(n: int) -> bytes:
        alive.append(n)
        return bytes([n]) * 100

    blobs = [bytes([n]) * 100 for n in range(5)]
    header = Header(2, "w", 1, b"", [], [sha256(blob).digest() for blob in blobs])
    contents = ((sha256(blob).digest(), lambda n=n: source(n)) for n, blob in enumerate(blobs))
    with RunFile.create(path, header, contents) as run:
        assert alive == list(range(5))
        assert run.content(header.contents[4]) == blobs[4]


def test_a_header_is_never_appended_and_a_reader_appends_nothing(path):
    with sample_run.begin(path) as run, pytest.raises(Bug):
        run.append(Kind.HEADER, entries.encode(HEADER)[1], durable=True)
    with RunFile.open(path) as run:
        with pytest.raises(Bug):
            append_step(run, 1)
        with pytest.raises(Bug):
            run.put_content(digest_of(LATE), LATE)
        run.flush()


def test_nothing_that_exists_is_overwritten(path, tmp_path):
    path.write_text("mine")
    with pytest.raises(BadRunFile, match=r"a\.run: there is something already"):
        sample_run.begin(path)
    link = tmp_path / "link.run"
    link.symlink_to(tmp_path / "target")
    with pytest.raises(BadRunFile, match="there is something already"):
        sample_run.begin(link)
    left = tmp_path / "old.run-wal"
    left.write_bytes(b"x")
    with pytest.raises(BadRunFile, match="left over"):
        sample_run.begin(tmp_path / "old.run")
    assert path.read_text() == "mine"
    assert beside(path) == ["a.run", "link.run", "old.run-wal"]


def test_a_folder_that_does_not_exist_is_the_callers_mistake(tmp_path):
    with pytest.raises(BadRunFile, match="there is no folder"):
        sample_run.begin(tmp_path / "none" / "a.run")


def test_a_run_says_what_it_takes(path):
    with sample_run.begin(path) as run:
        before = run.sizes()
        assert (before.contents > len(NOISE), before.checkpoints) == (True, 0)
        for step in range(1, 2001):
            append_step(run, step)
        run.put_checkpoint(2000, NOISE * 2, {digest_of(LATE): LATE})
        after = run.sizes()
        assert after.contents == before.contents
        assert 2000 < after.journal - before.journal < 25 * 2000
        assert after.checkpoints >= len(NOISE) + len(LATE)


def test_odd_file_names_are_names(tmp_path):
    path = sample_run.write(tmp_path / "a?mode=memory&x=%00#ü 1.run")
    with RunFile.open(path, verify="all") as run:
        assert run.count == COUNT
    assert beside(path) == [path.name]


def test_closing_twice_is_closing(path):
    run = sample_run.begin(path)
    run.close()
    run.close()


def test_leaving_by_an_error_keeps_what_was_appended(path):
    def fail() -> None:
        with sample_run.begin(path) as run:
            append_step(run, 1)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert stored(path) == 2
