"""The tables of a run file, and the check that a file has these and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal.database import quoted

if TYPE_CHECKING:
    import sqlite3

APPLICATION_ID = 0x5745524E
"""`WERN`, at byte 68 of the file."""
USER_VERSION = 2
FULL = 1
"""SQLite's word for it: what is no longer used leaves the file with the commit."""

CONTENT = """CREATE TABLE content (
  n INTEGER PRIMARY KEY,
  digest BLOB NOT NULL,
  size INTEGER NOT NULL,
  data BLOB NOT NULL
)"""
"""The same in every version."""

TABLES = (
    """CREATE TABLE head (
  id INTEGER PRIMARY KEY,
  run BLOB NOT NULL,
  beginning INTEGER NOT NULL,
  beginning_chain BLOB NOT NULL,
  anchor INTEGER NOT NULL,
  anchor_chain BLOB NOT NULL,
  entries INTEGER NOT NULL,
  chain BLOB NOT NULL,
  contents INTEGER NOT NULL,
  catalog BLOB NOT NULL,
  checkpoints INTEGER NOT NULL,
  marks BLOB NOT NULL,
  seal BLOB NOT NULL
)""",
    """CREATE TABLE block (
  first INTEGER PRIMARY KEY,
  entries INTEGER NOT NULL,
  chain BLOB NOT NULL,
  size INTEGER NOT NULL,
  data BLOB NOT NULL
)""",
    CONTENT,
    """CREATE TABLE checkpoint (
  n INTEGER PRIMARY KEY,
  step INTEGER NOT NULL,
  chain BLOB NOT NULL,
  digest BLOB NOT NULL,
  size INTEGER NOT NULL,
  parts BLOB NOT NULL,
  data BLOB NOT NULL
)""",
    """CREATE TABLE part (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL,
  size INTEGER NOT NULL,
  data BLOB NOT NULL
)""",
)


def create_tables(db: sqlite3.Connection) -> None:
    """Makes an empty database the beginning of a run file, in a transaction that it begins."""
    db.execute(f"PRAGMA auto_vacuum={FULL}")
    db.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.execute(f"PRAGMA user_version={USER_VERSION}")
    db.execute("BEGIN IMMEDIATE")
    for table in TABLES:
        db.execute(table)


def version_of(db: sqlite3.Connection, name: str) -> int:
    """The version of a run file's format, whether this program knows it or not.

    Raises:
        BadRunFile: It is no run file.
    """
    if _pragma(db, "application_id") != APPLICATION_ID:
        msg = f"{name}: not a run file"
        raise BadRunFile(msg)
    version = _pragma(db, "user_version")
    assert isinstance(version, int)
    return version


def check_tables(
    db: sqlite3.Connection, name: str, tables: Sequence[str], may_have: Sequence[str] = ()
) -> None:
    """Checks that the database has these tables, some of those that it may have, and nothing else.

    Raises:
        BadRunFile: It has not.
    """
    found = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    there = {row[1] for row in found}
    tables = [*tables, *(sql for sql in may_have if sql.split()[2] in there)]
    expected = sorted(("table", sql.split()[2], sql.split()[2], sql) for sql in tables)
    if sorted(found, key=repr) != sorted(expected, key=repr):
        odd = sorted({str(row[1]) for row in found} ^ {row[1] for row in expected})
        which = quoted(", ".join(odd) or "altered")
        msg = f"{name}: its tables are not those of a run file ({which})"
        raise BadRunFile(msg)


def check_structure(db: sqlite3.Connection, name: str, auto_vacuum: int = FULL) -> None:
    """Checks that the database is whole: every page of it, which takes a while.

    Raises:
        BadRunFile: It is not.
    """
    problems = [row[0] for row in db.execute("PRAGMA quick_check(1)")]
    if problems != ["ok"]:
        msg = f"{name}: damaged ({quoted(problems[0])})"
        raise BadRunFile(msg)
    # Free pages are a place to hide things in. What is taken out shrinks the file instead.
    if _pragma(db, "freelist_count") != 0 or _pragma(db, "auto_vacuum") != auto_vacuum:
        msg = f"{name}: damaged (it has free pages, or may have)"
        raise BadRunFile(msg)


def _pragma(db: sqlite3.Connection, name: str) -> object:
    row = db.execute(f"PRAGMA {name}").fetchone()
    return row[0] if row else None
