"""How parameters and rows of SQL travel: as JSON text, a three-hundredth of the cost of lists.

NULL, whole numbers, reals and texts are what JSON has; bytes are `{"hex": "00ff"}`, and an infinity
is `{"real": "inf"}` or `{"real": "-inf"}`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from wasm_engine.concepts import json_text
from wasm_engine.concepts.mistakes import Wrong

SqlValue: TypeAlias = int | float | str | bytes | None
MAX_PARAMETERS = 500
MAX_ROWS: Final = 10_000
MAX_RESULT: Final = 1 << 20
"""Bytes of a result."""
_LEAST, _MOST = -(2**63), 2**63 - 1
_INFINITE = {"inf": math.inf, "-inf": -math.inf}


class Done(NamedTuple):
    """What a statement came to: its rows as JSON text, and how many rows it changed."""

    rows: str
    changed: int


class TooMuch(Exception):
    """A result is larger than one may be; the text says what may be."""


def read_list(text: str) -> list[Any]:
    """A JSON array.

    Raises:
        Wrong: It is none.
    """
    try:
        found = json_text.read(text)
    except ValueError:
        raise Wrong("parameters are a JSON array") from None
    if not isinstance(found, list):
        raise Wrong("parameters are a JSON array")
    return found


def parameters_of(values: Any) -> list[SqlValue]:
    """The parameters of a statement.

    Raises:
        Wrong: It is no list of values that SQL knows.
    """
    if not isinstance(values, list):
        raise Wrong("parameters are a JSON array")
    if len(values) > MAX_PARAMETERS:
        raise Wrong(f"a statement has at most {MAX_PARAMETERS} parameters")
    return [_parameter(value) for value in values]


def is_parameters(values: list[SqlValue]) -> bool:
    """Whether values are such as `parameters_of` makes."""
    return len(values) <= MAX_PARAMETERS and all(
        (_LEAST <= it <= _MOST) if isinstance(it, int) else it == it for it in values
    )


def _parameter(value: Any) -> SqlValue:
    match value:
        case bool():
            return int(value)
        case int():
            if not _LEAST <= value <= _MOST:
                raise Wrong("a whole number of more than 64 bits with its sign")
            return value
        case None | float() | str():
            return value
        case {"hex": str(digits)} if len(value) == 1:
            try:
                return bytes.fromhex(digits)
            except ValueError:
                raise Wrong('bytes are {"hex": "00ff"}') from None
        case {"real": str(word)} if len(value) == 1 and word in _INFINITE:
            return _INFINITE[word]
    raise Wrong('a parameter is null, a number, a text, true, false, or {"hex": "00ff"}')


def rows_text(columns: Sequence[str], rows: Sequence[Sequence[SqlValue]]) -> str:
    """What a query answers: `{"columns":[...],"rows":[[...],...]}`."""
    plain = [[_plain(value) for value in row] for row in rows]
    return written({"columns": list(columns), "rows": plain})


def batch_text(done: Iterable[Done]) -> str:
    """What a batch answers: for each statement what a query does, and how many rows it changed."""
    parts = [f'{{"changed":{each.changed},{each.rows[1:]}' for each in done]
    return f"[{','.join(parts)}]"


def gathered(rows: Iterable[Sequence[SqlValue]]) -> list[Sequence[SqlValue]]:
    """All rows of a result, as long as there are not too many.

    Raises:
        TooMuch: There are.
    """
    found: list[Sequence[SqlValue]] = []
    size = 0
    for row in rows:
        size += size_of(row)
        if len(found) == MAX_ROWS or size > MAX_RESULT:
            what = f"at most {MAX_ROWS} rows, of {MAX_RESULT} bytes: say LIMIT"
            raise TooMuch(f"a result has {what}")
        found.append(row)
    return found


def done_of(columns: Sequence[str], rows: Sequence[Sequence[SqlValue]], changed: int) -> Done:
    """What a statement came to.

    Raises:
        TooMuch: Its rows as text are too long.
    """
    done = Done(rows_text(columns, rows), max(changed, 0))
    if len(done.rows) > MAX_RESULT:
        raise TooMuch(f"a result has at most {MAX_RESULT} bytes")
    return done


def constraint_of(error: str) -> str | None:
    """What kind of constraint speaks against a change, by SQLite's name of its error; else None."""
    if error == "SQLITE_MISMATCH":
        return "datatype"
    if not error.startswith("SQLITE_CONSTRAINT"):
        return None
    return error.removeprefix("SQLITE_CONSTRAINT").strip("_").lower()


def written(value: Any) -> str:
    """Compact JSON text, half characters escaped."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode(errors="surrogatepass").decode(errors="replace")


def size_of(row: Sequence[SqlValue]) -> int:
    """About how many bytes of JSON a row takes, at least."""
    return sum(
        2 * len(value) if isinstance(value, bytes) else len(value) if isinstance(value, str) else 4
        for value in row
    )


def _plain(value: SqlValue) -> Any:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, float) and math.isinf(value):
        return {"real": "inf" if value > 0 else "-inf"}
    return value
