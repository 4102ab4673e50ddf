"""The wall: what a statement touches, asked of SQLite as it compiles it, and refused there.

It knows nothing of what `statement` found: the two are held to the same rights, each by itself.
SQLite tells every table, column and function that a statement touches, but four things it does
not: those are looked for in the text, in a way that may refuse too much and never too little.

- A join by NATURAL or USING compares columns that it does not tell.
- REPLACE removes rows in whose way it is, and does not tell.
- An EXPLAIN tells the same as the statement, and answers something else.
- Whatever a trigger does is told with its name; but a CTE of that name is told so, too.
"""

from __future__ import annotations

import re
import sqlite3

from wasm_engine.capabilities.sql.functions import ALLOWED
from wasm_engine.capabilities.sql.schema import GUARD, Schema
from wasm_engine.concepts.sql_rights import SqlRights

FIRST_WORDS = ("select", "with", "values", "insert", "replace", "update", "delete")
_FIRST = re.compile(rf"\s*(?:{'|'.join(FIRST_WORDS)})\b", re.ASCII | re.IGNORECASE)
# Not `\b`: to SQLite a word may begin right after a digit.
_COMPARING = re.compile(r"(?<![a-z_])(?:natural|using)(?![a-z0-9_])", re.ASCII | re.IGNORECASE)
_REPLACING = re.compile(r"(?<![a-z_])replace(?![a-z0-9_])(?!\s*\()", re.ASCII | re.IGNORECASE)


class Wall:
    """An authorizer for one statement; to be set while SQLite compiles and runs it.

    Args:
        schema: What the database holds.
        rights: What the agent may do.
        text: The statement.

    Attributes:
        denied: What was refused first, for the guest; None where nothing was.
    """

    def __init__(self, schema: Schema, rights: SqlRights, text: str) -> None:
        self.denied: str | None = None
        self._schema = schema
        self._rights = rights
        lower = text.lower()
        own = () if GUARD in lower else (GUARD,)
        # Whoever is not named in the text is no CTE of that name.
        self._trusted = (*own, *(name for name in schema.triggers if name not in lower))
        self._removes = _REPLACING.search(text) is not None
        if _FIRST.match(text) is None:
            self.denied = "anything but SELECT, INSERT, UPDATE and DELETE"
        elif _COMPARING.search(text) is not None:
            self.denied = "the word NATURAL or USING, even in a text: join with ON"

    def __call__(
        self, action: int, one: str | None, two: str | None, database: str | None, by: str | None
    ) -> int:
        """Answers SQLite: `SQLITE_OK` or `SQLITE_DENY`."""
        if self.denied is None:
            self.denied = self._refusal(
                action, (one or "").lower(), (two or "").lower(), database, by
            )
        return sqlite3.SQLITE_OK if self.denied is None else sqlite3.SQLITE_DENY

    def _refusal(
        self, action: int, one: str, two: str, database: str | None, by: str | None
    ) -> str | None:
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return None
        if action == sqlite3.SQLITE_FUNCTION:
            return None if two in ALLOWED else f"the function {two}"
        if action == sqlite3.SQLITE_READ and database is None and self._is_made(one, two):
            return None
        if database not in (None, "main") or one not in self._schema.tables:
            return f"the table {one}" if one else "that statement"
        if by is not None and self._is_trusted(by.lower()):
            changing = (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE)
            return None if action in (*changing, sqlite3.SQLITE_READ) else "that statement"
        return self._by_rights(action, one, two)

    def _is_made(self, name: str, column: str) -> bool:
        """Whether rows are counted of what the statement itself made: a CTE, a query."""
        schema = self._schema
        known = name in schema.tables or name in schema.modules
        return not column and not known and not name.startswith(("sqlite_", "pragma_"))

    def _is_trusted(self, by: str) -> bool:
        return by in self._trusted or (by.startswith(GUARD) and GUARD in self._trusted)

    def _by_rights(self, action: int, table: str, column: str) -> str | None:
        rights, view = self._rights, self._schema.base(table) is None
        if action == sqlite3.SQLITE_READ:
            # What a view shows is told, too, and judged as if it were read without the view.
            allowed = view or rights.may_read(table, column)
            return None if allowed else f"reading {table}{column and '.'}{column}"
        if view:
            return f"changing the view {table}"
        if action == sqlite3.SQLITE_INSERT:
            allowed, what = rights.may_insert(table), f"inserting into {table}"
        elif action == sqlite3.SQLITE_UPDATE:
            allowed, what = rights.may_update(table, column), f"updating {table}.{column}"
        elif action == sqlite3.SQLITE_DELETE:
            allowed, what = rights.may_delete(table), f"deleting from {table}"
        else:
            return "that statement"
        if allowed and self._removes and not rights.may_delete(table):
            return f"replacing in {table}, which deletes"
        return None if allowed else what


class MakersWall:
    """An authorizer for the schema of a database: what may be made, and nothing beyond it."""

    MAY = frozenset(
        {
            sqlite3.SQLITE_CREATE_TABLE, sqlite3.SQLITE_CREATE_INDEX, sqlite3.SQLITE_CREATE_VIEW,
            sqlite3.SQLITE_CREATE_TRIGGER, sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE,
            sqlite3.SQLITE_DELETE, sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE,
            sqlite3.SQLITE_READ, sqlite3.SQLITE_REINDEX, sqlite3.SQLITE_TRANSACTION,
        }
    )  # fmt: skip

    def __init__(self) -> None:
        self.denied: str | None = None

    def __call__(
        self, action: int, one: str | None, two: str | None, database: str | None, by: str | None
    ) -> int:
        """Answers SQLite: `SQLITE_OK` or `SQLITE_DENY`."""
        del by
        if action == sqlite3.SQLITE_FUNCTION:
            allowed = (two or "").lower() in ALLOWED
            what = f"the function {two}"
        else:
            allowed = action in self.MAY and database in (None, "main")
            what = f"statement of another kind ({one or two or action})"
        if not allowed and self.denied is None:
            self.denied = what
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY
