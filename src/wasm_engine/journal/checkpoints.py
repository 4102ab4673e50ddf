"""Checkpoints beside the chain: where they stand, which of them are kept, and their rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal.packing import MAX_CONTENT, Packed
from wasm_engine.journal.rows import checked_packed, is_bytes, is_count

DENSE = 4
"""Of the newest ones so many are kept; of those before them about one for each power of two."""


class CheckpointRow(NamedTuple):
    """A checkpoint, without what it holds.

    Attributes:
        step: The last step that it knows of.
        n: How many entries there were.
        chain: The chain after them.
        digest: SHA-256 of what it holds.
        size: Bytes of that.
        parts: Digests of the blobs that it names.
    """

    step: int
    n: int
    chain: bytes
    digest: bytes
    size: int
    parts: tuple[bytes, ...] = ()


class Pending(NamedTuple):
    """A checkpoint that is not stored yet, with its blobs that are not."""

    row: CheckpointRow
    data: Packed
    blobs: dict[bytes, Packed]


def marks_of(rows: Iterable[CheckpointRow]) -> bytes:
    """The digest over the checkpoints of a run, which its head holds."""
    sealed = sha256(b"wasm-engine checkpoints v2\n")
    for row in sorted(rows, key=lambda row: row.n):
        sealed.update(row.n.to_bytes(8, "big") + row.step.to_bytes(8, "big"))
        sealed.update(row.chain + row.digest + row.size.to_bytes(8, "big"))
        sealed.update(len(row.parts).to_bytes(8, "big") + b"".join(row.parts))
    return sealed.digest()


def worth_keeping(rows: Sequence[CheckpointRow], anchor: int) -> list[CheckpointRow]:
    """Those to keep: the newest, then fewer and fewer; always the one a compacted run begins with.

    Of those that are between 2^k and 2^(k+1) entries older than the newest, the oldest stays: it is
    the one that no later thinning takes before it is in the next, wider span.
    """
    ordered = sorted(rows, key=lambda row: row.n)
    kept, spans = ordered[-DENSE:], set[int]()
    newest = ordered[-1].n if ordered else 0
    for row in ordered[:-DENSE]:
        span = (newest - row.n).bit_length()
        if row.n == anchor or span not in spans:
            kept.append(row)
        spans.add(span)
    return sorted(kept, key=lambda row: row.n)


def read_marks(db: sqlite3.Connection, name: str) -> list[CheckpointRow]:
    """The checkpoints, oldest first.

    Raises:
        BadRunFile: A row is none.
    """
    found = []
    rows = db.execute("SELECT step, n, chain, digest, size, parts FROM checkpoint ORDER BY n")
    for step, n, chain, digest, size, parts in rows.fetchall():
        sound = all(map(is_count, (step, n, size))) and size <= MAX_CONTENT
        sound = sound and is_bytes(chain, 32) and is_bytes(digest, 32) and is_bytes(parts)
        if not sound or len(parts) % 32:
            msg = f"{name}: the checkpoint after entry {n} is damaged"
            raise BadRunFile(msg)
        named = tuple(parts[at : at + 32] for at in range(0, len(parts), 32))
        found.append(CheckpointRow(step, n, chain, digest, size, named))
    return found


def read_parts(db: sqlite3.Connection, name: str) -> dict[bytes, int]:
    """The blobs that checkpoints name: number of the row, by digest.

    Raises:
        BadRunFile: A row is none, or one is there twice.
    """
    found: dict[bytes, int] = {}
    for number, digest in db.execute("SELECT id, digest FROM part").fetchall():
        if not is_bytes(digest, 32) or digest in found:
            msg = f"{name}: part {number} of its checkpoints is damaged"
            raise BadRunFile(msg)
        found[digest] = number
    return found


def read_data(db: sqlite3.Connection, name: str, n: int) -> Packed:
    """What a checkpoint holds, as it is stored."""
    row = db.execute("SELECT size, data FROM checkpoint WHERE n = ?", (n,)).fetchone()
    if row is None:  # a writer may have taken it out since
        msg = f"{name}: the checkpoint after entry {n} is no longer there"
        raise BadRunFile(msg)
    return checked_packed(row, f"{name}: the checkpoint after entry {n} is damaged")


def read_part(db: sqlite3.Connection, name: str, number: int) -> Packed:
    """A blob that checkpoints name, as it is stored."""
    row = db.execute("SELECT size, data FROM part WHERE id = ?", (number,)).fetchone()
    return checked_packed(row, f"{name}: part {number} of its checkpoints is damaged")


def insert_checkpoint(db: sqlite3.Connection, row: CheckpointRow, data: Packed) -> None:
    """Stores a checkpoint, in place of one at the same entry."""
    values = (row.n, row.step, row.chain, row.digest, row.size, b"".join(row.parts), data.data)
    db.execute("REPLACE INTO checkpoint VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def insert_part(db: sqlite3.Connection, digest: bytes, packed: Packed) -> int:
    """Stores a blob; answers its row's number."""
    cursor = db.execute(
        "INSERT INTO part VALUES (NULL, ?, ?, ?)", (digest, packed.size, packed.data)
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def delete(db: sqlite3.Connection, rows: Iterable[CheckpointRow], parts: Iterable[int]) -> None:
    """Takes checkpoints out, and blobs that no other one names."""
    db.executemany("DELETE FROM checkpoint WHERE n = ?", [(row.n,) for row in rows])
    db.executemany("DELETE FROM part WHERE id = ?", [(number,) for number in parts])
