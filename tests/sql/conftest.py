"""A shop's database, and what an auditor and a clerk may do in it."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from wasm_engine.capabilities.sql.database import Database, Statement
from wasm_engine.capabilities.sql.statement import footprint
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.sql_rights import EVERYTHING, SqlRights

SCHEMA = """
CREATE TABLE orders(id INTEGER PRIMARY KEY, who TEXT, total INT, secret TEXT UNIQUE);
CREATE TABLE items(id INTEGER PRIMARY KEY, oid INT, n INT, made TEXT DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE vault(id INTEGER PRIMARY KEY, pin TEXT);
CREATE TABLE trail(what TEXT);
CREATE VIEW open_orders AS SELECT id, total FROM orders WHERE total > 0;
CREATE VIEW leaky AS SELECT id, secret AS total FROM orders;
CREATE TRIGGER kept AFTER INSERT ON items BEGIN
  INSERT INTO trail SELECT 'item ' || new.n || ' of ' || (SELECT who FROM orders LIMIT 1);
END;
INSERT INTO orders VALUES (1, 'ann', 10, 'alpha'), (2, 'bob', 20, 'beta');
INSERT INTO vault VALUES (1, '1234');
INSERT INTO items(oid, n) VALUES (1, 3);
"""
AUDITOR = SqlRights(read=("orders.id", "orders.total", "items"))
CLERK = SqlRights(
    read=("orders.id", "orders.total", "items"), insert=("items",), update=("items.n",)
)
TIME = 1_735_689_600 * 10**9
WORK = 100_000_000


class Verdicts(NamedTuple):
    """What the two layers say: the code of each, "ok" where it allows."""

    parser: str
    wall: str
    answer: Any


class Shop:
    """The database, asked through each layer by itself."""

    def __init__(self, schema: str = SCHEMA) -> None:
        self.database = Database(schema, max_size=1 << 20, max_value=64 << 10)

    def ask(
        self, text: str, *parameters: Any, rights: SqlRights = EVERYTHING, work: int = WORK
    ) -> Any:
        """What SQLite answers behind the wall: the rows as text, or the fault."""
        outcome, _ = self.run([Statement(text, parameters)], rights, work)
        return outcome if isinstance(outcome, Err) else outcome[0].rows

    def run(self, statements: list[Statement], rights: SqlRights, work: int = WORK) -> Any:
        """As `Database.run`."""
        return self.database.run(statements, rights, work=work, time=TIME)

    def verdicts(self, text: str, rights: SqlRights) -> Verdicts:
        """What each layer says of a statement; nothing of it is kept."""
        before = self.database.image()
        answer = self.ask(text, rights=rights)
        self.database.replace(before)
        wall = answer.payload[0] if isinstance(answer, Err) else "ok"
        try:
            denied = footprint(self.database.schema, text).refusal(rights)
        except Wrong:
            return Verdicts("invalid-statement", wall, answer)
        return Verdicts("ok" if denied is None else "not-granted", wall, answer)


@pytest.fixture(scope="module")
def shop() -> Shop:
    """One for all tests of a module that change nothing in it."""
    return Shop()


@pytest.fixture
def fresh() -> Shop:
    """One of a test's own."""
    return Shop()
