"""What is common to databases outside: what they are asked, on what terms, and how that can end.

A change leaves a mark, in the same transaction: the effect's idempotency key, and the answer. Sent
again, it finds its mark, changes nothing, and answers the same. So it is made once, however often
it is sent, as long as marks are kept.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

from wasm_engine.concepts import faults, json_text
from wasm_engine.concepts.effect import Outcome
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.sql_values import Done, SqlValue, written
from wasm_engine.host.outside import Cancellation
from wasm_engine.host.stopwatch import elapsed

KEPT: Final = 30 * 24 * 3600
"""Seconds that a mark is kept: how long after it was begun a change may be sent once more."""
_LOOK = 0.1
"""Seconds after which somebody who waits for their turn looks whether that is still wanted."""

# What is said of each end: our own words, for these are kept in the run.
SAYS: Final = {
    faults.CANCELLED: "nobody waits for it any more",
    faults.TIMEOUT: "it took longer than it may, or others kept the database locked",
    faults.CONNECTION_FAILED: "the database cannot be reached or opened; nothing was sent",
    faults.CONNECTION_LOST: "the connection to the database broke; nothing was changed",
    faults.OUTCOME_UNKNOWN: "the connection to the database broke; the change may have been made",
    faults.NOT_GRANTED: "the database does not let us",
    faults.BAD_RESPONSE: "the database is not as the manifest says",
    faults.DATABASE_FULL: "the database has no room left",
    faults.INVALID_STATEMENT: "the database cannot execute it",
    faults.TOO_LARGE: "a value is larger than one may be",
}


class Asked(NamedTuple):
    """One statement.

    Attributes:
        text: As the database is told it.
        parameters: What goes into it.
        answers: Whether it answers rows.
        changes: Whether it changes anything.
    """

    text: str
    parameters: Sequence[SqlValue]
    answers: bool = True
    changes: bool = False


class Terms(NamedTuple):
    """On what terms a database is asked.

    Attributes:
        timeout: Seconds that a statement, or a batch, may take.
        connections: How many of them at a time.
        marks: Whether changes leave marks.
        max_value: Bytes that a value may have.
    """

    timeout: float
    connections: int
    marks: bool
    max_value: int


class Ended(Exception):
    """A statement ended with a fault; everything that went with it is undone."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.fault = refusal(code, detail or SAYS.get(code, ""))


class Turns:
    """Who asks a database, so many at a time: others wait for their turn.

    Args:
        terms: How many, and how long each may take once it is their turn.
    """

    def __init__(self, terms: Terms) -> None:
        self._timeout = terms.timeout
        self._free = threading.Semaphore(terms.connections)

    @contextmanager
    def turn(self, cancellation: Cancellation) -> Iterator[float]:
        """One's turn: until when it may last, by `elapsed`.

        Raises:
            Ended: Nobody wants it any more.
        """
        while not self._free.acquire(timeout=_LOOK):
            if cancellation.cancelled:
                raise Ended(faults.CANCELLED)
        try:
            yield elapsed() + self._timeout
        finally:
            self._free.release()


def outcome_of(done: Sequence[Done]) -> Outcome:
    """How an effect ends whose statements were executed."""
    return ([(each.changed, each.rows) for each in done],)


def marked(done: Sequence[Done]) -> str:
    """What a mark holds: what the change came to."""
    return written([[each.changed, each.rows] for each in done])


def read_mark(text: object) -> list[Done]:
    """What a change came to that has left its mark.

    Raises:
        Ended: That is no mark of ours.
    """
    try:
        rows = json_text.read(str(text))
        return [Done(str(row[1]), int(row[0])) for row in rows]
    except (ValueError, TypeError, LookupError):
        raise Ended(faults.BAD_RESPONSE) from None
