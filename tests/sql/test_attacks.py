"""What an agent may not do by SQL, whatever it writes; and beside each what it may."""

# ruff: noqa: E501 - a statement is read best in one piece
from __future__ import annotations

import pytest

from tests.sql.conftest import AUDITOR, CLERK, Shop
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.sql_rights import EVERYTHING

# What is tried, and the same thing done in a way that is allowed.
READS = [
    ("SELECT secret FROM orders", "SELECT total FROM orders"),
    ("SELECT * FROM orders", "SELECT * FROM items"),
    ("SELECT o.* FROM items i, orders o", "SELECT i.* FROM items i, orders o"),
    ("SELECT id FROM orders UNION SELECT secret FROM orders", "SELECT id FROM orders UNION SELECT n FROM items"),
    ("SELECT id FROM orders UNION/**/ALL/**/SELECT pin FROM vault", "SELECT id FROM orders UNION/**/ALL SELECT oid FROM items"),
    ("SELECT/* id */secret/* total */FROM orders", "SELECT/* secret */id FROM orders"),
    ("SELECT orders.id FROM orders -- \n, vault", "SELECT id FROM orders -- , vault"),
    ('SELECT "secret" FROM orders', 'SELECT "total" FROM orders'),
    ("SELECT [secret] FROM `orders`", "SELECT [total] FROM `orders`"),
    ("SELECT SeCrEt FROM OrDeRs", "SELECT ToTaL FROM OrDeRs"),
    ("SELECT main.orders.secret FROM main.orders", "SELECT orders.total FROM main.orders"),
    ("SELECT total FROM orders WHERE secret = 'alpha'", "SELECT total FROM orders WHERE id = 1"),
    ("SELECT total FROM orders ORDER BY secret", "SELECT total FROM orders ORDER BY id"),
    ("SELECT count(*) FROM orders GROUP BY secret", "SELECT count(*) FROM orders GROUP BY total"),
    ("SELECT max(id) FROM orders HAVING min(secret) < 'b'", "SELECT max(id) FROM orders HAVING min(total) < 90"),
    ("SELECT (SELECT secret FROM orders LIMIT 1)", "SELECT (SELECT total FROM orders LIMIT 1)"),
    ("SELECT 1 FROM items i WHERE EXISTS (SELECT 1 FROM orders WHERE secret > 'a')", "SELECT 1 FROM items i WHERE EXISTS (SELECT 1 FROM orders WHERE total > i.n)"),
    ("SELECT id FROM orders WHERE id IN (SELECT id FROM vault)", "SELECT id FROM orders WHERE id IN (SELECT oid FROM items)"),
    ("WITH c AS (SELECT secret AS id FROM orders) SELECT id FROM c", "WITH c AS (SELECT total AS secret FROM orders) SELECT secret FROM c"),
    ("WITH kept AS (SELECT secret FROM orders) SELECT * FROM kept", "WITH keeps AS (SELECT total FROM orders) SELECT * FROM keeps"),
    ("SELECT x FROM (SELECT secret AS x FROM orders)", "SELECT x FROM (SELECT total AS x FROM orders)"),
    ("SELECT total FROM leaky", "SELECT total FROM open_orders"),
    ("SELECT count(*) FROM leaky", "SELECT count(*) FROM open_orders"),
    ("SELECT sum(id) OVER (PARTITION BY secret) FROM orders", "SELECT sum(id) OVER (PARTITION BY total) FROM orders"),
    ("SELECT max(id) FILTER (WHERE secret > 'b') FROM orders", "SELECT max(id) FILTER (WHERE total > 1) FROM orders"),
    ("SELECT CASE WHEN secret = 'alpha' THEN 1 ELSE 2 END FROM orders", "SELECT CASE WHEN total = 10 THEN 1 ELSE 2 END FROM orders"),
    ("SELECT rowid FROM vault", "SELECT rowid FROM orders"),
    ("SELECT count(*) FROM vault", "SELECT count(*) FROM orders"),
    ("SELECT a.id FROM orders a JOIN (SELECT 'alpha' AS secret) b ON a.secret = b.secret", "SELECT a.id FROM orders a JOIN (SELECT 10 AS total) b ON a.total = b.total"),
]  # fmt: skip
ELSEWHERE = [
    "SELECT name FROM sqlite_master",
    "SELECT sql FROM sqlite_schema",
    "SELECT * FROM main.sqlite_master",
    "SELECT * FROM sqlite_temp_master",
    "SELECT count(*) FROM sqlite_master",
    "SELECT * FROM pragma_table_info('vault')",
    "SELECT * FROM dbstat",
    "SELECT * FROM json_each('[1]')",
    "SELECT value FROM json_tree('[1]')",
    "PRAGMA table_info(vault)",
    "PRAGMA writable_schema = ON",
    "PRAGMA journal_mode = DELETE",
    "ATTACH '/etc/passwd' AS other",
    "DETACH main",
    "VACUUM INTO '/tmp/stolen'",
    "EXPLAIN SELECT secret FROM orders",
    "EXPLAIN QUERY PLAN SELECT id FROM orders",
    "CREATE TABLE mine(a)",
    "CREATE TEMP TABLE mine(a)",
    "CREATE TEMP TRIGGER t AFTER INSERT ON items BEGIN DELETE FROM vault; END",
    "CREATE VIRTUAL TABLE f USING fts5(a)",
    "CREATE VIRTUAL TABLE r USING rtree(id, a, b)",
    "DROP TABLE trail",
    "DROP TRIGGER kept",
    "ALTER TABLE items ADD COLUMN x",
    "REINDEX",
    "ANALYZE",
    "BEGIN",
    "COMMIT",
    "SAVEPOINT a",
    "SELECT load_extension('/tmp/x.so')",
    "SELECT readfile('/etc/passwd')",
    "SELECT writefile('/tmp/x', 'y')",
    "SELECT random()",
    "SELECT randomblob(8)",
    "SELECT sqlite_version()",
    "SELECT sqlite_source_id()",
    "SELECT sqlite_compileoption_get(1)",
    "SELECT changes()",
    "SELECT total_changes()",
    "SELECT last_insert_rowid()",
    "SELECT zeroblob(1000000000)",
    "SELECT printf('%1000000000d', 1)",
    "SELECT soundex('a')",
    "SELECT fts3_tokenizer('x')",
    "SELECT date('now', 'localtime')",
    "SELECT 1; DELETE FROM orders",
    "SELECT 1;;SELECT 2",
    "",
    ";",
    "\0",
    "-- nothing",
]
CHANGES = [
    ("INSERT INTO orders(total) VALUES (1)", "INSERT INTO items(n) VALUES (1)"),
    ("INSERT INTO items(n) SELECT id FROM vault", "INSERT INTO items(n) SELECT id FROM orders"),
    ("INSERT INTO items(n) VALUES ((SELECT secret FROM orders))", "INSERT INTO items(n) VALUES ((SELECT total FROM orders))"),
    ("INSERT OR REPLACE INTO items(id, n) VALUES (1, 1)", "INSERT OR IGNORE INTO items(id, n) VALUES (1, 1)"),
    ("INSERT INTO items(id, oid) VALUES (1, 2) ON CONFLICT(id) DO UPDATE SET oid = 3", "INSERT INTO items(id, n) VALUES (1, 2) ON CONFLICT(id) DO UPDATE SET n = excluded.n"),
    ("UPDATE items SET oid = 3", "UPDATE items SET n = 3"),
    ("UPDATE items SET n = 1, oid = 2", "UPDATE items SET n = oid WHERE oid = 1"),
    ("UPDATE items SET n = (SELECT pin FROM vault)", "UPDATE items SET n = (SELECT total FROM orders)"),
    ("UPDATE items SET n = o.secret FROM orders o WHERE o.id = oid", "UPDATE items SET n = o.total FROM orders o WHERE o.id = oid"),
    ("UPDATE items SET rowid = 7", "UPDATE items SET n = 7 WHERE rowid = 1"),
    ("UPDATE orders SET total = 0", "UPDATE items SET n = 0"),
    ("DELETE FROM items", "SELECT count(*) FROM items"),
    ("DELETE FROM vault WHERE 1", "SELECT count(*) FROM items WHERE 1"),
    ("WITH c AS (SELECT pin FROM vault) INSERT INTO items(n) SELECT pin FROM c", "WITH c AS (SELECT id FROM orders) INSERT INTO items(n) SELECT id FROM c"),
    ("INSERT INTO trail VALUES ('forged')", "INSERT INTO items(n) VALUES (4)"),
    ("INSERT INTO open_orders VALUES (1, 2)", "SELECT id FROM open_orders"),
    ("INSERT INTO items(n) VALUES (1) RETURNING (SELECT pin FROM vault)", "INSERT INTO items(n) VALUES (1) RETURNING id, n"),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "good"), READS)
def test_what_is_not_granted_is_read_in_no_way(shop: Shop, bad: str, good: str) -> None:
    verdicts = shop.verdicts(bad, AUDITOR)
    assert verdicts.wall == "not-granted"
    assert verdicts.parser in {"not-granted", "invalid-statement"}
    assert shop.verdicts(good, AUDITOR)[:2] == ("ok", "ok")


@pytest.mark.parametrize("statement", ELSEWHERE)
def test_nothing_is_reached_beside_the_tables_even_with_every_right(
    shop: Shop, statement: str
) -> None:
    verdicts = shop.verdicts(statement, EVERYTHING)
    assert verdicts.wall in {"not-granted", "invalid-statement"}
    assert verdicts.parser == "invalid-statement" or "localtime" in statement
    assert shop.verdicts("SELECT secret FROM orders", EVERYTHING)[:2] == ("ok", "ok")


@pytest.mark.parametrize(("bad", "good"), CHANGES)
def test_what_is_not_granted_is_changed_in_no_way(shop: Shop, bad: str, good: str) -> None:
    verdicts = shop.verdicts(bad, CLERK)
    assert verdicts.wall == "not-granted"
    assert verdicts.parser in {"not-granted", "invalid-statement"}
    assert shop.verdicts(good, CLERK)[:2] == ("ok", "ok")


@pytest.mark.parametrize("join", ["NATURAL JOIN", "natural/**/left join"])
def test_hidden_columns_are_not_compared_by_their_names(shop: Shop, join: str) -> None:
    guess = f"SELECT 1 FROM (SELECT 'alpha' AS secret) g {join} orders"
    assert shop.verdicts(guess, AUDITOR)[:2] == ("invalid-statement", "not-granted")
    using = "SELECT 1 FROM (SELECT 'alpha' AS secret) g JOIN orders USING(secret)"
    assert shop.verdicts(using, AUDITOR)[:2] == ("invalid-statement", "not-granted")


def test_a_trigger_does_what_its_maker_may_and_nobody_borrows_its_name(fresh: Shop) -> None:
    assert fresh.ask("INSERT INTO items(n) VALUES (8)", rights=CLERK) == '{"columns":[],"rows":[]}'
    assert "item 8 of ann" in fresh.ask("SELECT what FROM trail")
    borrowed = fresh.ask("WITH kept AS (SELECT who FROM orders) SELECT who FROM kept", rights=CLERK)
    assert borrowed == Err(("not-granted", "reading orders.who"))


def test_parameters_are_values_and_never_sql(fresh: Shop) -> None:
    evil = "'; DROP TABLE orders; --"
    assert evil in fresh.ask("SELECT ?", evil)
    fresh.ask("INSERT INTO orders(who) VALUES (?)", evil)
    assert fresh.ask("SELECT count(*) FROM orders") == '{"columns":["count(*)"],"rows":[[3]]}'


def test_words_of_a_library_reach_no_agent(fresh: Shop) -> None:
    told = [
        fresh.ask("INSERT INTO orders(id) VALUES (1)"),
        fresh.ask("INSERT INTO orders(secret) VALUES ('alpha')"),
        fresh.ask("SELECT abs(-9223372036854775807 - 1)"),
        fresh.ask("SELECT json_extract('{', '$.a')"),
        fresh.ask("INSERT INTO orders(id) VALUES ('x')"),
        fresh.ask("SELECT ?", "a", "b"),
        fresh.ask("SELECT CAST(x'ff' AS TEXT)"),
    ]
    assert told == [
        Err(("constraint", "primarykey")),
        Err(("constraint", "unique")),
        *[Err(("invalid-statement", "SQLite cannot execute it"))] * 2,
        Err(("constraint", "datatype")),
        *[Err(("invalid-statement", "SQLite cannot execute it"))] * 2,
    ]
