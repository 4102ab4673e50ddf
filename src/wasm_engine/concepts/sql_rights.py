"""What a kind of agent may do in a database: whose tables, whose columns, which verbs."""

from __future__ import annotations

import re

from msgspec import Struct

ALL = "*"
"""In a list: every table."""
NAME = "[A-Za-z_][A-Za-z0-9_]*"
_TABLE = re.compile(NAME, re.ASCII)
_COLUMN = re.compile(rf"{NAME}(\.{NAME})?", re.ASCII)


def is_table(text: str) -> bool:
    """Whether the text may stand for a table in a rule: its name, or `*`."""
    return text == ALL or _TABLE.fullmatch(text) is not None


def is_column(text: str) -> bool:
    """Whether the text may stand for columns in a rule: `orders.id`, `orders` for all, or `*`."""
    return text == ALL or _COLUMN.fullmatch(text) is not None


class SqlRights(Struct, frozen=True):
    """What may be done in one database. Names are in small letters: SQL does not tell them apart.

    Attributes:
        read, update: `table.column`, `table` for all of its columns, or `*`.
        insert, delete: `table`, or `*`.
    """

    read: tuple[str, ...] = ()
    insert: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()

    def may_read(self, table: str, column: str) -> bool:
        """Whether a column may be read; with an empty one, whether rows may be counted."""
        if not column:
            return _covers(self.read, table) or any(t.startswith(f"{table}.") for t in self.read)
        return _covers(self.read, table) or f"{table}.{column}" in self.read

    def may_insert(self, table: str) -> bool:
        """Whether rows may be added."""
        return _covers(self.insert, table)

    def may_update(self, table: str, column: str) -> bool:
        """Whether a column may be changed."""
        return _covers(self.update, table) or f"{table}.{column}" in self.update

    def may_delete(self, table: str) -> bool:
        """Whether rows may be removed."""
        return _covers(self.delete, table)

    def named(self) -> list[str]:
        """Every table and column that a rule names, sorted."""
        return sorted({*self.read, *self.insert, *self.update, *self.delete} - {ALL})

    @property
    def writes(self) -> bool:
        """Whether anything may be changed at all."""
        return bool(self.insert or self.update or self.delete)


READING = SqlRights(read=(ALL,))
"""What the grant `sql-read:NAME` gives."""
EVERYTHING = SqlRights(read=(ALL,), insert=(ALL,), update=(ALL,), delete=(ALL,))
"""What the grant `sql:NAME` gives."""


def _covers(names: tuple[str, ...], table: str) -> bool:
    return ALL in names or table in names
