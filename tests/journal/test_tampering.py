"""A run file that differs from what was recorded: recognised, named, and never a traceback."""

import sqlite3
import zlib
from contextlib import closing
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.journal import independent_reader, sample_run
from tests.journal.sample_run import LATE, NOISE, TEXT, digest_of
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal import chain, entries
from wasm_engine.journal.entries import Control, Input
from wasm_engine.journal.runfile import RunFile


@pytest.fixture
def path(tmp_path):
    return sample_run.write(tmp_path / "a.run")


def edit(path, *statements):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(*((statement,) if isinstance(statement, str) else statement))


def refused(path) -> str:
    """Why the file is refused, when it is opened or when it is verified."""
    with pytest.raises(BadRunFile) as caught, RunFile.open(path) as run:
        run.verify()
    assert str(caught.value).startswith(f"{path.name}: ")
    assert str(caught.value).isprintable()
    return str(caught.value)


def reseal(path):
    """What a careful forger does: recomputes the chain, the catalog and the seal."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        link, count, kept, catalog = chain.START, 0, 0, chain.NO_CONTENTS
        for n, kind, body in db.execute("SELECT n, kind, body FROM entry ORDER BY n").fetchall():
            link, count = chain.extend(link, kind, body), count + 1
            db.execute("UPDATE entry SET chain = ? WHERE n = ?", (link, n))
        for digest, size in db.execute("SELECT digest, size FROM content ORDER BY n").fetchall():
            catalog, kept = chain.extend_catalog(catalog, digest, size), kept + 1
        (run,) = db.execute("SELECT run FROM head").fetchone()
        head = chain.Head(run, count, link, kept, catalog)
        db.execute("REPLACE INTO head VALUES (1, ?, ?, ?, ?, ?, ?)", (*head, head.seal()))


EDITS = [
    ("UPDATE entry SET body = x'00' WHERE n = 5", "entry 5: it does not match the chain"),
    ("UPDATE entry SET kind = 1 WHERE n = 3", "entry 3: it does not match the chain"),
    ("UPDATE entry SET kind = 300 WHERE n = 3", "entry 3 is damaged"),
    ("UPDATE entry SET kind = 'x' WHERE n = 3", "entry 3 is damaged"),
    ("UPDATE entry SET body = 'text' WHERE n = 3", "entry 3 is damaged"),
    ("UPDATE entry SET body = CAST(x'ff' AS TEXT) WHERE n = 3", "entry 3 is damaged"),
    ("UPDATE entry SET chain = zeroblob(32) WHERE n = 3", "entry 3: it does not match the chain"),
    ("UPDATE entry SET chain = x'00' WHERE n = 3", "entry 3 is damaged"),
    ("DELETE FROM entry WHERE n = 7", "it has 6 entries, its head says 7"),
    ("DELETE FROM entry WHERE n = 4", "entry 4 is missing"),
    ("DELETE FROM entry WHERE n = 1", "its header is missing"),
    ("DELETE FROM entry", "its header is missing"),
    ("UPDATE entry SET n = 9 WHERE n = 7", "entry 7 is missing"),
    ("UPDATE entry SET n = -1 WHERE n = 7", "entry 1 is missing: entry -1 follows 0"),
    ("UPDATE entry SET n = 0 WHERE n = 7", "entry 1 is missing: entry 0 follows 0"),
    (
        "INSERT INTO entry SELECT 8, kind, body, chain, detail_size, detail FROM entry WHERE n = 7",
        "entry 8: it does not match the chain",
    ),
    (
        "UPDATE entry SET detail = zeroblob(5) WHERE n = 5",
        "entry 5 (step 1): its detail is damaged",
    ),
    (
        "UPDATE entry SET detail = zeroblob(detail_size) WHERE n = 6",
        "entry 6 (step 2): its detail does not match its digest",
    ),
    ("UPDATE entry SET detail_size = detail_size + 1 WHERE n = 6", "detail is damaged"),
    ("UPDATE entry SET detail_size = 1 << 60 WHERE n = 6", "entry 6 is damaged"),
    ("UPDATE entry SET detail_size = NULL WHERE n = 6", "entry 6 is damaged"),
    (
        "UPDATE entry SET detail = NULL, detail_size = NULL WHERE n = 6",
        "entry 6 (step 2): its detail is missing",
    ),
    (
        "UPDATE entry SET detail = x'00', detail_size = 1 WHERE n = 7",
        "entry 7 (step 3): it has a detail that it does not name",
    ),
    (
        "UPDATE entry SET detail = x'00', detail_size = 1 WHERE n = 2",
        "entry 2: it has a detail that it does not name",
    ),
    ("UPDATE content SET data = zeroblob(size) WHERE n = 2", "does not match its digest"),
    ("UPDATE content SET size = size - 1 WHERE n = 1", "does not match its digest"),
    ("UPDATE content SET size = 1 << 50 WHERE n = 1", "content 1 is damaged"),
    ("UPDATE content SET size = -1 WHERE n = 1", "content 1 is damaged"),
    ("UPDATE content SET digest = zeroblob(32) WHERE n = 1", "does not match its digest"),
    ("UPDATE content SET digest = 'x' WHERE n = 1", "content 1 is damaged"),
    ("UPDATE content SET data = 7 WHERE n = 1", "content 1 is damaged"),
    ("UPDATE content SET n = 7 WHERE n = 3", "one before it is missing"),
    ("INSERT INTO content SELECT 4, digest, size, data FROM content WHERE n = 1", "one too many"),
    ("DELETE FROM content WHERE n = 3", "2 contents, which are not those its head names"),
    ("UPDATE head SET run = randomblob(16)", "the head does not match its seal"),
    ("UPDATE head SET run = 'x'", "the head does not match its seal"),
    ("UPDATE head SET entries = entries + 1", "the head does not match its seal"),
    ("UPDATE head SET entries = -1", "the head does not match its seal"),
    ("UPDATE head SET entries = 1.5", "the head does not match its seal"),
    ("UPDATE head SET chain = zeroblob(32)", "the head does not match its seal"),
    ("UPDATE head SET contents = 9", "the head does not match its seal"),
    ("UPDATE head SET catalog = zeroblob(32)", "the head does not match its seal"),
    ("UPDATE head SET seal = zeroblob(32)", "the head does not match its seal"),
    ("UPDATE head SET seal = 5", "the head does not match its seal"),
    ("UPDATE head SET id = 2", "the head does not match its seal"),
    (
        "INSERT INTO head SELECT 2, run, entries, chain, contents, catalog, seal FROM head",
        "the head does not match its seal",
    ),
    ("DELETE FROM head", "its head is missing"),
    ("CREATE TABLE extra (x)", "its tables are not those of a run file (extra)"),
    ("CREATE VIEW v AS SELECT 1", "its tables are not those of a run file (v)"),
    ("CREATE INDEX i ON entry (kind)", "its tables are not those of a run file (i)"),
    (
        "CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM entry; END",
        "its tables are not those of a run file (t)",
    ),
    ("ALTER TABLE entry ADD COLUMN more", "its tables are not those of a run file (altered)"),
    ('CREATE TABLE "\x1b[2J" (x)', "its tables are not those of a run file (?[2J)"),
    ("ANALYZE", "its tables are not those of a run file (sqlite_stat1"),
    ("DROP TABLE content", "its tables are not those of a run file (content)"),
    ("PRAGMA application_id = 1", "not a run file"),
    ("PRAGMA user_version = 2", "its format is version 2, this program reads 1"),
]


@pytest.mark.parametrize(("statement", "expected"), EDITS, ids=[edit[0][:60] for edit in EDITS])
def test_an_edit_is_recognised_and_named(path, statement, expected):
    edit(path, statement)
    assert expected in refused(path)
    with pytest.raises(BadRunFile):
        # To go on with it is refused as well, unless the damage is further inside.
        RunFile.open(path, write=True, verify=True)


def test_space_to_hide_things_in_is_recognised(path):
    edit(path, "CREATE TABLE extra (x)", "DROP TABLE extra")
    assert "free pages" in refused(path)


def test_something_after_the_end_is_recognised(path):
    with path.open("ab") as file:
        file.write(b"x" * 5000)
    assert "after its end" in refused(path)


RESEALED = [
    ("INSERT INTO content VALUES (4, {digest}, 3, x'010203')", "is named by no entry"),
    ("DELETE FROM content WHERE n = 1", "content 2 is one too many, or one before it is missing"),
    ("DELETE FROM content WHERE n >= 2", "is missing"),
    ("UPDATE entry SET kind = 2 WHERE n = 2", "entry 2: its body is not a control"),
    ("UPDATE entry SET kind = 9 WHERE n = 2", "entry 2: there is no kind of entry 9"),
    ("UPDATE entry SET body = x'00' WHERE n = 5", "entry 5: its body is not a step"),
    ("UPDATE entry SET body = x'92cc0102' WHERE n = 4", "entry 4: its body is not in canonical"),
    (
        "UPDATE entry SET kind = 0, body = (SELECT body FROM entry WHERE n = 1) WHERE n = 2",
        "entry 2: the header is the first entry, and no other is one",
    ),
    (
        "UPDATE entry SET (body, detail, detail_size) ="
        " (SELECT body, detail, detail_size FROM entry WHERE n = 5) WHERE n = 6",
        "entry 6: step 1 where step 2 is due",
    ),
]


@pytest.mark.parametrize(("statement", "expected"), RESEALED)
def test_what_cannot_be_a_run_is_refused_even_with_a_right_seal(path, statement, expected):
    edit(path, statement.format(digest=f"x'{sha256(bytes([1, 2, 3])).hexdigest()}'"))
    reseal(path)
    assert expected in refused(path)


def test_a_forger_who_recomputes_everything_is_consistent_with_another_chain(path):
    with RunFile.open(path) as run:
        before = run.verify().chain
    body = entries.encode(Input(1, "pinger", "start", ("text", "forged"), []))[1]
    edit(path, ("UPDATE entry SET body = ? WHERE n = 2", (body,)))
    reseal(path)
    with RunFile.open(path) as run:
        assert run.verify().chain != before
        assert entries.decode(*list(run.entries())[1][1:3]).body == ("text", "forged")
    assert independent_reader.read(path)["chain"] != before


def test_another_version_of_the_journal_is_named(path):
    body = canonical.encode([2, *canonical.decode(entries.encode(sample_run.HEADER)[1])[1:]])
    edit(path, ("UPDATE entry SET body = ? WHERE n = 1", (body,)))
    reseal(path)
    assert "of another version than 1" in refused(path)


def bomb(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


def test_a_blob_is_never_decompressed_beyond_its_size(path):
    """A detail and a content that say they are small, and are not."""
    data = bomb(64 << 20)
    edit(path, ("UPDATE content SET size = ?, data = ? WHERE n = 1", (len(data) + 1, data)))
    assert "does not match its digest" in refused(path)
    sample = sample_run.write(path.with_name("b.run"))
    edit(sample, ("UPDATE entry SET detail_size = ?, detail = ? WHERE n = 5", (9 << 16, data)))
    with (
        RunFile.open(sample) as run,
        pytest.raises(BadRunFile, match="the detail of entry 5: damaged"),
    ):
        list(run.entries())
    assert "entry 5 (step 1): its detail is damaged" in refused(sample)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty, not a run file"),
        (b"x", "not a run file"),
        (b"just some text\n" * 1000, "not a run file"),
        (b"SQLite format 3\0", "not a run file"),
        (bytes(8192), "not a run file"),
    ],
    ids=["empty", "one byte", "text", "magic alone", "zeros"],
)
def test_a_file_that_is_none_is_refused(tmp_path, data, expected):
    path = tmp_path / "a.run"
    path.write_bytes(data)
    assert expected in refused(path)
    with pytest.raises(BadRunFile, match=expected):
        RunFile.open(path, write=True)
    assert path.read_bytes() == data
    assert [file.name for file in tmp_path.iterdir()] == ["a.run"]


def test_what_is_no_file_or_not_there_is_refused(tmp_path):
    assert "no such file" in refused(tmp_path / "none.run")
    (tmp_path / "folder.run").mkdir()
    assert "not a file" in refused(tmp_path / "folder.run")
    assert "not a file" in refused(tmp_path.joinpath("/dev/null"))


def test_another_programs_database_is_refused(tmp_path):
    path = tmp_path / "a.run"
    edit(path, "CREATE TABLE notes (text)")
    assert refused(path) == "a.run: not a run file"


@pytest.mark.parametrize("left", [1, 99, 100, 4095, 4096, 8192, 12288, 16383])
def test_a_truncated_file_is_recognised(path, left):
    path.write_bytes(path.read_bytes()[:left])
    refused(path)


def test_a_flipped_byte_is_recognised_or_changes_nothing(path):
    """Every 23rd byte, and all of the pages' headers; the rest of a page's bytes are unused."""
    data = path.read_bytes()
    with RunFile.open(path, verify=True) as run:
        expected = sample_run.everything(run)
    recognised = 0
    for at in sorted({*range(0, len(data), 23), *range(112), *range(4096, len(data), 4096)}):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        try:
            with RunFile.open(path, verify=True) as run:
                assert sample_run.everything(run) == expected, at
        except BadRunFile:
            recognised += 1
    assert recognised > 100


@pytest.mark.parametrize("content", [TEXT, NOISE, LATE], ids=["compressed", "plain", "late"])
def test_any_byte_of_a_stored_content_counts(path, content):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        digest = digest_of(content)
        (data,) = db.execute("SELECT data FROM content WHERE digest = ?", (digest,)).fetchone()
        for at in {0, 1, len(data) // 2, len(data) - 1}:
            other = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            db.execute("UPDATE content SET data = ? WHERE digest = ?", (other, digest))
            assert "does not match its digest" in refused(path)
            with RunFile.open(path) as run, pytest.raises(BadRunFile):
                run.content(digest)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_random_damage_makes_anything_but_a_refusal(tmp_path_factory, data):
    path = sample_run.write(tmp_path_factory.mktemp("damage") / "a.run")
    raw = bytearray(path.read_bytes())
    with RunFile.open(path) as run:
        expected = sample_run.everything(run)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + 3] = data.draw(st.binary(min_size=0, max_size=5))
    path.write_bytes(raw)
    try:
        with RunFile.open(path, verify=True) as run:
            assert sample_run.everything(run) == expected
    except BadRunFile:
        pass


def test_an_entry_that_names_nothing_it_should_is_not_stopped(path):
    """64 digits and 32 bytes in a body that are no digest of a content are just data."""
    with RunFile.open(path, write=True) as run:
        kind, body = entries.encode(Control("note", ["ab" * 32, bytes(32)]))
        run.append(kind, body, durable=True)
        assert run.verify().entries == 8
