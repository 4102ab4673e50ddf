"""Worlds with a database outside, and what is looked for in them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from tests.stores.worlds import Keeping, lines, wrapped
from wasm_engine.journal import entries

DECLARED = """
CREATE TABLE orders(id INTEGER PRIMARY KEY, who TEXT, total INT);
CREATE TABLE items(id INTEGER PRIMARY KEY, oid INT, n INT);
"""
THERE = """
CREATE TABLE orders(id INTEGER PRIMARY KEY, who TEXT, total INT CHECK (total >= 0), secret TEXT);
CREATE TABLE items(id INTEGER PRIMARY KEY, oid INT REFERENCES orders(id), n INT);
CREATE TABLE vault(id INTEGER PRIMARY KEY, pin TEXT);
CREATE TABLE trail(what TEXT DEFAULT (hex(randomblob(2))), pin TEXT);
CREATE TRIGGER kept AFTER INSERT ON items BEGIN
  INSERT INTO trail(pin) SELECT pin FROM vault;
END;
INSERT INTO orders VALUES (1, 'ann', 3, 'alpha'), (2, 'bob', 20, 'beta');
INSERT INTO vault VALUES (1, '1234');
"""
CLERK = {"read": ["orders.id", "orders.total", "items"], "insert": ["items"], "update": ["items.n"]}


class Shop:
    """A file with a shop's database."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "shop.db"
        self.execute(THERE)

    @property
    def address(self) -> str:
        return f"sqlite:{self.file}"

    def execute(self, script: str) -> None:
        connection = sqlite3.connect(self.file)
        connection.executescript(script)
        connection.close()

    def rows(self, query: str) -> list[Any]:
        connection = sqlite3.connect(self.file)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()


def asking(
    folder: Path,
    address: str,
    *script: str,
    database: dict[str, Any] | None = None,
    rules: dict[str, Any] | None = None,
    grant: str = "sql:shop",
    **more: Any,
) -> Keeping:
    """A world whose clerk asks the database `shop` at an address what a script says."""
    folder.mkdir(exist_ok=True)
    return Keeping(
        folder,
        {"clerk": [lines(*script)]},
        {"clerk": [grant]},
        guest="clerk",
        kind={} if rules is None else {"sql": {"shop": rules}},
        sql={"shop": {"address": address, "schema": DECLARED, **(database or {})}},
        **more,
    )


def of_kind(keeping: Keeping, kind: Any) -> list[Any]:
    """Entries of a kind in its run."""

    def found(run: Any) -> list[Any]:
        bodies = (entries.decode(each.kind, each.body) for each in run.file.entries())
        return [body for body in bodies if isinstance(body, kind)]

    return wrapped(found, keeping)  # type: ignore[no-any-return]
