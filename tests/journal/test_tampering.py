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
from tests.journal.tampering import edit, refused
from tests.replay.forger import forge_entries, seal
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Control, Input
from wasm_engine.journal.runfile import RunFile


@pytest.fixture
def path(tmp_path):
    return sample_run.write(tmp_path / "a.run")


EDITS = [
    ("UPDATE block SET chain = zeroblob(32) WHERE first = 4", "(steps 1 to 3): they do"),
    ("UPDATE block SET chain = zeroblob(32) WHERE first = 2", "entries 2 to 2: they do not match"),
    ("UPDATE block SET chain = zeroblob(32) WHERE first = 1", "entries 1 to 1 do not match"),
    ("UPDATE block SET chain = x'00' WHERE first = 3", "begins with entry 3 is damaged"),
    ("UPDATE block SET data = zeroblob(50) WHERE first = 4", "entries 4 to 9: damaged"),
    ("UPDATE block SET data = zeroblob(size) WHERE first = 2", "entries 2 to 2: damaged"),
    ("UPDATE block SET data = 'text' WHERE first = 2", "begins with entry 2 is damaged"),
    ("UPDATE block SET data = CAST(x'ff' AS TEXT) WHERE first = 2", "entry 2 is damaged"),
    ("UPDATE block SET size = size + 1 WHERE first = 4", "entries 4 to 9: damaged"),
    ("UPDATE block SET size = size - 1 WHERE first = 4", "entries 4 to 9: damaged"),
    ("UPDATE block SET size = 1 << 60 WHERE first = 4", "entry 4 is damaged"),
    ("UPDATE block SET size = -1 WHERE first = 4", "entry 4 is damaged"),
    ("UPDATE block SET entries = 5 WHERE first = 4", "does not hold as many entries as it says"),
    ("UPDATE block SET entries = 0 WHERE first = 4", "entry 4 is damaged"),
    ("UPDATE block SET entries = 1 << 40 WHERE first = 4", "entry 4 is damaged"),
    ("DELETE FROM block WHERE first = 4", "it has 3 entries, its head says 9"),
    ("DELETE FROM block WHERE first = 3", "entry 3 is missing: entry 4 follows 2"),
    ("DELETE FROM block WHERE first = 1", "its header is missing"),
    ("DELETE FROM block", "its header is missing"),
    ("UPDATE block SET first = 5 WHERE first = 4", "entry 4 is missing: entry 5 follows 3"),
    ("UPDATE block SET first = -1 WHERE first = 4", "entry 1 is missing: entry -1 follows 0"),
    ("UPDATE block SET first = 0 WHERE first = 4", "entry 1 is missing: entry 0 follows 0"),
    (
        "INSERT INTO block SELECT 10, entries, chain, size, data FROM block WHERE first = 3",
        "entries 10 to 10: they do not match the chain",
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
    ("UPDATE checkpoint SET n = 6", "its checkpoints are not those that its head names"),
    ("UPDATE checkpoint SET step = 2", "its checkpoints are not those that its head names"),
    ("UPDATE checkpoint SET chain = zeroblob(32)", "its checkpoints are not those"),
    ("UPDATE checkpoint SET chain = 5", "the checkpoint after entry 5 is damaged"),
    ("UPDATE checkpoint SET size = -1", "the checkpoint after entry 5 is damaged"),
    ("UPDATE checkpoint SET parts = x'00'", "the checkpoint after entry 5 is damaged"),
    ("UPDATE checkpoint SET parts = zeroblob(32)", "its checkpoints are not those"),
    ("UPDATE checkpoint SET data = zeroblob(size)", "entry 5 does not match its digest"),
    ("DELETE FROM checkpoint", "its checkpoints are not those that its head names"),
    ("INSERT INTO checkpoint SELECT 6, step, chain, digest, size, parts, data FROM checkpoint",
     "its checkpoints are not those that its head names"),
    ("DELETE FROM part", "the parts of its checkpoints are not those that they name"),
    ("INSERT INTO part SELECT 2, zeroblob(32), size, data FROM part", "are not those that they"),
    ("INSERT INTO part SELECT 2, digest, size, data FROM part", "of its checkpoints is damaged"),
    ("UPDATE part SET digest = 'x'", "part 1 of its checkpoints is damaged"),
    ("UPDATE part SET data = zeroblob(size)", "of a checkpoint does not match its digest"),
    ("UPDATE part SET size = 1 << 50", "part 1 of its checkpoints is damaged"),
    *((f"UPDATE head SET {change}", "the head does not match its seal") for change in [
        "run = randomblob(16)", "run = 'x'", "entries = entries + 1", "entries = -1",
        "entries = 1.5", "chain = zeroblob(32)", "contents = 9", "catalog = zeroblob(32)",
        "beginning = 1", "beginning_chain = zeroblob(32)", "anchor = 4", "anchor = 'x'",
        "anchor_chain = zeroblob(32)", "checkpoints = 0", "marks = zeroblob(32)", "marks = 'x'",
        "seal = zeroblob(32)", "seal = 5", "id = 2",
    ]),
    (
        "INSERT INTO head SELECT 2, run, beginning, beginning_chain, anchor, anchor_chain, entries,"
        " chain, contents, catalog, checkpoints, marks, seal FROM head",
        "the head does not match its seal",
    ),
    ("DELETE FROM head", "its head is missing"),
    ("CREATE TABLE extra (x)", "its tables are not those of a run file (extra)"),
    ("CREATE VIEW v AS SELECT 1", "its tables are not those of a run file (v)"),
    ("CREATE INDEX i ON block (size)", "its tables are not those of a run file (i)"),
    (
        "CREATE TRIGGER t AFTER INSERT ON block BEGIN DELETE FROM block; END",
        "its tables are not those of a run file (t)",
    ),
    ("ALTER TABLE block ADD COLUMN more", "its tables are not those of a run file (altered)"),
    ('CREATE TABLE "\x1b[2J" (x)', "its tables are not those of a run file (?[2J)"),
    ("ANALYZE", "its tables are not those of a run file (sqlite_stat1"),
    ("DROP TABLE content", "its tables are not those of a run file (content)"),
    ("PRAGMA application_id = 1", "not a run file"),
    ("PRAGMA user_version = 1", "its tables are not those of a run file"),
    ("PRAGMA user_version = 3", "its format is version 3, this program reads 1 and 2"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "expected"), EDITS, ids=[edit[0][:60] for edit in EDITS])
def test_an_edit_is_recognised_and_named(path, statement, expected):
    edit(path, statement)
    assert expected in refused(path)
    with pytest.raises(BadRunFile):
        # To go on with it is refused as well, unless the damage is further inside.
        RunFile.open(path, write=True, verify="all")


def test_space_to_hide_things_in_is_recognised(path):
    edit(path, "CREATE TABLE extra (x)", "DROP TABLE extra")
    with RunFile.open(path, verify="all") as run:
        assert run.count == sample_run.COUNT
    edit(path, "PRAGMA auto_vacuum=NONE", "VACUUM")
    assert "free pages" in refused(path)
    edit(path, "CREATE TABLE extra (x)", "DROP TABLE extra")
    assert "free pages" in refused(path)


def test_something_after_the_end_is_recognised(path):
    with path.open("ab") as file:
        file.write(b"x" * 5000)
    assert "after its end" in refused(path)


def replaced(number, kind=None, body=None, detail=None):
    """An edit of one entry: what is given is put in place of what is there."""

    def edit_entry(n, entry):
        if n != number:
            return entry
        given = (entry[0] if kind is None else kind, entry[1] if body is None else body)
        return (*given, entry[2] if detail is None else detail)

    return edit_entry


STEP_1, STEP_2 = (entries.encode(step)[1] for step in sample_run.STEPS[:2])
FORGED = [
    (replaced(2, kind=2), "entry 2: its body is not a control"),
    (replaced(2, kind=9), "entry 2: there is no kind of entry 9"),
    (replaced(4, body=b"\x92\xcc\x01\x02"), "entry 4: its body is not in canonical form"),
    (replaced(5, body=b"\x00"), "entry 5: its body is not a step"),
    (replaced(8, body=STEP_1), "entry 8: step 1 where 2 is due"),
    (replaced(2, 0, entries.encode(sample_run.HEADER)[1]), "header is the first entry, and no"),
    (replaced(2, detail=b"x"), "entry 2: it has a detail, which only steps have"),
    (replaced(8, detail=b""), "entry 8: it has a detail, which only steps have"),
    (replaced(8, detail=b"\xc0"), "is named by no entry"),
    (replaced(2, body=STEP_1, kind=4), "entry 5: step 1 where 2 is due"),
    (replaced(1, kind=2), "its header is missing"),
    (
        replaced(
            1,
            body=canonical.encode([3, *canonical.decode(canonical.encode(sample_run.HEADER))[1:]]),
        ),
        "of another version than 2",
    ),
]


@pytest.mark.parametrize(("change", "expected"), FORGED, ids=[row[1] for row in FORGED])
def test_what_cannot_be_a_run_is_refused_even_with_a_right_chain(path, change, expected):
    edit(path, "DELETE FROM checkpoint", "DELETE FROM part")
    assert forge_entries(path, change) == 1
    assert expected in refused(path)


RESEALED = [
    ("INSERT INTO content VALUES (4, {digest}, 3, x'010203')", "is named by no entry"),
    ("DELETE FROM content WHERE n = 1", "content 2 is one too many, or one before it is missing"),
    ("DELETE FROM content WHERE n >= 2", "is missing"),
    ("UPDATE checkpoint SET step = 2", "the checkpoint after entry 5 is of another step"),
    ("UPDATE checkpoint SET n = 4", "the checkpoint after entry 4 does not match the chain"),
    ("UPDATE checkpoint SET n = 12", "it has a checkpoint that is after its end"),
    ("DELETE FROM checkpoint", "the parts of its checkpoints are not those that they name"),
]


@pytest.mark.parametrize(("statement", "expected"), RESEALED)
def test_what_cannot_be_a_run_is_refused_even_with_a_right_seal(path, statement, expected):
    edit(path, statement.format(digest=f"x'{sha256(bytes([1, 2, 3])).hexdigest()}'"))
    with closing(sqlite3.connect(path)) as db, db:
        seal(db)
    assert expected in refused(path)


def test_a_forger_who_recomputes_everything_is_consistent_with_another_chain(path):
    edit(path, "DELETE FROM checkpoint", "DELETE FROM part")
    with RunFile.open(path) as run:
        before = run.chain
    body = entries.encode(Input(1, "pinger", "start", ("text", "forged"), []))[1]
    assert forge_entries(path, replaced(2, body=body)) == 1
    with RunFile.open(path) as run:
        assert run.verify().chain != before
        assert entries.decode(*list(run.entries())[1][1:3]).body == ("text", "forged")
    assert independent_reader.read(path)["chain"] != before


def test_what_a_checkpoint_holds_is_checked_when_it_is_used(path):
    edit(path, "UPDATE checkpoint SET data = zeroblob(size)", "UPDATE part SET data = x'00'")
    with RunFile.open(path, verify="tail") as run:
        (row,) = run.checkpoints()
        with pytest.raises(BadRunFile, match="does not match its digest"):
            run.checkpoint(row)
        with pytest.raises(BadRunFile, match="damaged"):
            run.content(row.parts[0])


def bomb(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


def test_a_blob_is_never_decompressed_beyond_its_size(path):
    """A block and a content that say they are small, and are not."""
    data = bomb(64 << 20)
    edit(path, ("UPDATE content SET size = ?, data = ? WHERE n = 1", (len(data) + 1, data)))
    assert "does not match its digest" in refused(path)
    sample = sample_run.write(path.with_name("b.run"))
    edit(sample, ("UPDATE block SET size = ?, data = ? WHERE first = 4", (9 << 16, data)))
    with RunFile.open(sample) as run, pytest.raises(BadRunFile, match="entries 4 to 9: damaged"):
        list(run.entries())
    assert "entries 4 to 9: damaged" in refused(sample)


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\x93",
        b"\xc0",
        canonical.encode([b"\x04" * 6, [b""] * 6, [None] * 5]),
        canonical.encode([b"\x04" * 6, [b""] * 6, [None] * 6, 0]),
        canonical.encode([b"\x04" * 6, ["text"] * 6, [None] * 6]),
        canonical.encode([b"\x04" * 6, [b""] * 6, [None] * 6]) + b"\xc0",
        b"\x93\xc4\x06" + bytes(6) + b"\xdd\xff\xff\xff\xff" + b"\xc4\x00" * 20,
        b"\x91" * 50_000,
    ],
)
def test_what_is_no_block_is_refused(path, plain):
    edit(path, ("UPDATE block SET size = ?, data = ? WHERE first = 4", (len(plain), plain)))
    assert "entries 4 to 9: " in refused(path)


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
    """Every 61st byte, and all of the pages' headers; the rest of a page's bytes are unused."""
    data = path.read_bytes()
    with RunFile.open(path, verify="all") as run:
        expected = sample_run.everything(run)
    recognised = 0
    for at in sorted({*range(0, len(data), 61), *range(112), *range(4096, len(data), 4096)}):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        try:
            with RunFile.open(path, verify="all") as run:
                assert sample_run.everything(run) == expected, at
        except BadRunFile:
            recognised += 1
    assert recognised > 60


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
        with RunFile.open(path, verify="all") as run:
            assert sample_run.everything(run) == expected
    except BadRunFile:
        pass


def test_an_entry_that_names_nothing_it_should_is_not_stopped(path):
    """64 digits and 32 bytes in a body that are no digest of a content are just data."""
    with RunFile.open(path, write=True) as run:
        kind, body = entries.encode(Control("note", ["ab" * 32, bytes(32)]))
        run.append(kind, body, durable=True)
        assert run.verify().entries == sample_run.COUNT + 1
