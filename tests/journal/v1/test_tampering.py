"""A run file of version 1 that differs from what was recorded: recognised, and named."""

import shutil
import sqlite3
import zlib
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from tests.journal.tampering import edit, refused
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal import chain
from wasm_engine.journal.runfile import RunFile
from wasm_engine.journal.v1 import tables

GOLDEN = Path(__file__).parents[2] / "goldens/journal/v1/sample.sqlite"


@pytest.fixture
def path(tmp_path):
    return Path(shutil.copyfile(GOLDEN, tmp_path / "a.run"))


def reseal(path):
    """What a careful forger does: recomputes the chain, the catalog and the seal."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        link, count, kept, catalog = tables.START, 0, 0, chain.NO_CONTENTS
        for n, kind, body in db.execute("SELECT n, kind, body FROM entry ORDER BY n").fetchall():
            link, count = tables.extend(link, kind, body), count + 1
            db.execute("UPDATE entry SET chain = ? WHERE n = ?", (link, n))
        for digest, size in db.execute("SELECT digest, size FROM content ORDER BY n").fetchall():
            catalog, kept = chain.extend_catalog(catalog, digest, size), kept + 1
        (run,) = db.execute("SELECT run FROM head").fetchone()
        head = (run, count, link, kept, catalog)
        db.execute("REPLACE INTO head VALUES (1, ?, ?, ?, ?, ?, ?)", (*head, tables.seal(*head)))


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
    ("PRAGMA user_version = 2", "its tables are not those of a run file"),
]


@pytest.mark.parametrize(("statement", "expected"), EDITS, ids=[edit[0][:60] for edit in EDITS])
def test_an_edit_is_recognised_and_named(path, statement, expected):
    edit(path, statement)
    assert expected in refused(path)
    with pytest.raises(BadRunFile):
        RunFile.open(path, verify="all")


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


def test_another_version_of_the_journal_is_named(path):
    with closing(sqlite3.connect(path)) as db, db:
        (body,) = db.execute("SELECT body FROM entry WHERE n = 1").fetchone()
        changed = canonical.encode([2, *canonical.decode(body)[1:]])
        db.execute("UPDATE entry SET body = ? WHERE n = 1", (changed,))
    reseal(path)
    assert "of another version than 1" in refused(path)


def bomb(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


def test_a_blob_is_never_decompressed_beyond_its_size(path):
    """A detail and a content that say they are small, and are not."""
    data = bomb(64 << 20)
    edit(path, ("UPDATE content SET size = ?, data = ? WHERE n = 1", (len(data) + 1, data)))
    assert "does not match its digest" in refused(path)
    sample = Path(shutil.copyfile(GOLDEN, path.with_name("b.run")))
    edit(sample, ("UPDATE entry SET detail_size = ?, detail = ? WHERE n = 5", (9 << 16, data)))
    with (
        RunFile.open(sample) as run,
        pytest.raises(BadRunFile, match="the detail of entry 5: damaged"),
    ):
        list(run.entries())
    assert "entry 5 (step 1): its detail is damaged" in refused(sample)
