"""Run files as they were written once: each version stays readable, the newest is still written."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import starmap
from pathlib import Path

import pytest

from tests.journal import independent_reader, sample_run
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal import blocks, entries
from wasm_engine.journal.runfile import RunFile

GOLDENS = Path(__file__).parents[1] / "goldens/journal"
EXPECTED = {
    version: json.loads((GOLDENS / f"v{version}/sample.json").read_text()) for version in (1, 2)
}


def copy_of(version, folder):
    source = GOLDENS / f"v{version}/sample.sqlite"
    return Path(shutil.copyfile(source, folder / f"golden-{version}.run"))


@pytest.fixture(params=[1, 2])
def version(request):
    return request.param


@pytest.fixture
def golden(version, tmp_path):
    return copy_of(version, tmp_path)


@pytest.fixture
def newest(tmp_path):
    return copy_of(2, tmp_path)


@pytest.fixture
def fresh(tmp_path):
    return sample_run.write(tmp_path / "fresh.run")


def test_a_golden_file_is_read_and_verified(golden, version):
    expected = EXPECTED[version]
    with RunFile.open(golden, verify="all") as run:
        found = (run.version, run.run_id, run.chain, run.count)
        assert found == (version, expected["run"], expected["chain"], expected["entries"])
    with RunFile.open(golden, verify="tail") as run:
        assert run.header.version == version


def details(found):
    return [entry.detail for entry in found]


def test_a_golden_file_of_the_first_version_is_presented_as_one_of_the_newest(tmp_path, fresh):
    with RunFile.open(copy_of(1, tmp_path)) as old, RunFile.open(fresh) as new:
        theirs, ours = list(old.entries(2)), [entry for entry in new.entries(2) if entry.kind <= 4]
        assert [entry[1:3] for entry in theirs] == [entry[1:3] for entry in ours]
        assert all(starmap(entries.same_detail, zip(details(theirs), details(ours), strict=True)))
        assert [entry.n for entry in old.entries(5)] == [5, 6, 7]
        assert old.checkpoints() == []
        assert {d: old.content(d) for d in old.contents()} == {
            d: new.content(d) for d in new.contents()
        }


def test_the_first_version_is_not_written(tmp_path):
    path = copy_of(1, tmp_path)
    before = path.read_bytes()
    with pytest.raises(BadRunFile, match=r"golden-1\.run: its format is version 1, which is read"):
        RunFile.open(path, write=True)
    assert path.read_bytes() == before


def test_a_new_file_holds_what_the_newest_golden_file_holds(newest, fresh):
    with RunFile.open(newest) as old, RunFile.open(fresh) as new:
        assert sample_run.everything(old)[1:] == sample_run.everything(new)[1:]


def test_the_chains_the_marks_the_catalog_and_the_seal_are_pinned(newest, fresh):
    expected = EXPECTED[2]
    for path in (newest, fresh):
        with closing(sqlite3.connect(path)) as db:
            db.row_factory = sqlite3.Row
            chains = {row["first"]: row["chain"].hex() for row in db.execute("SELECT * FROM block")}
            head = db.execute("SELECT * FROM head").fetchone()
        assert {int(first): chain for first, chain in expected["chains"].items()} == chains
        for name in ("chain", "catalog", "marks"):
            assert head[name].hex() == expected[name]
        for name in ("entries", "contents", "checkpoints"):
            assert head[name] == expected[name]
        assert (head["seal"].hex() == expected["seal"]) == (path == newest)


def test_the_tables_are_the_golden_ones(newest, fresh):
    def tables(path):
        with closing(sqlite3.connect(path)) as db:
            pragmas = ("application_id", "user_version", "journal_mode", "page_size", "encoding")
            settings = [db.execute(f"PRAGMA {pragma}").fetchone()[0] for pragma in pragmas]
            schema = db.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name")
            return settings, schema.fetchall()

    assert tables(newest) == tables(fresh)
    assert tables(fresh)[0] == [0x5745524E, 2, "delete", 4096, "UTF-8"]


def test_a_reader_that_knows_only_the_document_agrees(golden, fresh):
    for path in (golden, fresh):
        read = independent_reader.read(path)
        with RunFile.open(path) as run:
            assert (read["run"], read["chain"]) == (run.run_id, run.chain)
            assert len(read["entries"]) == run.count
            assert read["contents"] == {digest: run.content(digest) for digest in run.contents()}
            kept = {row.n: run.checkpoint(row) for row in run.checkpoints()}
            assert {n: plain for n, (_, plain, _) in read["checkpoints"].items()} == kept
        inputs = [value for kind, value, _ in read["entries"] if kind == 1]
        assert inputs == [[1, "pinger", "start", ["text", "go"], []]]
        steps = [(value, detail) for kind, value, detail in read["entries"] if kind == 4]
        assert [value[0] for value, _ in steps] == [1, 2, 3]
        assert steps[0][0][2][0][8][0][3] == ["text", "grüß"]
        assert steps[0][1][1] == [[["info", "hi"]]]


def test_the_independent_reader_runs_alone(golden, version):
    script = [sys.executable, "-I", independent_reader.__file__, str(golden)]
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {
        "run": EXPECTED[version]["run"],
        "world": "sample",
        "seed": 7,
        "chain": EXPECTED[version]["chain"],
        "entries": EXPECTED[version]["entries"],
        "steps": 3,
        "contents": 3,
    }


def test_the_independent_reader_finds_what_was_edited(newest):
    with closing(sqlite3.connect(newest)) as db, db:
        plain = [(4, b"\x90", None)] * 6
        edited = blocks.pack_block(4, plain, bytes(32))
        db.execute("UPDATE block SET size = ?, data = ? WHERE first = 4", edited[3:])
    script = [sys.executable, "-I", independent_reader.__file__, str(newest)]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, f"{newest}: checkpoint 5\n")
