"""wasm-engine:sql/sql: statements, looked at here, and executed elsewhere.

In a database of the world by turn calls, at the step's end; in one that lies outside by effects.
"""

from __future__ import annotations

from typing import Any

from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.effect import SQL, SqlAnswer, SqlArguments
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.segment import Turn, Wait
from wasm_engine.concepts.sql_values import Done, SqlValue, batch_text, parameters_of, read_list

PARSED_BYTE = 5_000
"""Host work of each byte of a statement, which is parsed by a program in Python."""
MAX_PARAMETER_BYTES = 1 << 20
"""Bytes of the parameters of a call, as JSON text."""
MAX_STATEMENTS = 100
"""Statements of a batch."""

Asked = list[tuple[str, list[SqlValue]]]


def query(guest: Caller, database: str, statement: str, parameters: str) -> Any:
    """Executes a statement; answers its rows."""
    return _one(guest, "query", database, statement, parameters)


def execute(guest: Caller, database: str, statement: str, parameters: str) -> Any:
    """Executes a statement; answers how many rows it changed."""
    return _one(guest, "execute", database, statement, parameters)


def batch(guest: Caller, database: str, statements: str) -> Any:
    """Executes several statements: all of them, or none."""
    if len(statements) > MAX_PARAMETER_BYTES:
        return _too_large()
    try:
        asked = _statements(read_list(statements))
    except Wrong as wrong:
        return refusal(faults.INVALID_STATEMENT, str(wrong))
    return _turn(guest, "batch", database, asked, len(statements))


def _one(guest: Caller, operation: str, database: str, statement: str, parameters: str) -> Any:
    if len(parameters) > MAX_PARAMETER_BYTES:
        return _too_large()
    try:
        asked: Asked = [(statement, parameters_of(read_list(parameters or "[]")))]
    except Wrong as wrong:
        return refusal(faults.INVALID_STATEMENT, str(wrong))
    return _turn(guest, operation, database, asked, len(parameters))


def _statements(found: list[Any]) -> Asked:
    if len(found) > MAX_STATEMENTS:
        raise Wrong(f"a batch has at most {MAX_STATEMENTS} statements")
    asked = []
    for each in found:
        if not isinstance(each, list) or len(each) != 2 or not isinstance(each[0], str):
            raise Wrong("each of a batch is a statement and the list of its parameters")
        asked.append((each[0], parameters_of(each[1])))
    return asked


def _turn(guest: Caller, operation: str, name: str, asked: Asked, size: int) -> Any:
    """Looks at statements, and has them executed if nothing speaks against it."""
    may = guest.agent.may_use
    service = guest.world.services.get("sql")
    granted = may("sql", name) or may("sql-read", name)
    if not granted or service is None or not service.has(name):
        return refusal(faults.NOT_GRANTED, f"sql:{name[:100]}")
    guest.charge(sum(len(text) for text, _ in asked) * PARSED_BYTE + size * cost.MESSAGE_BYTE)
    rights = service.rights(guest.agent.address, name)
    writes = False
    for text, _ in asked:
        try:
            found = service.footprint(name, text)
        except Wrong as wrong:
            return refusal(faults.INVALID_STATEMENT, str(wrong))
        denied = found.refusal(rights)
        if denied is not None:
            return refusal(faults.NOT_GRANTED, f"sql:{name}: {denied}")
        context = {"verb": found.verb, "tables": found.tables, "columns": found.columns}
        refused = guest.authorize("sql", name, context)
        if refused is not None:
            return refused
        writes = writes or found.verb != "select"
    source = f"sql:{name}"
    if service.is_outside(name):
        return _effect(guest, (name, operation, asked, writes), source)
    guest.reads(source)  # how many rows were changed tells of them, too
    if writes:
        guest.writes(source)
    return guest.suspend(Turn(f"sql.{operation}", name, asked, guest.world.time))


def _effect(guest: Caller, arguments: SqlArguments, source: str) -> Any:
    """Has statements executed outside."""
    number = guest.issue(SQL, arguments)
    if isinstance(number, Err):  # a budget has not so much left
        return number
    guest.reads(source)
    if arguments[3]:
        guest.writes(source)
    guest.answered_by(number, source)
    return guest.suspend(Wait({number: None}, call=(_ANSWER, (number, arguments[1]))))


def take(guest: Caller, number: int, operation: str) -> Any:
    """What became of statements that were executed outside; once. No guest can call it."""
    outcome: SqlAnswer | Err | None = guest.seen(number)
    if outcome is None or isinstance(outcome, Err):
        if outcome is None or outcome.payload[0] == faults.UNKNOWN_REQUEST:
            return refusal(faults.UNKNOWN_REQUEST, f"request {number}")
        guest.forget(number)
        return outcome
    guest.forget(number)
    done = [Done(rows, changed) for changed, rows in outcome[0]]
    guest.charge(sum(len(each.rows) for each in done) * cost.MESSAGE_BYTE)
    if operation == "query":
        return done[0].rows
    return done[0].changed if operation == "execute" else batch_text(done)


def _too_large() -> Err:
    return refusal(faults.TOO_LARGE, f"parameters have at most {MAX_PARAMETER_BYTES} bytes")


_NAME = "wasm-engine:sql/sql#"
_ANSWER = f"{_NAME}[outside]answer"
"""By a name that no component can import."""
FUNCTIONS = (
    HostFunction(_NAME + "query", query, suspends=True, shared=True),
    HostFunction(_NAME + "execute", execute, suspends=True, shared=True),
    HostFunction(_NAME + "batch", batch, suspends=True, shared=True),
    HostFunction(_ANSWER, take, shared=True),
)
