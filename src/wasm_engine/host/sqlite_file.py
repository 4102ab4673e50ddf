"""Databases in files of SQLite, outside of a world: one connection for each effect.

What a statement touches is held to its rules by a wall: SQLite asks it of everything it compiles.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from wasm_engine.concepts import faults
from wasm_engine.concepts.effect import Outcome
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.sql_address import MARKS
from wasm_engine.concepts.sql_values import Done, TooMuch, constraint_of, done_of, gathered
from wasm_engine.host.outside import Cancellation
from wasm_engine.host.sql_outside import (
    KEPT,
    SAYS,
    Asked,
    Ended,
    Terms,
    Turns,
    marked,
    outcome_of,
    read_mark,
)
from wasm_engine.host.stopwatch import elapsed

_STEPS = 1_000
"""Steps of SQLite's machine after which it looks whether to go on."""
_LONGEST_MARK = 16 << 20
_LIMITS = {
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 64 << 10,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 100,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 500,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_PRAGMAS = (
    # A commit that we note has to be on the disk; whoever owns the file relies on its keys.
    "synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF", "cell_size_check = ON",
    "mmap_size = 0", "temp_store = MEMORY",
)  # fmt: skip
_MAKES_MARKS = (
    f"CREATE TABLE IF NOT EXISTS {MARKS}"
    "(key TEXT PRIMARY KEY, at INTEGER NOT NULL, answer TEXT NOT NULL) WITHOUT ROWID"
)
_NOW = "CAST(strftime('%s', 'now') AS INTEGER)"
_BY_NAME = {
    "SQLITE_TOOBIG": faults.TOO_LARGE,
    "SQLITE_FULL": faults.DATABASE_FULL,
    "SQLITE_INTERRUPT": faults.TIMEOUT,
    "SQLITE_BUSY": faults.TIMEOUT,
    "SQLITE_LOCKED": faults.TIMEOUT,
    "SQLITE_CANTOPEN": faults.CONNECTION_FAILED,
    "SQLITE_READONLY": faults.CONNECTION_FAILED,
    "SQLITE_PERM": faults.CONNECTION_FAILED,
    "SQLITE_NOTADB": faults.BAD_RESPONSE,
    "SQLITE_CORRUPT": faults.BAD_RESPONSE,
    "SQLITE_IOERR": faults.CONNECTION_LOST,
    "SQLITE_PROTOCOL": faults.CONNECTION_LOST,
}
"""How a statement ends, by the name of SQLite's error or how that begins."""


class Wall(Protocol):
    """An authorizer for one statement. `denied`: what it refused first, or None."""

    denied: str | None

    def __call__(
        self, action: int, one: str | None, two: str | None, database: str | None, by: str | None
    ) -> int:
        """Answers SQLite: `SQLITE_OK` or `SQLITE_DENY`."""


Walls = Callable[[sqlite3.Connection], Callable[[str], Wall]]
"""Looks at what a database holds, and answers what gives each statement its wall. Raises Wrong
where the database is not as it was said to be."""


class SqliteFile:
    """Executes statements on one file.

    Args:
        path: Where it is; of no link, for the operator's word is about a file.
        terms: On what terms.
    """

    def __init__(self, path: str, terms: Terms) -> None:
        self._path = path
        self._terms = terms
        self._turns = Turns(terms)
        self._cleaned = False

    def perform(
        self,
        key: str,
        asked: Sequence[Asked],
        walls: Walls,
        cancellation: Cancellation,
        *,
        writes: bool,
    ) -> Outcome:
        """Executes statements in one transaction: all of them, or none.

        Args:
            key: The effect's idempotency key.
            asked: The statements.
            walls: What holds them to their rules.
            cancellation: Whether it is still wanted.
            writes: Whether they change anything.
        """
        try:
            with self._turns.turn(cancellation) as until:
                return outcome_of(self._performed(key, asked, walls, cancellation, until, writes))
        except Ended as ended:
            return ended.fault

    def _performed(
        self,
        key: str,
        asked: Sequence[Asked],
        walls: Walls,
        cancellation: Cancellation,
        until: float,
        writes: bool,  # noqa: FBT001 - see `perform`
    ) -> list[Done]:
        connection = self._opened(until)
        connection.set_progress_handler(lambda: cancellation.cancelled or elapsed() > until, _STEPS)
        try:
            return self._transaction(connection, key, asked, walls, writes)
        except sqlite3.Error as error:
            raise _ended(error, cancellation) from None
        finally:
            connection.close()  # what is not committed is undone

    def _transaction(
        self,
        connection: sqlite3.Connection,
        key: str,
        asked: Sequence[Asked],
        walls: Walls,
        writes: bool,  # noqa: FBT001 - see `perform`
    ) -> list[Done]:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        marks = writes and self._terms.marks
        if marks:
            found = self._mark(connection, key)
            if found is not None:
                return found
        try:
            wall = walls(connection)
        except Wrong as wrong:
            raise Ended(faults.BAD_RESPONSE, f"{SAYS[faults.BAD_RESPONSE]}: {wrong}") from None
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, self._terms.max_value)
        done = [_one(connection, each, wall(each.text)) for each in asked]
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_MARK)
        if marks:
            put = f"INSERT INTO {MARKS} VALUES (?, {_NOW}, ?)"  # noqa: S608 - of constants
            connection.execute(put, (key, marked(done)))
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if writes and _code(error) == faults.CONNECTION_LOST:
                raise Ended(faults.OUTCOME_UNKNOWN) from None
            raise
        return done

    def _opened(self, until: float) -> sqlite3.Connection:
        """A connection to the file, which must be there.

        Raises:
            Ended: It cannot be opened.
        """
        try:
            path = Path(self._path)
            if not path.is_file() or str(path.resolve()) != self._path:
                raise Ended(faults.CONNECTION_FAILED)
            connection = sqlite3.connect(
                f"file:{quote(self._path)}?mode=rw",
                uri=True,
                timeout=max(until - elapsed(), 0.0),
                isolation_level=None,
                cached_statements=0,
            )
        except (sqlite3.Error, OSError, RuntimeError):
            raise Ended(faults.CONNECTION_FAILED) from None
        connection.text_factory = lambda data: data.decode(errors="replace")
        for limit, value in _LIMITS.items():
            connection.setlimit(limit, value)
        return connection

    def _mark(self, connection: sqlite3.Connection, key: str) -> list[Done] | None:
        """What a change came to that was made before; None where it was not."""
        connection.execute(_MAKES_MARKS)
        if not self._cleaned:
            old = f"DELETE FROM {MARKS} WHERE at < {_NOW} - ?"  # noqa: S608 - of constants
            connection.execute(old, (KEPT,))
            self._cleaned = True
        look = f"SELECT answer FROM {MARKS} WHERE key = ?"  # noqa: S608 - of constants
        row = connection.execute(look, (key,)).fetchone()
        return None if row is None else read_mark(row[0])


def _one(connection: sqlite3.Connection, asked: Asked, wall: Wall) -> Done:
    """One statement, behind the wall.

    Raises:
        Ended: It did not end well.
        sqlite3.Error: The same, for what is not the statement's fault alone.
    """
    if wall.denied is not None:
        raise Ended(faults.NOT_GRANTED, wall.denied)
    connection.set_authorizer(wall)
    try:
        cursor = connection.execute(asked.text, asked.parameters)
        rows: Any = gathered(cursor)
        columns = [column[0] for column in cursor.description or ()]
        return done_of(columns, rows, cursor.rowcount)
    except TooMuch as much:
        raise Ended(faults.TOO_LARGE, str(much)) from None
    except sqlite3.Error:
        if wall.denied is not None:
            raise Ended(faults.NOT_GRANTED, wall.denied) from None
        raise
    except (sqlite3.Warning, OverflowError, UnicodeError):
        raise Ended(faults.INVALID_STATEMENT) from None
    finally:
        connection.set_authorizer(None)


def _ended(error: sqlite3.Error, cancellation: Cancellation) -> Ended:
    """The fault for what SQLite said; of its words nothing gets into a world."""
    if cancellation.cancelled:
        return Ended(faults.CANCELLED)
    constraint = constraint_of(getattr(error, "sqlite_errorname", ""))
    if constraint is not None:
        return Ended(faults.CONSTRAINT, constraint)
    return Ended(_code(error))


def _code(error: sqlite3.Error) -> str:
    name: str = getattr(error, "sqlite_errorname", "")
    codes = (code for begin, code in _BY_NAME.items() if name.startswith(begin))
    return next(codes, faults.INVALID_STATEMENT)
