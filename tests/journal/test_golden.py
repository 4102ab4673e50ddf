"""A run file of version 1, as it was written once: it stays readable, and is still written so."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.journal import independent_reader, sample_run
from wasm_engine.journal.runfile import RunFile

GOLDENS = Path(__file__).parents[1] / "goldens/journal/v1"
EXPECTED = json.loads((GOLDENS / "sample.json").read_text())


@pytest.fixture
def golden(tmp_path):
    return Path(shutil.copyfile(GOLDENS / "sample.sqlite", tmp_path / "golden.run"))


@pytest.fixture
def fresh(tmp_path):
    return sample_run.write(tmp_path / "fresh.run")


def test_the_golden_file_is_read_and_verified(golden):
    with RunFile.open(golden, verify=True) as run:
        assert (run.run_id, run.chain, run.count) == (EXPECTED["run"], EXPECTED["chain"], 7)
        assert run.header == sample_run.HEADER


def test_a_new_file_holds_what_the_golden_file_holds(golden, fresh):
    with RunFile.open(golden) as old, RunFile.open(fresh) as new:
        assert sample_run.everything(old)[1:] == sample_run.everything(new)[1:]


def test_the_chain_the_catalog_and_the_seal_are_pinned(golden, fresh):
    for path in (golden, fresh):
        with closing(sqlite3.connect(path)) as db:
            chains = [row[0].hex() for row in db.execute("SELECT chain FROM entry ORDER BY n")]
            head = db.execute("SELECT entries, chain, contents, catalog FROM head").fetchone()
            (seal,) = db.execute("SELECT seal FROM head").fetchone()
        assert chains == EXPECTED["chains"]
        assert head[0] == EXPECTED["entries"]
        assert head[1].hex() == EXPECTED["chain"]
        assert head[2] == EXPECTED["contents"]
        assert head[3].hex() == EXPECTED["catalog"]
        assert (seal.hex() == EXPECTED["seal"]) == (path == golden)


def test_the_tables_are_the_golden_ones(golden, fresh):
    def tables(path):
        with closing(sqlite3.connect(path)) as db:
            pragmas = ("application_id", "user_version", "journal_mode", "page_size", "encoding")
            settings = [db.execute(f"PRAGMA {pragma}").fetchone()[0] for pragma in pragmas]
            schema = db.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name")
            return settings, schema.fetchall()

    assert tables(golden) == tables(fresh)
    assert tables(fresh)[0] == [0x5745524E, 1, "delete", 4096, "UTF-8"]


def test_a_reader_that_knows_only_the_document_agrees(golden, fresh):
    for path in (golden, fresh):
        read = independent_reader.read(path)
        with RunFile.open(path) as run:
            assert (read["run"], read["chain"]) == (run.run_id, run.chain)
            assert len(read["entries"]) == run.count
            assert read["contents"] == {digest: run.content(digest) for digest in run.contents()}
        inputs = [value for kind, value, _ in read["entries"] if kind == 1]
        assert inputs == [[1, "pinger", "start", ["text", "go"], []]]
        steps = [(value, detail) for kind, value, detail in read["entries"] if kind == 4]
        assert [value[0] for value, _ in steps] == [1, 2, 3]
        assert steps[0][0][2][0][8][0][3] == ["text", "grüß"]
        assert steps[0][1][1] == [[["info", "hi"]]]


def test_the_independent_reader_runs_alone(golden):
    script = [sys.executable, "-I", independent_reader.__file__, str(golden)]
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {
        "run": EXPECTED["run"],
        "world": "sample",
        "seed": 7,
        "chain": EXPECTED["chain"],
        "entries": 7,
        "steps": 3,
        "contents": 3,
    }
    with closing(sqlite3.connect(golden)) as db, db:
        db.execute("UPDATE entry SET body = x'90' WHERE n = 5")
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, f"{golden}: entry 5\n")
