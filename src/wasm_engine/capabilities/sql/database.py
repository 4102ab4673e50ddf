"""One database of a world: SQLite in memory, of which the world decides all that can differ."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple

from wasm_engine.capabilities.sql.functions import Meter, TooCostly, install
from wasm_engine.capabilities.sql.schema import Schema, compiled, guards, read_schema
from wasm_engine.capabilities.sql.wall import MakersWall, Wall
from wasm_engine.concepts import faults
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.sql_rights import SqlRights
from wasm_engine.concepts.sql_values import (
    MAX_RESULT,
    Done,
    SqlValue,
    TooMuch,
    constraint_of,
    gathered,
    rows_text,
)

STATEMENT: Final = 50_000
"""Host work of each statement: compiled anew, in a transaction."""
STEP: Final = 100
"""Host work of a step of SQLite's machine, which usually takes some 20 to 50 ns..."""
STEP_BYTES: Final = 20
"""... and one more for so many bytes that a value may have: a step may compare or copy one."""
STEPS: Final = 1_000
"""Steps that are counted at a time."""
RESULT_BYTE: Final = 50
"""Host work of each byte of a result."""
SCHEMA_WORK: Final = 20_000_000_000
"""Host work that making the tables may cost, with the rows that the schema puts into them."""
OLDEST: Final = (3, 37, 0)
_PAGE = 4_096
_LIMITS = {
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 64 << 10,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 100,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 100_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 20,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 500,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 16,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_PRAGMAS = (
    "temp_store = MEMORY", "secure_delete = ON", "trusted_schema = ON", "cell_size_check = ON",
    "foreign_keys = OFF", "recursive_triggers = OFF", "cache_size = -16384",
)  # fmt: skip


class Statement(NamedTuple):
    """One statement, and what goes into its `?`."""

    text: str
    parameters: Sequence[SqlValue]


class _Refused(Exception):
    """A statement ended with a fault; everything that went with it is undone."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.fault = refusal(code, detail)


class Database:
    """One database.

    Its content is always the bytes of a database file, held in memory: also in a world that was
    never stopped, so that it does the same as one that goes on from a checkpoint.

    Args:
        script: Statements that make its tables.
        max_size: Bytes that it may have.
        max_value: Bytes that one value, or one row, may have.

    Attributes:
        schema: What it holds.

    Raises:
        Wrong: The script makes no database that a world may have.
    """

    def __init__(self, script: str, *, max_size: int, max_value: int) -> None:
        self._max_size = max_size
        self._max_value = max_value
        self._step = (STEP + max_value // STEP_BYTES) * STEPS
        self._meter = Meter()
        made = self._made(script)
        self._connection = self._opened(made)
        self.schema: Schema = read_schema(self._connection)
        self._guard()

    def run(
        self, statements: Sequence[Statement], rights: SqlRights, *, work: int, time: int
    ) -> tuple[list[Done] | Err, int]:
        """Executes statements in one transaction: all of them, or none.

        Args:
            statements: What to execute.
            rights: What may be done.
            work: Host work that all of it may cost.
            time: World time (ns).

        Returns:
            What each came to, or the fault that undid them; and the host work that it cost.
        """
        meter, connection = self._meter, self._connection
        meter.begin(work, time)
        connection.execute("BEGIN")
        try:
            outcome: list[Done] | Err = [self._one(each, rights) for each in statements]
            connection.execute("COMMIT")
        except _Refused as refused:
            outcome = refused.fault
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        return outcome, work - max(meter.left, 0)

    def has_rows(self) -> bool:
        """Whether any of its tables holds a row."""
        names = [name for name in self.schema.tables if self.schema.base(name) is not None]
        asked = (f'SELECT EXISTS (SELECT 1 FROM "{name}")' for name in names)  # noqa: S608 - plain
        return any(self._connection.execute(text).fetchone()[0] for text in asked)

    def image(self) -> bytes:
        """The bytes of the whole database."""
        return self._connection.serialize()

    def replace(self, image: bytes) -> None:
        """Becomes what had those bytes.

        Raises:
            ValueError: They are no database, or one with other tables.
        """
        if not image.startswith(b"SQLite format 3\0") or len(image) % _PAGE:
            message = "no database"  # SQLite takes an empty one for a lack of memory
            raise ValueError(message)
        try:
            connection = self._opened(image)
            found = read_schema(connection)
        except (sqlite3.Error, Wrong) as error:
            message = "no database that was kept"
            raise ValueError(message) from error
        if found != self.schema:
            message = "a database with other tables"
            raise ValueError(message)
        self._connection.close()
        self._connection = connection
        self._guard()

    def _one(self, statement: Statement, rights: SqlRights) -> Done:
        """One statement, behind the wall.

        Raises:
            _Refused: It did not end well.
        """
        connection, meter = self._connection, self._meter
        wall = Wall(self.schema, rights, statement.text)
        if wall.denied is not None:
            raise _Refused(faults.NOT_GRANTED, wall.denied)
        try:
            meter.spend(STATEMENT)
            connection.set_authorizer(wall)
            cursor = connection.execute(statement.text, statement.parameters)
            rows = gathered(cursor)
            columns = [column[0] for column in cursor.description or ()]
            done = Done(rows_text(columns, rows), max(cursor.rowcount, 0))
            meter.spend(RESULT_BYTE * len(done.rows))
        except TooMuch as much:
            cursor.close()
            raise _Refused(faults.TOO_LARGE, str(much)) from None
        except TooCostly:
            raise _Refused(faults.TOO_COSTLY, "it may not cost so much host work") from None
        except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError) as error:
            raise self._refused(error, wall) from None
        finally:
            connection.set_authorizer(None)
        if len(done.rows) > MAX_RESULT:
            raise _Refused(faults.TOO_LARGE, f"a result has at most {MAX_RESULT} bytes")
        return done

    def _refused(self, error: Exception, wall: Wall) -> _Refused:
        """The fault for what SQLite said; of its words nothing gets into a world."""
        if self._meter.left < 0:
            return _Refused(faults.TOO_COSTLY, "it may not cost so much host work")
        if wall.denied is not None:
            return _Refused(faults.NOT_GRANTED, wall.denied)
        name: str = getattr(error, "sqlite_errorname", "")
        constraint = constraint_of(name)
        if constraint is not None:
            return _Refused(faults.CONSTRAINT, constraint)
        if name == "SQLITE_TOOBIG" or self._meter.overflowed:
            return _Refused(faults.TOO_LARGE, f"a value has at most {self._max_value} bytes")
        if name == "SQLITE_FULL":
            return _Refused(faults.DATABASE_FULL, f"at most {self._max_size} bytes")
        return _Refused(faults.INVALID_STATEMENT, "SQLite cannot execute it")

    def _made(self, script: str) -> bytes:
        """The bytes of the database that a script makes."""
        connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=0)
        wall = MakersWall()
        try:
            connection.execute(f"PRAGMA page_size = {_PAGE}")
            self._bound(connection)
            self._meter.begin(SCHEMA_WORK, 0)
            connection.set_authorizer(wall)
            connection.executescript(script)
            if connection.in_transaction:
                raise Wrong("a transaction is not ended")
            connection.set_authorizer(None)
            trials = compiled(read_schema(connection))
            connection.set_authorizer(wall)
            for statement in trials:
                connection.execute(statement)
            connection.set_authorizer(None)
            return connection.serialize()
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
            if self._meter.left < 0:
                raise Wrong("takes too long") from None
            raise Wrong(f"{wall.denied or error}") from None
        finally:
            connection.close()

    def _opened(self, image: bytes) -> sqlite3.Connection:
        # Statements are compiled anew each time: a kept one would go on counting its steps.
        connection = sqlite3.connect(
            ":memory:", isolation_level=None, cached_statements=0, check_same_thread=False
        )
        connection.deserialize(image)
        self._bound(connection)
        return connection

    def _bound(self, connection: sqlite3.Connection) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA max_page_count = {max(self._max_size // _PAGE, 1)}")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, self._max_value)
        for limit, value in _LIMITS.items():
            connection.setlimit(limit, value)
        install(connection, self._meter, self._max_value)
        connection.set_progress_handler(self._count, STEPS)

    def _count(self) -> bool:
        self._meter.left -= self._step
        return self._meter.left < 0

    def _guard(self) -> None:
        self._meter.begin(SCHEMA_WORK, 0)
        for statement in guards(self.schema):
            self._connection.execute(statement)
