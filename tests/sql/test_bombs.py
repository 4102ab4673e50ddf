"""Statements that would take the machine's time or memory: they end, and undone."""

from __future__ import annotations

import pytest

from tests.sql.conftest import Shop
from wasm_engine.capabilities.sql.database import Statement
from wasm_engine.capabilities.sql.parsing import MAX_DEPTH, parse
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.sql_rights import EVERYTHING

COUNTING = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c{}) "
LONG = "(SELECT group_concat(hex('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'), '') FROM c)"
COSTLY = [
    COUNTING.format("") + "SELECT count(*) FROM c",
    COUNTING.format("") + "SELECT max(x) FROM c",
    COUNTING.format(" LIMIT 3000") + "SELECT count(*) FROM c a, c b, c d",
    COUNTING.format(" LIMIT 900") + f"SELECT sum(instr({LONG}, {LONG} || x)) FROM c",
    COUNTING.format(" LIMIT 900") + f"SELECT sum({LONG} LIKE '%a%a%a%a%b' || x) FROM c",
    COUNTING.format(" LIMIT 900") + f"SELECT sum({LONG} GLOB '*a*a*a*a*b' || x) FROM c",
    COUNTING.format(" LIMIT 900") + f"SELECT sum(length(trim({LONG}, {LONG} || x))) FROM c",
    COUNTING.format(" LIMIT 900") + f"SELECT sum(length(replace({LONG}, 'a' || x, 'b'))) FROM c",
    COUNTING.format(" LIMIT 900") + f"SELECT sum(json_valid('[\"' || {LONG} || '\"]')) FROM c",
    COUNTING.format(" LIMIT 40000") + "SELECT sum(length(datetime('now', x || ' days'))) FROM c",
    COUNTING.format(" LIMIT 90000") + "INSERT INTO trail SELECT c.x FROM c, c d",
    COUNTING.format(" LIMIT 3000") + "SELECT a.x FROM c a, c b ORDER BY a.x * b.x LIMIT 1",
]
LARGE = [
    COUNTING.format(" LIMIT 20000") + "SELECT x FROM c",
    COUNTING.format(" LIMIT 600") + "SELECT group_concat(a.x, '') FROM c a, c b LIMIT 1",
    COUNTING.format(" LIMIT 900") + f"SELECT {LONG}, {LONG} || x FROM c LIMIT 60",
    "SELECT replace(replace(replace(replace(hex('aaaaaaaaaa'), '6', hex('aaaaaaaaaaaa')), '6', "
    "hex('aaaaaaaaaaaaaaa')), '1', hex('aaaaaaaaaaaa')), '6', hex('aaaaaaaaaaaaaaaaaa'))",
]
DEEP = [
    "SELECT " + "(" * 4000 + "1" + ")" * 4000,
    "SELECT " + "NOT " * 2000 + "1",
    "SELECT " + "- " * 2000 + "1",
    "SELECT " + "~ " * 2000 + "1",
    "SELECT " + "(SELECT " * 500 + "1" + ")" * 500,
    "SELECT " + "CASE WHEN 1 THEN " * 500 + "1" + " END" * 500,
    "SELECT " + "abs(" * 500 + "1" + ")" * 500,
    "SELECT * FROM " + "(SELECT * FROM " * 300 + "items" + ")" * 300,
    "SELECT 1 IN " + "(1 IN " * 500 + "(1)" + ")" * 500,
    "WITH a AS (" * 300 + "SELECT 1" + ") SELECT 1" * 300,
    "SELECT CAST(1 AS " + "a<" * 400 + "b" + ">" * 400 + ")",
    "SELECT " + "x" * 20_000,
    "SELECT 1" + " + 1" * 3000,
]


@pytest.mark.parametrize("statement", COSTLY)
def test_what_takes_too_long_ends_at_the_same_place_and_changes_nothing(
    fresh: Shop, statement: str
) -> None:
    before = fresh.database.image()
    first, cost = fresh.run([Statement(statement, ())], EVERYTHING)
    assert first == Err(("too-costly", "it may not cost so much host work"))
    assert fresh.run([Statement(statement, ())], EVERYTHING) == (first, cost)
    assert fresh.database.image() == before


@pytest.mark.parametrize("statement", LARGE)
def test_what_answers_too_much_is_refused(shop: Shop, statement: str) -> None:
    outcome = shop.ask(statement, work=10**10)
    assert isinstance(outcome, Err)
    assert outcome.payload[0] == "too-large"


@pytest.mark.parametrize("statement", DEEP)
def test_what_is_nested_too_deep_is_refused_before_it_is_parsed(statement: str) -> None:
    with pytest.raises(Wrong):
        parse(statement)


def test_what_is_as_deep_as_it_may_be_is_parsed_on_a_deep_stack() -> None:
    worst = "SELECT " + "(SELECT NOT " * MAX_DEPTH + "- - - - 1" + ")" * MAX_DEPTH

    def deeper(left: int) -> None:
        if left:
            deeper(left - 1)
        else:
            parse(worst)

    deeper(250)


def test_a_database_does_not_grow_beyond_its_size(fresh: Shop) -> None:
    grow = (
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 90000) "
        "INSERT INTO trail SELECT 'some words to fill it ' || x FROM c"
    )
    before = fresh.database.image()
    assert fresh.ask(grow, work=10**10).payload[0] == "database-full"
    assert fresh.database.image() == before
    assert fresh.ask("INSERT INTO trail VALUES ('x')") == '{"columns":[],"rows":[]}'


def test_what_is_cheap_costs_little(shop: Shop) -> None:
    _, cost = shop.run([Statement("SELECT id FROM orders WHERE id = ?", (1,))], EVERYTHING)
    assert cost < 60_000
