"""The tables of version 1, its chain and its seal."""

from __future__ import annotations

import sqlite3
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal.chain import Head
from wasm_engine.journal.checkpoints import marks_of
from wasm_engine.journal.packing import MAX_ENTRY, Packed
from wasm_engine.journal.rows import is_bytes, is_count
from wasm_engine.journal.schema import CONTENT

if TYPE_CHECKING:
    from collections.abc import Iterator

START = sha256(b"wasm-engine run v1\n").digest()
"""The chain before the first entry."""

TABLES = (
    """CREATE TABLE head (
  id INTEGER PRIMARY KEY,
  run BLOB NOT NULL,
  entries INTEGER NOT NULL,
  chain BLOB NOT NULL,
  contents INTEGER NOT NULL,
  catalog BLOB NOT NULL,
  seal BLOB NOT NULL
)""",
    """CREATE TABLE entry (
  n INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  body BLOB NOT NULL,
  chain BLOB NOT NULL,
  detail_size INTEGER,
  detail BLOB
)""",
    CONTENT,
)

_PAGE = 64
"""Rows fetched at once: no cursor stays open while its reader works, so nobody is locked out."""
_ENTRIES = (
    "SELECT n, kind, body, chain, detail_size, detail FROM entry WHERE n > ? ORDER BY n LIMIT ?"
)
_KIND_BYTES = tuple(bytes([kind]) for kind in range(256))


class Row(NamedTuple):
    """One row of `entry`: what is stored of one entry, in the order of the columns."""

    n: int
    kind: int
    body: bytes
    chain: bytes
    detail_size: int | None
    detail: bytes | None

    @property
    def packed_detail(self) -> Packed | None:
        """The detail as it is stored."""
        if self.detail_size is None or self.detail is None:
            return None
        return Packed(self.detail_size, self.detail)


def extend(chain: bytes, kind: int, body: bytes) -> bytes:
    """The chain after one more entry."""
    return sha256(chain + _KIND_BYTES[kind] + body).digest()


def seal(run: bytes, entries: int, chain: bytes, contents: int, catalog: bytes) -> bytes:
    """What protects the head against accidents."""
    counts = entries.to_bytes(8, "big"), contents.to_bytes(8, "big")
    fields = run + counts[0] + chain + counts[1] + catalog
    return sha256(b"wasm-engine head v1\n" + fields).digest()


def read_head(db: sqlite3.Connection, name: str) -> Head:
    """The head, as one of the newest version.

    Raises:
        BadRunFile: It is missing, altered, or there is more than one.
    """
    rows = db.execute("SELECT * FROM head").fetchmany(2)
    if not rows:
        msg = f"{name}: the run was never begun, or its head is missing"
        raise BadRunFile(msg)
    number, run, entries, chain, contents, catalog, sealed = rows[0]
    sound = (
        len(rows) == 1
        and number == 1
        and all(is_bytes(value, 32) for value in (chain, catalog, sealed))
        and is_bytes(run, 16)
        and all(is_count(value) for value in (entries, contents))
    )
    if not sound or seal(run, entries, chain, contents, catalog) != sealed:
        msg = f"{name}: the head does not match its seal"
        raise BadRunFile(msg)
    return Head(run, 0, START, 0, START, entries, chain, contents, catalog, 0, marks_of(()))


def read_entries(db: sqlite3.Connection, name: str, after: int) -> Iterator[Row]:
    """The entries with a number above `after`, in their order."""
    while True:
        page = db.execute(_ENTRIES, (after, _PAGE)).fetchall()
        for values in page:
            row = Row(*values)
            _check_row(name, row)
            after = row.n
            yield row
        if len(page) < _PAGE:
            return


def _check_row(name: str, row: Row) -> None:
    size, detail = row.detail_size, row.detail
    sound = (
        isinstance(row.kind, int)
        and 0 <= row.kind <= 0xFF
        and is_bytes(row.body)
        and len(row.body) <= MAX_ENTRY
        and is_bytes(row.chain, 32)
        and (size is None) == (detail is None)
        and (size is None or (is_count(size) and size <= MAX_ENTRY and is_bytes(detail)))
    )
    if not sound:
        msg = f"{name}: entry {row.n} is damaged"
        raise BadRunFile(msg)
