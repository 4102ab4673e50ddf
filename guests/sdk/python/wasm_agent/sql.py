"""Asks databases of the world in SQL, as far as the manifest lets the agent.

    from wasm_agent import on, sql

    @on("order")
    def order(message):
        shop = sql.open("shop")
        shop.execute("INSERT INTO orders(who, total) VALUES (?, ?)", message.sender, 12)
        for row in shop.query("SELECT id, total FROM orders WHERE who = ?", message.sender):
            print(row.id, row["total"])

Each statement is a transaction of its own; `batch` makes one of several. The rest of the world goes
on meanwhile.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from wasm_agent.contract import call, checked_text
from wasm_agent.contract import sql as _host
from wasm_agent.values import to_json

Value: TypeAlias = "int | float | str | bytes | None"


class Row(Sequence[Value]):
    """A row: `row.total`, `row["total"]`, `row[1]`; unpack it, or iterate over its values."""

    __slots__ = ("_names", "_values")

    def __init__(self, names: dict[str, int], values: list[Value]) -> None:
        self._names, self._values = names, values

    def __getattr__(self, name: str) -> Value:
        try:
            return self._values[self._names[name]]
        except KeyError:
            message = f"the row has no column {name!r}; there are {', '.join(self._names)}"
            raise AttributeError(message) from None

    def __getitem__(self, place: Any) -> Any:
        return self._values[self._names[place] if isinstance(place, str) else place]

    def __len__(self) -> int:
        return len(self._values)

    def as_dict(self) -> dict[str, Value]:
        """Its values by the names of their columns."""
        return {name: self._values[place] for name, place in self._names.items()}

    def __repr__(self) -> str:
        return f"Row({self.as_dict()})"


class Rows(Sequence[Row]):
    """What a query answered.

    Attributes:
        columns: Names of the columns.
    """

    def __init__(self, columns: list[str], rows: list[list[Any]]) -> None:
        self.columns = columns
        names = {name: place for place, name in reversed(list(enumerate(columns)))}
        self._rows = [Row(names, [_value(value) for value in row]) for row in rows]

    def __getitem__(self, place: Any) -> Any:
        return self._rows[place]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __repr__(self) -> str:
        return f"Rows({self.columns}, {len(self)} rows)"


class Done(NamedTuple):
    """What a statement of a batch came to: its rows, and how many rows it changed."""

    rows: Rows
    changed: int


class Database:
    """A database of the world, by its name in the manifest.

    Attributes:
        name: Its name.
    """

    def __init__(self, name: str) -> None:
        self.name = checked_text("the name of a database", name)

    def query(self, statement: str, *parameters: Any) -> Rows:
        """Executes a statement; answers its rows.

        Args:
            statement: SELECT, or INSERT, UPDATE or DELETE with RETURNING.
            parameters: What goes into each `?`: never put values into the text itself.

        Raises:
            Fault: `NotGranted`, `InvalidStatement`, `Constraint`, `TooCostly`, `TooLarge`...
        """
        return _rows(json.loads(call(_host.query, self.name, statement, _written(parameters))))

    def first(self, statement: str, *parameters: Any) -> Row | None:
        """The first row of `query`, or None."""
        rows = self.query(statement, *parameters)
        return rows[0] if rows else None

    def execute(self, statement: str, *parameters: Any) -> int:
        """Executes a statement; answers how many rows it inserted, updated or deleted."""
        changed: int = call(_host.execute, self.name, statement, _written(parameters))
        return changed

    def batch(self, *statements: tuple[Any, ...]) -> list[Done]:
        """Executes several statements in one transaction: all of them, or none.

        Args:
            statements: Each a statement and its parameters: `("DELETE FROM a WHERE id = ?", 3)`.
        """
        asked = [[checked_text("a statement", it[0]), _plain(it[1:])] for it in statements]
        found = json.loads(call(_host.batch, self.name, to_json(asked)))
        return [Done(_rows(done), done["changed"]) for done in found]

    def __repr__(self) -> str:
        return f"Database({self.name!r})"


def open(name: str) -> Database:  # noqa: A001 - `sql.open("shop")` is what one would write
    """A database of the world. Nothing is asked yet."""
    return Database(name)


def _rows(found: dict[str, Any]) -> Rows:
    return Rows(found["columns"], found["rows"])


def _value(value: Any) -> Value:
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"]) if "hex" in value else float(value["real"])
    return value  # type: ignore[no-any-return]


def _written(parameters: tuple[Any, ...]) -> str:
    return to_json(_plain(parameters))


def _plain(parameters: tuple[Any, ...]) -> list[Any]:
    return [_parameter(value) for value in parameters]


def _parameter(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"hex": bytes(value).hex()}
    if isinstance(value, float) and math.isinf(value):
        return {"real": "inf" if value > 0 else "-inf"}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    message = f"a {type(value).__name__} is no value of SQL; give text, a number, bytes or None"
    raise TypeError(message)
