"""The statements on a run file's three tables, with every value that comes back checked."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal.chain import Head
from wasm_engine.journal.packing import MAX_CONTENT, MAX_ENTRY, Packed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PAGE = 64
"""Rows fetched at once: no cursor stays open while its reader works, so nobody is locked out."""

_ENTRIES = (
    "SELECT n, kind, body, chain, detail_size, detail FROM entry WHERE n > ? ORDER BY n LIMIT ?"
)


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


def insert_entries(db: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> None:
    """Stores entries, each a tuple in the order of `Row`."""
    db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", rows)


def insert_content(db: sqlite3.Connection, n: int, digest: bytes, packed: Packed) -> None:
    """Stores one content."""
    db.execute("INSERT INTO content VALUES (?, ?, ?, ?)", (n, digest, packed.size, packed.data))


def write_head(db: sqlite3.Connection, head: Head) -> None:
    """Replaces the head."""
    db.execute("REPLACE INTO head VALUES (1, ?, ?, ?, ?, ?, ?)", (*head, head.seal()))


def read_head(db: sqlite3.Connection, name: str) -> Head:
    """The head.

    Raises:
        BadRunFile: It is missing, altered, or there is more than one.
    """
    rows = db.execute("SELECT * FROM head").fetchmany(2)
    if not rows:
        msg = f"{name}: the run was never begun, or its head is missing"
        raise BadRunFile(msg)
    number, run, entries, chain, contents, catalog, seal = rows[0]
    sound = (
        len(rows) == 1
        and number == 1
        and all(_is_bytes(value, 32) for value in (chain, catalog, seal))
        and _is_bytes(run, 16)
        and all(_is_count(value) for value in (entries, contents))
    )
    head = Head(run, entries, chain, contents, catalog)
    if not sound or head.seal() != seal:
        msg = f"{name}: the head does not match its seal"
        raise BadRunFile(msg)
    return head


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


def read_catalog(db: sqlite3.Connection, name: str) -> Iterator[tuple[int, bytes, int]]:
    """Number, digest and size of every content, in the order in which they were stored."""
    for n, digest, size in db.execute("SELECT n, digest, size FROM content ORDER BY n").fetchall():
        if not _is_bytes(digest, 32) or not _is_count(size) or size > MAX_CONTENT:
            msg = f"{name}: content {n} is damaged"
            raise BadRunFile(msg)
        yield n, digest, size


def read_content(db: sqlite3.Connection, name: str, n: int) -> Packed:
    """One content, as it is stored."""
    row = db.execute("SELECT size, data FROM content WHERE n = ?", (n,)).fetchone()
    if row is None or not _is_count(row[0]) or row[0] > MAX_CONTENT or not _is_bytes(row[1]):
        msg = f"{name}: content {n} is damaged"
        raise BadRunFile(msg)
    return Packed(row[0], row[1])


def _check_row(name: str, row: Row) -> None:
    size, detail = row.detail_size, row.detail
    sound = (
        isinstance(row.kind, int)
        and 0 <= row.kind <= 0xFF
        and _is_bytes(row.body)
        and len(row.body) <= MAX_ENTRY
        and _is_bytes(row.chain, 32)
        and (size is None) == (detail is None)
        and (size is None or (_is_count(size) and size <= MAX_ENTRY and _is_bytes(detail)))
    )
    if not sound:
        msg = f"{name}: entry {row.n} is damaged"
        raise BadRunFile(msg)


def _is_bytes(value: object, size: int | None = None) -> bool:
    return isinstance(value, bytes) and (size is None or len(value) == size)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and value >= 0
