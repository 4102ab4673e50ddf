"""Whose fault an error is, and what a message may quote."""

import errno
import os
import sqlite3

import pytest

from wasm_engine.concepts.errors import BadRunFile, Bug, HostFault
from wasm_engine.journal.database import connect, guarded, quoted


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOENT, BadRunFile),
        (errno.EACCES, BadRunFile),
        (errno.EEXIST, BadRunFile),
        (errno.EAGAIN, BadRunFile),
        (errno.ENOSPC, HostFault),
        (errno.EROFS, HostFault),
        (errno.EIO, HostFault),
        (errno.EMFILE, HostFault),
        (errno.ENOMEM, HostFault),
    ],
)
def test_an_error_of_the_system_is_the_callers_or_the_machines(number, expected):
    with pytest.raises(expected, match=r"^a\.run: "), guarded("a.run", "opened"):
        raise OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_BUSY, BadRunFile),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, BadRunFile),
        (sqlite3.SQLITE_CORRUPT_VTAB, BadRunFile),
        (sqlite3.SQLITE_NOTADB, BadRunFile),
        (sqlite3.SQLITE_FULL, HostFault),
        (sqlite3.SQLITE_IOERR_FSYNC, HostFault),
        (sqlite3.SQLITE_READONLY_DBMOVED, HostFault),
        (sqlite3.SQLITE_NOMEM, HostFault),
    ],
)
def test_an_error_of_sqlite_is_the_files_or_the_machines(code, expected):
    error = sqlite3.OperationalError("as SQLite says")
    error.sqlite_errorcode = code
    with pytest.raises(expected, match=r"^a\.run: "), guarded("a.run", "written"):
        raise error


def test_our_own_errors_pass():
    with pytest.raises(Bug), guarded("a.run"):
        raise Bug("x")


def test_a_message_quotes_a_hostile_file_in_one_short_printable_line():
    assert quoted("a\x1b[2J\n\tb\u202e") == "a?[2J b?"
    assert len(quoted("x" * 1000)) == 100


def test_what_a_run_file_does_not_need_is_off():
    db = connect(None, "rw")
    found = {
        pragma: db.execute(f"PRAGMA {pragma}").fetchone()
        for pragma in ("trusted_schema", "cell_size_check", "temp_store")
    }
    assert found == {"trusted_schema": (0,), "cell_size_check": (1,), "temp_store": (2,)}
    with pytest.raises(sqlite3.OperationalError, match="too many attached"):
        db.execute("ATTACH ':memory:' AS other")
    db.close()
