"""Signatures of a run's head: a table that a run file has once somebody has signed it.

They are beside the chain, which is what they sign. Each is a DSSE envelope in its one canonical
spelling, so that there is no room in it for anything that nobody has signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasm_engine.concepts.envelope import MAX_BYTES, Envelope
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.concepts.mistakes import Wrong

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

MOST = 16
"""Signatures that a run may have."""

TABLE = """CREATE TABLE signature (
  n INTEGER PRIMARY KEY,
  data BLOB NOT NULL
)"""


_READ = """SELECT n, CASE WHEN length(data) <= ? THEN data END FROM signature
  ORDER BY n LIMIT ?"""


def has_table(db: sqlite3.Connection) -> bool:
    """Whether the run was ever signed."""
    query = "SELECT count(*) FROM sqlite_master WHERE name = 'signature'"
    return bool(db.execute(query).fetchone()[0])


def read(db: sqlite3.Connection, name: str) -> list[Envelope]:
    """The signatures, oldest first.

    Raises:
        BadRunFile: What stands there is none.
    """
    if not has_table(db):
        return []
    rows = db.execute(_READ, (MAX_BYTES, MOST + 1)).fetchall()
    if not 1 <= len(rows) <= MOST:
        msg = f"{name}: it has {len(rows)} signatures, which may be 1 to {MOST}"
        raise BadRunFile(msg)
    return [_envelope(name, row, ordinal) for ordinal, row in enumerate(rows, 1)]


def write(db: sqlite3.Connection, envelopes: Sequence[Envelope]) -> None:
    """Puts signatures in the place of those that there are; wants a transaction."""
    if has_table(db):
        db.execute("DELETE FROM signature")
    else:
        db.execute(TABLE)
    for n, envelope in enumerate(envelopes, 1):
        db.execute("INSERT INTO signature VALUES (?, ?)", (n, envelope.encode()))


def _envelope(name: str, row: tuple[object, object], ordinal: int) -> Envelope:
    n, data = row
    if n != ordinal or not isinstance(data, bytes):
        msg = f"{name}: signature {ordinal} is damaged, or missing"
        raise BadRunFile(msg)
    try:
        envelope = Envelope.decode(data)
    except Wrong as wrong:
        msg = f"{name}: signature {ordinal}: {wrong}"
        raise BadRunFile(msg) from None
    if envelope.encode() != data:
        msg = f"{name}: signature {ordinal}: it is not in its canonical form"
        raise BadRunFile(msg)
    return envelope
