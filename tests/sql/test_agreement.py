"""The two layers say the same of any statement: sqlglot's tree, and SQLite's own word."""

from __future__ import annotations

import random
from itertools import count

import pytest

from tests.sql.conftest import AUDITOR, CLERK, Shop
from wasm_engine.concepts.sql_rights import EVERYTHING, READING, SqlRights

TABLES = {
    "orders": ("id", "who", "total", "secret"),
    "items": ("id", "oid", "n", "made"),
    "vault": ("id", "pin"),
    "open_orders": ("id", "total"),
    "leaky": ("id", "total"),
}
BASE = ("orders", "items", "vault")
RIGHTS = (
    EVERYTHING, READING, AUDITOR, CLERK, SqlRights(),
    SqlRights(read=("vault.pin", "orders"), update=("vault",), delete=("items",), insert=("*",)),
)  # fmt: skip


class Grammar:
    """Writes statements that SQLite can execute, from a seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._names = count(1)

    def statement(self) -> str:
        """A statement."""
        kind = self._dice.choice(["query"] * 4 + ["insert", "update", "delete"])
        return str(getattr(self, f"_{kind}")())

    def _query(self, depth: int = 2, columns: int | None = None) -> str:
        width = columns or self._dice.randint(1, 3)
        parts = [self._select(depth, width) for _ in range(self._dice.choice([1, 1, 1, 2, 3]))]
        text = f" {self._dice.choice(['UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT'])} ".join(parts)
        if self._dice.random() < 0.2 and depth == 2:
            name = f"q{next(self._names)}"
            inner = self._query(1, 1)
            more = ", ".join(["a"] * width)
            text = f"WITH {name}(a) AS ({inner}) {text} UNION ALL SELECT {more} FROM {name}"
        return text

    def _select(self, depth: int, width: int) -> str:
        sources, scope = self._sources(depth)
        shown = [self._value(scope, depth) for _ in range(width)]
        text = f"SELECT {self._dice.choice(['', '', 'DISTINCT '])}{', '.join(shown)} FROM {sources}"
        if self._dice.random() < 0.5:
            text += f" WHERE {self._condition(scope, depth)}"
        if self._dice.random() < 0.2:
            text += f" GROUP BY {self._dice.choice(scope)} HAVING {self._condition(scope, 0)}"
        return text

    def _sources(self, depth: int) -> tuple[str, list[str]]:
        parts, scope = [], []
        for number in range(self._dice.choice([1, 1, 2])):
            alias = f"s{next(self._names)}"
            if depth and self._dice.random() < 0.2:
                made, columns = f"(SELECT {self._one(depth)} AS k)", ("k",)
            else:
                made = self._dice.choice(sorted(TABLES))
                columns = TABLES[made]
            joined = "" if not number else self._dice.choice([", ", " JOIN ", " LEFT JOIN "])
            parts.append(f"{joined}{made} {self._dice.choice(['', 'AS '])}{alias}")
            scope += [f"{alias}.{column}" for column in columns]
        return "".join(parts), scope

    def _one(self, depth: int) -> str:
        return f"({self._select(depth - 1, 1)} LIMIT 1)"

    def _value(self, scope: list[str], depth: int) -> str:
        column = self._dice.choice(scope)
        forms = [
            column, column, column, "1", "'x'", f"{column} || 'a'", f"upper({column})", "NULL",
            f"coalesce({column}, 2)", f"CASE WHEN {column} > 1 THEN {self._dice.choice(scope)} END",
            f"CAST({column} AS TEXT)", f"max({column}) OVER (ORDER BY {self._dice.choice(scope)})",
        ]  # fmt: skip
        if depth:
            forms += [self._one(depth), f"{column} IN ({self._query(depth - 1, 1)})"]
        return str(self._dice.choice(forms))

    def _condition(self, scope: list[str], depth: int) -> str:
        column = self._dice.choice(scope)
        forms = [
            f"{column} = 1", f"{column} LIKE 'a%'", f"{column} IS NOT NULL", "1",
            f"{column} BETWEEN 1 AND {self._dice.choice(scope)}", f"NOT {column}",
        ]  # fmt: skip
        if depth:
            forms.append(f"EXISTS ({self._query(depth - 1)})")
        return str(self._dice.choice(forms))

    def _target(self) -> tuple[str, list[str]]:
        table = self._dice.choice(BASE)
        return table, list(TABLES[table])

    def _insert(self) -> str:
        table, columns = self._target()
        chosen = self._dice.sample(columns, self._dice.randint(1, len(columns)))
        alternative = self._dice.choice(["", "", "OR IGNORE ", "OR REPLACE "])
        text = f"INSERT {alternative}INTO {table}({', '.join(chosen)}) "
        rows = f"SELECT {', '.join(self._one(1) for _ in chosen)} WHERE 1"
        text += self._dice.choice([f"VALUES ({', '.join(['5'] * len(chosen))})", rows])
        if self._dice.random() < 0.3 and not alternative:
            column = self._dice.choice(columns[1:])
            text += f" ON CONFLICT(id) DO UPDATE SET {column} = excluded.{column} || {columns[-1]}"
        return text + self._returning(columns)

    def _update(self) -> str:
        table, columns = self._target()
        column = self._dice.choice(columns[1:])
        text = f"UPDATE {table} SET {column} = {self._value(columns, 1)}"
        if "OVER" in text:
            text = f"UPDATE {table} SET {column} = 1"
        if self._dice.random() < 0.5:
            text += f" WHERE {self._condition(columns, 1)}"
        return text + self._returning(columns)

    def _delete(self) -> str:
        table, columns = self._target()
        text = f"DELETE FROM {table}"
        if self._dice.random() < 0.6:
            text += f" WHERE {self._condition(columns, 1)}"
        return text + self._returning(columns)

    def _returning(self, columns: list[str]) -> str:
        return self._dice.choice(
            ["", "", f" RETURNING {self._dice.choice(columns)}", " RETURNING *"]
        )


@pytest.mark.parametrize("block", range(6))
def test_of_random_statements_both_layers_say_the_same(shop: Shop, block: int) -> None:
    said = dict.fromkeys(("ok", "not-granted"), 0)
    for seed in range(block * 40, block * 40 + 40):
        text = Grammar(seed).statement()
        rights = RIGHTS[seed % len(RIGHTS)]
        verdicts = shop.verdicts(text, rights)
        wall = "ok" if verdicts.wall == "constraint" else verdicts.wall
        assert verdicts.parser == wall, (seed, text, rights, verdicts)
        said[wall] += 1
    assert min(said.values()) > 3
