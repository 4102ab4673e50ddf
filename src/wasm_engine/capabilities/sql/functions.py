"""What SQL may call: what follows from its arguments alone, with what it costs counted.

Some of SQLite's own take time that grows with the product of their arguments, in a single step of
its machine; others look at the clock. These are put in the way of the built-in ones: they count,
replace `now` by world time, and ask SQLite's own through a second connection, which has no tables.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

NATIVE = (
    "abs", "avg", "char", "coalesce", "count", "cume_dist", "dense_rank", "first_value",
    "group_concat", "ifnull", "iif", "lag", "last_value", "lead", "max", "min", "nth_value",
    "ntile", "nullif", "percent_rank", "rank", "round", "row_number", "sign", "sum", "total",
    "typeof",
)  # fmt: skip
"""As SQLite has them: they take no longer than it takes to carry their arguments about."""
LINEAR = {
    "hex": (1,), "length": (1,), "lower": (1,), "quote": (1,), "substr": (2, 3),
    "substring": (2, 3), "unicode": (1,), "upper": (1,),
}  # fmt: skip
"""What looks at each byte of an argument, by number of arguments."""
PRODUCT = {
    "like": (2, 3), "glob": (2,), "instr": (2,), "replace": (3,), "trim": (1, 2), "ltrim": (1, 2),
    "rtrim": (1, 2),
}  # fmt: skip
"""What may compare each byte of one argument with each of another, by number of arguments."""
JSON = {
    "json_extract": (2, 3, 4, 5), "json_valid": (1,), "json_type": (1, 2),
    "json_array_length": (1, 2), "->": (2,), "->>": (2,),
}  # fmt: skip
"""What reads a whole JSON text for each call."""
TIMES = ("date", "time", "datetime", "julianday", "unixepoch", "strftime")
CLOCKS = {"current_date": "date", "current_time": "time", "current_timestamp": "datetime"}
MOST_TIME_ARGUMENTS = 6
ALLOWED = frozenset({*NATIVE, *LINEAR, *PRODUCT, *JSON, *TIMES, *CLOCKS})

CALL = 2_000
"""Host work of a call that goes through us."""
BYTE = 2
"""Host work of each byte that one of them looks at."""
JSON_BYTE = 10
"""Host work of each byte of JSON."""
_HERE = ("localtime", "utc")
"""Modifiers that depend on the time zone of the machine."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TooCostly(Exception):
    """The statement has spent what it may."""


class Meter:
    """What one statement may still cost, and the world's time while it runs.

    Attributes:
        left: Host work that is left; negative once too much was spent.
        overflowed: Whether a function would have answered more than a value may have.
        time: World time (ns).
    """

    def __init__(self) -> None:
        self.left = 0
        self.overflowed = False
        self.time = 0

    def begin(self, work: int, time: int) -> None:
        """Statements begin that may cost so much, at a world time (ns)."""
        self.left, self.time, self.overflowed = work, time, False

    def spend(self, work: int) -> None:
        """Counts host work.

        Raises:
            TooCostly: There is none left.
        """
        self.left -= work
        if self.left < 0:
            raise TooCostly

    def now(self) -> str:
        """World time as SQLite reads it."""
        moment = _EPOCH + timedelta(microseconds=self.time // 1000)
        return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03}"


def install(connection: sqlite3.Connection, meter: Meter, limit: int) -> None:
    """Puts our functions in the way of SQLite's own.

    Args:
        connection: Where statements of agents run.
        meter: What counts for them.
        limit: Bytes that a value may have.
    """
    own = sqlite3.connect(":memory:", check_same_thread=False)
    own.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limit)
    own.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000)

    def ask(name: str, count: int) -> Callable[..., Any]:
        spelled = f"? {name} ?" if name.startswith("-") else f"{name}({_marks(count)})"
        statement = f"SELECT {spelled}"
        return lambda *values: own.execute(statement, values).fetchone()[0]

    def put(name: str, count: int, made: Callable[..., Any]) -> None:
        # What tells the time may stand in no index: it would hold what was true once.
        steady = name not in TIMES and name not in CLOCKS
        connection.create_function(name, count, made, deterministic=steady)

    _remove_others(connection)
    for group, price in ((LINEAR, _linear), (PRODUCT, _product), (JSON, _json)):
        for name, counts in group.items():
            for count in counts:
                put(name, count, _counting(meter, ask(name, count), price))
    for name in TIMES:
        place = 1 if name == "strftime" else 0
        for count in range(place, MOST_TIME_ARGUMENTS + 1):
            put(name, count, _timed(meter, ask(name, max(count, place + 1)), place))
    for name, family in CLOCKS.items():
        put(name, 0, _timed(meter, ask(family, 1), 0))


def _remove_others(connection: sqlite3.Connection) -> None:
    """What is not allowed is not there: defaults are computed without asking the authorizer."""
    listed = connection.execute("SELECT name, narg FROM pragma_function_list").fetchall()
    for name, count in listed:
        if name.lower() not in ALLOWED:
            connection.create_function(name, count, _refuse)


def _refuse(*_values: Any) -> None:
    message = "not a function for worlds"
    raise ValueError(message)


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _counting(
    meter: Meter, ask: Callable[..., Any], price: Callable[[tuple[Any, ...]], int]
) -> Callable[..., Any]:
    def call(*values: Any) -> Any:
        meter.spend(CALL + price(values))
        try:
            return ask(*values)
        except sqlite3.DataError:
            meter.overflowed = True
            raise

    return call


def _timed(meter: Meter, ask: Callable[..., Any], place: int) -> Callable[..., Any]:
    """A function of dates whose argument at `place` may be `now`, or left out."""

    def call(*values: Any) -> Any:
        meter.spend(CALL + sum(map(_size, values)))
        given = list(values)
        if len(given) <= place:
            given.append("now")
        for modifier in given[place + 1 :]:
            if isinstance(modifier, str) and modifier.strip().lower() in _HERE:
                raise ValueError(modifier)
        if isinstance(given[place], str) and given[place].lower() == "now":
            given[place] = meter.now()
        return ask(*given)

    return call


def _linear(values: tuple[Any, ...]) -> int:
    return BYTE * sum(map(_size, values))


def _product(values: tuple[Any, ...]) -> int:
    sizes = sorted(map(_size, values), reverse=True)
    return sizes[0] * (sizes[1] if len(sizes) > 1 else 1) + sum(sizes)


def _json(values: tuple[Any, ...]) -> int:
    return JSON_BYTE * sum(map(_size, values))


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | bytes) else 8
