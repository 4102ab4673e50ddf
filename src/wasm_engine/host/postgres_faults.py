"""What PostgreSQL says of an end, as a fault; of its words nothing gets into a world."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.pq import ConnStatus

from wasm_engine.concepts import faults
from wasm_engine.host.outside import Cancellation
from wasm_engine.host.sql_outside import Ended
from wasm_engine.host.stopwatch import elapsed

_CONSTRAINTS = {
    "23502": "notnull",
    "23503": "foreignkey",
    "23505": "unique",
    "23514": "check",
    "23P01": "exclusion",
}
_BY_STATE = {
    "42501": faults.NOT_GRANTED,
    "28": faults.NOT_GRANTED,
    "25006": faults.NOT_GRANTED,
    "42P01": faults.BAD_RESPONSE,
    "3F": faults.BAD_RESPONSE,
    "57014": faults.TIMEOUT,
    "55P03": faults.TIMEOUT,
    "40": faults.TIMEOUT,
    "53": faults.DATABASE_FULL,
}
"""How a statement ends, by the state that the server names or how that begins."""
_GONE = ("08", "57P", "25P03")
"""The server ends the connection."""


def is_lost(connection: psycopg.Connection[Any], error: psycopg.Error) -> bool:
    """Whether an error ends the connection."""
    state = error.sqlstate or ""
    return (
        connection.closed
        or connection.pgconn.status != ConnStatus.OK
        or (state.startswith(_GONE) and state != "08P01")
    )


def code_of_loss(cancellation: Cancellation, until: float, *, unknown: bool) -> str:
    """How a statement ends whose connection broke."""
    if unknown:
        return faults.OUTCOME_UNKNOWN
    if cancellation.cancelled:
        return faults.CANCELLED
    return faults.TIMEOUT if elapsed() > until else faults.CONNECTION_LOST


def code_of_refusal(error: psycopg.Error) -> str:
    """Why there is no connection."""
    made = getattr(error, "pgconn", None)
    asked = made is not None and (made.needs_password or made.used_password)
    return faults.NOT_GRANTED if asked else faults.CONNECTION_FAILED


def ended_by(error: psycopg.Error, cancellation: Cancellation) -> Ended:
    """The fault for what the server said."""
    if cancellation.cancelled:
        return Ended(faults.CANCELLED)
    state = error.sqlstate or ""
    if state.startswith("23"):
        return Ended(faults.CONSTRAINT, _CONSTRAINTS.get(state, "other"))
    if state.startswith("22"):
        return Ended(faults.CONSTRAINT, "datatype")
    codes = (code for begin, code in _BY_STATE.items() if state.startswith(begin))
    return Ended(next(codes, faults.INVALID_STATEMENT))
