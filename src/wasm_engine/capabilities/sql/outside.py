"""Databases outside of a world: the schema that a manifest declares, and the one that is there.

What is declared is what agents may know of. There may be more, of which they learn nothing: to the
wall a table or column that is not declared is none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlglot import exp

from wasm_engine.capabilities.sql.database import Database
from wasm_engine.capabilities.sql.parsing import parse
from wasm_engine.capabilities.sql.postgres import Translated, translated
from wasm_engine.capabilities.sql.schema import NAME_RULE, Schema
from wasm_engine.capabilities.sql.statement import Footprint, footprint
from wasm_engine.capabilities.sql.wall import Wall
from wasm_engine.concepts.mistakes import Wrong, shown
from wasm_engine.concepts.sql_address import MARKS
from wasm_engine.concepts.sql_rights import SqlRights

_ROWID = "rowid"


def check_declared(made: Database) -> None:
    """Looks whether what a schema makes can be declared of a database outside.

    Raises:
        Wrong: It cannot; the text says why.
    """
    schema = made.schema
    if MARKS in schema.tables:
        raise Wrong(f"{shown(MARKS)} is a table of ours: no agent may know of it")
    if schema.triggers:
        raise Wrong("a database outside has its own triggers: here, only tables and views")
    if made.has_rows():
        raise Wrong("a database outside has its own rows: here, only tables and views")


class Declared(NamedTuple):
    """What is declared of a database outside.

    Attributes:
        schema: Its tables and columns that agents may know of.
        postgres: Whether PostgreSQL executes what is asked, and not SQLite.
    """

    schema: Schema
    postgres: bool

    def footprint(self, text: str) -> Footprint:
        """What a statement touches.

        Raises:
            Wrong: It is no statement that may be executed there; the text says why.
        """
        for insert in parse(text).find_all(exp.Insert):
            # Which columns go without names is decided out there.
            if not isinstance(insert.this, exp.Schema) and not insert.args.get("default"):
                raise Wrong("name the columns: INSERT INTO orders(id, total) ...")
        return self.told(text).footprint

    def told(self, text: str) -> Translated:
        """A statement as the database is told it.

        Raises:
            Wrong: It is no statement that may be executed there; the text says why.
        """
        if self.postgres:
            return translated(self.schema, text)
        return Translated(text, None, True, footprint(self.schema, text))


_OF_TRIGGERS = frozenset(
    {
        sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_READ,
        sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE,
        sqlite3.SQLITE_FUNCTION,
    }
)  # fmt: skip
"""What a trigger may do, on whatever is there: it belongs to whoever has the database."""


class OutsideWall(Wall):
    """As `Wall`, and nothing is there that is not declared."""

    def _refusal(
        self, action: int, one: str, two: str, database: str | None, by: str | None
    ) -> str | None:
        if by is not None and self._is_trusted(by.lower()):
            return None if action in _OF_TRIGGERS else "that statement"
        return super()._refusal(action, one, two, database, by)

    def _by_rights(self, action: int, table: str, column: str) -> str | None:
        known = self._schema.tables[table]
        if column and column not in known.columns and not (column == _ROWID and known.has_rowid):
            return f"the column {table}.{column}"
        return super()._by_rights(action, table, column)


def walls(declared: Schema, rights: SqlRights) -> Callable[[sqlite3.Connection], Any]:
    """What holds statements on a file to their rules: see `host.sqlite_file.Walls`.

    Args:
        declared: What agents may know of.
        rights: What the one who asks may do.
    """

    def looked(connection: sqlite3.Connection) -> Callable[[str], Wall]:
        schema = _found(connection, declared)
        return lambda text: OutsideWall(schema, rights, text)

    return looked


def _found(connection: sqlite3.Connection, declared: Schema) -> Schema:
    """What is declared, with what a wall must know of what is there.

    Raises:
        Wrong: Something that is declared is not there.
    """
    for name, table in declared.tables.items():
        rows = connection.execute(f'PRAGMA main.table_xinfo("{name}")').fetchall()
        there = {str(row[1]).lower() for row in rows}
        if not there:
            raise Wrong(f"there is no table {name}")
        for column in table.columns:
            if column not in there:
                raise Wrong(f"{name} has no column {column}")
    listed = connection.execute("SELECT type, name FROM main.sqlite_master").fetchall()
    # Whatever a view or a trigger does is told by its name alone: it must be only one of them.
    others = {str(name).lower() for kind, name in listed if kind != "trigger"}
    named = [str(name) for kind, name in listed if kind == "trigger"]
    triggers = {name.lower() for name in named if NAME_RULE.fullmatch(name)} - others
    modules = connection.execute("PRAGMA module_list").fetchall()
    return Schema(
        declared.tables,
        tuple(sorted(triggers)),
        tuple(sorted(str(row[0]).lower() for row in modules)),
    )
