"""What a database holds: tables, views and triggers, asked of SQLite once, when a world begins."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping

from msgspec import Struct

from wasm_engine.concepts.mistakes import Wrong, nearest, shown
from wasm_engine.concepts.sql_rights import NAME, SqlRights

NAME_RULE = re.compile(NAME, re.ASCII)
"""What names of tables, columns and triggers look like here."""
GUARD = "wasm_engine_guard"
"""What our own triggers are called, with a number."""
_LAST_ROWID = 2**63 - 1


class Table(Struct, frozen=True):
    """A table or a view.

    Attributes:
        columns: Its columns, in their order and in small letters.
        key: The column that is its rowid, or None.
        has_rowid: Whether it has a rowid.
        view: Of a view its `CREATE VIEW`, else None.
        stored: Those of its columns that are not computed.
    """

    columns: tuple[str, ...]
    key: str | None
    has_rowid: bool
    view: str | None = None
    stored: tuple[str, ...] = ()


class Schema(Struct, frozen=True):
    """Everything in a database, by name in small letters.

    Attributes:
        tables: Tables and views.
        triggers: Names of its triggers.
        modules: What is a table wherever it is named, such as `json_each`.
    """

    tables: Mapping[str, Table]
    triggers: tuple[str, ...]
    modules: tuple[str, ...]

    def base(self, name: str) -> Table | None:
        """The table of that name, if it is no view."""
        table = self.tables.get(name)
        return None if table is None or table.view is not None else table

    def check(self, rights: SqlRights) -> None:
        """Looks whether all that rules name is there.

        Raises:
            Wrong: Something is not; the text says what.
        """
        for name in rights.named():
            head, dot, column = name.partition(".")
            table = self.base(head)
            if table is None:
                what = "is a view; name its tables" if head in self.tables else "is not there"
                near = "" if head in self.tables else nearest(head, sorted(self.tables))
                raise Wrong(f"table {shown(head)} {what}{near}")
            if dot and column not in table.columns:
                raise Wrong(f"{head} has no column {shown(column)}{nearest(column, table.columns)}")


def read_schema(connection: sqlite3.Connection) -> Schema:
    """What is in the `main` database of a connection.

    Raises:
        Wrong: A name in it is no plain one, or it holds what databases of a world may not.
    """
    tables, triggers = {}, []
    rows = connection.execute("SELECT type, name, sql FROM main.sqlite_master ORDER BY rowid")
    for kind, name, sql in rows.fetchall():
        if kind == "index" or name.startswith("sqlite_"):
            continue
        _require_plain(name)
        if kind == "trigger":
            triggers.append(name.lower())
        else:
            tables[name.lower()] = _table(connection, name, sql if kind == "view" else None)
    modules = connection.execute("PRAGMA module_list").fetchall()
    return Schema(tables, tuple(sorted(triggers)), tuple(sorted(row[0].lower() for row in modules)))


def _table(connection: sqlite3.Connection, name: str, view: str | None) -> Table:
    listed = connection.execute(f'PRAGMA main.table_xinfo("{name}")').fetchall()
    (without,) = connection.execute(
        "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?", (name,)
    ).fetchone()
    for row in listed:
        _require_plain(row[1])
    keys = [row for row in listed if row[5]]
    # A single key of just this type is the rowid by another name.
    own = len(keys) == 1 and keys[0][2].upper() == "INTEGER" and not without
    key = keys[0][1].lower() if own else None
    return Table(
        tuple(row[1].lower() for row in listed),
        key,
        not without and view is None,
        view,
        tuple(row[1].lower() for row in listed if not row[6]),
    )


def _require_plain(name: str) -> None:
    """Rules and the wall look for names in text: no name may have two spellings."""
    if NAME_RULE.fullmatch(name) is None or name.lower().startswith(GUARD):
        raise Wrong(f"{shown(name)} is no plain name (letters, digits and `_`)")


def compiled(schema: Schema) -> list[str]:
    """Statements that have SQLite compile all that it looks at only when it is used.

    What a default, a trigger or a view may not do is found as the world begins, and not when an
    agent comes upon it.
    """
    made = []
    for name, table in schema.tables.items():
        if table.view is not None:
            made.append(f'SELECT * FROM "{name}"')  # noqa: S608 - a plain name: see above
        else:
            sets = ", ".join(f'"{column}" = NULL' for column in table.stored)
            made += [f'INSERT INTO "{name}" DEFAULT VALUES', f'UPDATE "{name}" SET {sets}']  # noqa: S608
            made.append(f'DELETE FROM "{name}"')  # noqa: S608
    return [f"EXPLAIN {statement}" for statement in made]


def guards(schema: Schema) -> list[str]:
    """Statements that keep the last rowid free.

    After a row with the last rowid SQLite takes a random one for the next, which no replay would
    take again.
    """
    tables = [name for name, table in schema.tables.items() if table.has_rowid]
    return [
        f'CREATE TEMP TRIGGER {GUARD}_{event}_{number} AFTER {event} ON main."{name}" '
        f"WHEN new.rowid = {_LAST_ROWID} BEGIN SELECT RAISE(ABORT, 'rowid'); END"
        for number, name in enumerate(tables)
        for event in ("INSERT", "UPDATE")
    ]
