"""A database does the same for the same history: also one that goes on from a checkpoint."""

# ruff: noqa: E501 - a statement is read best in one piece
from __future__ import annotations

import pytest

from tests.sql.conftest import SCHEMA, TIME, WORK, Shop
from wasm_engine.capabilities.sql.database import Database, Statement
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.sql_rights import EVERYTHING

HISTORY = [
    "INSERT INTO items(oid, n) VALUES (2, 5), (1, 7), (2, 9)",
    "SELECT id, n FROM items",
    "UPDATE items SET n = n * 2 WHERE oid = 2 RETURNING id, n",
    "DELETE FROM items WHERE id = 2",
    "INSERT INTO items(oid, n) SELECT oid, n + 1 FROM items",
    "SELECT oid, sum(n), group_concat(n) FROM items GROUP BY oid",
    "SELECT o.who, i.n FROM orders o JOIN items i ON i.oid = o.id WHERE i.n > 6",
    "INSERT INTO orders(who, secret) VALUES ('cy', 'alpha')",
    "SELECT what FROM trail",
    "SELECT made, datetime('now', '+1 day') FROM items",
    "INSERT INTO items(n) VALUES (1) ON CONFLICT DO NOTHING RETURNING *",
    "SELECT DISTINCT n % 3 FROM items",
]
LAST = 2**63 - 1


def told(database: Database, texts: list[str]) -> list[object]:
    """What statements answer, and cost."""
    return [
        database.run([Statement(text, ())], EVERYTHING, work=WORK, time=TIME + number * 10**9)
        for number, text in enumerate(texts)
    ]


@pytest.mark.parametrize("at", range(0, len(HISTORY), 3))
def test_one_that_was_put_back_goes_on_as_the_one_that_was_not(at: int) -> None:
    never, stopped, other = (Shop().database for _ in range(3))
    expected = told(never, HISTORY)
    before = told(stopped, HISTORY[:at])
    other.replace(stopped.image())
    assert other.image() == stopped.image()
    after = [
        other.run([Statement(text, ())], EVERYTHING, work=WORK, time=TIME + number * 10**9)
        for number, text in enumerate(HISTORY)
        if number >= at
    ]
    assert before + after == expected
    assert other.image() == never.image()


def test_world_time_is_the_only_time(fresh: Shop) -> None:
    clocks = (
        "SELECT CURRENT_TIMESTAMP, date('now'), time(), unixepoch('now'), strftime('%f', 'NOW')"
    )
    moment, _ = fresh.database.run(
        [Statement(clocks, ())], EVERYTHING, work=WORK, time=951_782_400 * 10**9 + 123_456_789
    )
    row = '["2000-02-29 00:00:00","2000-02-29","00:00:00",951782400,"00.123"]'
    assert row in moment[0].rows


@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT INTO items(id) VALUES ({LAST})",
        f"INSERT INTO trail(rowid, what) VALUES ({LAST}, 'x')",
        f"UPDATE items SET id = {LAST}",
        f"UPDATE trail SET rowid = {LAST}",
        f"INSERT INTO items(id, n) VALUES (1, 1) ON CONFLICT(id) DO UPDATE SET id = {LAST}",
        f"INSERT OR REPLACE INTO orders(id, secret) VALUES ({LAST}, 'a'), (NULL, 'b'), (7, 'a')",
    ],
)
def test_no_row_gets_the_last_number_after_which_sqlite_takes_random_ones(
    fresh: Shop, statement: str
) -> None:
    assert fresh.ask(statement) == Err(("constraint", "trigger"))
    assert not isinstance(fresh.ask(statement.replace(str(LAST), str(LAST - 10))), Err)


def test_a_batch_is_done_whole_or_not_at_all(fresh: Shop) -> None:
    before = fresh.database.image()
    insert = Statement("INSERT INTO items(n) VALUES (?)", (1,))
    broken = Statement("INSERT OR ROLLBACK INTO orders(id) VALUES (1)", ())
    assert fresh.run([insert, broken, insert], EVERYTHING)[0] == Err(("constraint", "primarykey"))
    assert fresh.database.image() == before
    done, _ = fresh.run([insert, Statement("SELECT count(*) FROM items", ())], EVERYTHING)
    assert [it.changed for it in done] == [1, 0]
    assert "[[2]]" in done[1].rows


def test_values_come_back_as_they_went_in(fresh: Shop) -> None:
    values = (None, 2**63 - 1, -(2**63), 0.1, 1e300, "", "a\0b\u2028é", b"\x00\xff", float("-inf"))
    marks = ", ".join("?" * len(values))
    assert fresh.ask(f"SELECT {marks}", *values).partition('"rows":')[2] == (
        '[[null,9223372036854775807,-9223372036854775808,0.1,1e+300,"","a\\u0000b\u2028é",'
        '{"hex":"00ff"},{"real":"-inf"}]]}'
    )


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ("CREATE TABLE", "incomplete input"),
        ("CREATE TABLE t(a); CREATE TRIGGER r AFTER UPDATE ON t BEGIN SELECT random(); END", "the function random"),
        ("CREATE TABLE t(a); CREATE TRIGGER r AFTER DELETE ON t BEGIN INSERT INTO u VALUES (1); END", "no such table"),
        ("CREATE VIEW v AS SELECT changes() AS n", "the function changes"),
        ("CREATE TABLE t(a, b AS (a || sqlite_version()))", "sqlite_version"),
        ("PRAGMA writable_schema = ON", "statement of another kind"),
        ("ATTACH '/tmp/x' AS y", "statement of another kind"),
        ("CREATE VIRTUAL TABLE f USING fts5(a)", "statement of another kind"),
        ("CREATE TEMP TABLE t(a)", "statement of another kind"),
        ("CREATE TABLE t(a); INSERT INTO t VALUES (load_extension('x'))", "the function load_ext"),
        ('CREATE TABLE "a b"(c)', "no plain name"),
        ('CREATE TABLE a("b""c")', "no plain name"),
        ("CREATE TABLE t(a); CREATE TRIGGER wasm_engine_guard_1 AFTER INSERT ON t BEGIN SELECT 1; END", "no plain name"),
        ("BEGIN; CREATE TABLE t(a)", "a transaction is not ended"),
        ("CREATE TABLE t(a); INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x FROM c) SELECT count(*) FROM c", "takes too long"),
    ],
)  # fmt: skip
def test_a_schema_makes_tables_and_nothing_else(
    schema: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wasm_engine.capabilities.sql.database.SCHEMA_WORK", 10**9)
    with pytest.raises(Wrong, match=says):
        Shop(schema)
    Shop(SCHEMA)


def test_what_is_not_allowed_is_not_there_where_sqlite_does_not_ask() -> None:
    shop = Shop("CREATE TABLE t(a DEFAULT (random()), b DEFAULT (abs(-3)))")
    assert shop.ask("INSERT INTO t(b) VALUES (1)") == Err(
        ("invalid-statement", "SQLite cannot execute it")
    )
    shop.ask("INSERT INTO t(a) VALUES (1)")
    assert shop.ask("SELECT b FROM t").endswith("[[3]]}")


def test_strange_bytes_are_no_checkpoint(fresh: Shop) -> None:
    before = fresh.database.image()
    for image in (
        b"",
        b"SQLite format 3\0" + bytes(200),
        Shop("CREATE TABLE x(y)").database.image(),
    ):
        with pytest.raises(ValueError, match="database"):
            fresh.database.replace(image)
    assert fresh.database.image() == before
    assert "ann" in fresh.ask("SELECT who FROM orders")


def test_the_same_statement_costs_the_same_each_time(fresh: Shop) -> None:
    text = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 40) SELECT max(x) FROM c"
    costs = {fresh.run([Statement(text, ())], EVERYTHING)[1] for _ in range(20)}
    assert len(costs) == 1
