"""The tables of a run file, and the check that a file has these and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal.database import quoted

if TYPE_CHECKING:
    import sqlite3

APPLICATION_ID = 0x5745524E
"""`WERN`, at byte 68 of the file."""
USER_VERSION = 1

_TABLES = (
    """CREATE TABLE head (
  id INTEGER PRIMARY KEY,
  run BLOB NOT NULL,
  entries INTEGER NOT NULL,
  chain BLOB NOT NULL,
  contents INTEGER NOT NULL,
  catalog BLOB NOT NULL,
  seal BLOB NOT NULL
)""",
    """CREATE TABLE entry (
  n INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  body BLOB NOT NULL,
  chain BLOB NOT NULL,
  detail_size INTEGER,
  detail BLOB
)""",
    """CREATE TABLE content (
  n INTEGER PRIMARY KEY,
  digest BLOB NOT NULL,
  size INTEGER NOT NULL,
  data BLOB NOT NULL
)""",
)
_EXPECTED = sorted(("table", sql.split()[2], sql.split()[2], sql) for sql in _TABLES)


def create_tables(db: sqlite3.Connection) -> None:
    """Makes an empty database the beginning of a run file."""
    db.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.execute(f"PRAGMA user_version={USER_VERSION}")
    for table in _TABLES:
        db.execute(table)


def check_tables(db: sqlite3.Connection, name: str) -> None:
    """Checks that the database is a run file of our version, whole, with our tables and no others.

    Raises:
        BadRunFile: It is not.
    """
    if _pragma(db, "application_id") != APPLICATION_ID:
        msg = f"{name}: not a run file"
        raise BadRunFile(msg)
    version = _pragma(db, "user_version")
    if version != USER_VERSION:
        msg = f"{name}: its format is version {version}, this program reads {USER_VERSION}"
        raise BadRunFile(msg)
    found = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    if sorted(found, key=repr) != sorted(_EXPECTED, key=repr):
        odd = sorted({str(row[1]) for row in found} ^ {row[1] for row in _EXPECTED})
        which = quoted(", ".join(odd) or "altered")
        msg = f"{name}: its tables are not those of a run file ({which})"
        raise BadRunFile(msg)
    problems = [row[0] for row in db.execute("PRAGMA quick_check(1)")]
    # Nothing is ever deleted from a run, so free pages are a place to hide things in.
    settings = (_pragma(db, "freelist_count"), _pragma(db, "auto_vacuum"))
    if problems != ["ok"] or settings != (0, 0):
        which = quoted(problems[0]) if problems != ["ok"] else "it has free pages"
        msg = f"{name}: damaged ({which})"
        raise BadRunFile(msg)


def _pragma(db: sqlite3.Connection, name: str) -> object:
    row = db.execute(f"PRAGMA {name}").fetchone()
    return row[0] if row else None
