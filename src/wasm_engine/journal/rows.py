"""The statements on a run file's tables, with every value that comes back checked."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal.blocks import MAX_BLOCK, MOST, Block
from wasm_engine.journal.chain import Head
from wasm_engine.journal.packing import MAX_CONTENT, Packed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BLOCK = "SELECT * FROM block WHERE first >= ? ORDER BY first LIMIT 1"
_LAST_BLOCK = "SELECT * FROM block WHERE first <= ? ORDER BY first DESC LIMIT 1"
_LAST_BEFORE = "SELECT max(first) FROM block WHERE first <= ?"
_HEAD = "REPLACE INTO head VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_LEAST = -(1 << 63)


def insert_blocks(db: sqlite3.Connection, blocks: Sequence[Block]) -> None:
    """Stores blocks of entries."""
    db.executemany("INSERT INTO block VALUES (?, ?, ?, ?, ?)", blocks)


def read_blocks(db: sqlite3.Connection, name: str, start: int = _LEAST) -> Iterator[Block]:
    """The blocks that hold entries from number `start` on, in their order; one at a time."""
    at = start
    if start > 1:
        (first,) = db.execute(_LAST_BEFORE, (start,)).fetchone()
        at = start if first is None else first
    while True:
        row = db.execute(_BLOCK, (at,)).fetchone()
        if row is None:
            return
        block = Block(*row)
        _check_block(name, block)
        if block.first + block.entries > start:
            yield block
        at = block.first + 1


def delete_blocks(db: sqlite3.Connection, first: int) -> None:
    """Takes out the blocks from one on: what they hold is stored otherwise."""
    db.execute("DELETE FROM block WHERE first >= ?", (first,))


def block_with(db: sqlite3.Connection, name: str, n: int) -> Block | None:
    """The block that holds entry `n`, or the first one after it. A query for each block.

    So a reader of a run that is being written neither misses an entry nor sees one twice, though
    small blocks may become one large block at any time.
    """
    block = last_block(db, name, n)
    if block is None or n >= block.first + block.entries:
        block = next(read_blocks(db, name, n), None)
    return block


def last_block(db: sqlite3.Connection, name: str, n: int) -> Block | None:
    """The block that holds entry `n`, or the last one before it."""
    row = db.execute(_LAST_BLOCK, (n,)).fetchone()
    if row is None:
        return None
    block = Block(*row)
    _check_block(name, block)
    return block


def stored_size(db: sqlite3.Connection, table: str) -> int:
    """Bytes of what the rows of a table hold, as they are stored."""
    query = {
        "block": "SELECT total(length(data) + length(chain)) FROM block",
        "content": "SELECT total(length(data) + length(digest)) FROM content",
        "checkpoint": "SELECT total(length(data) + length(parts)) FROM checkpoint",
        "part": "SELECT total(length(data) + length(digest)) FROM part",
        "entry": "SELECT total(length(body) + 32 + ifnull(length(detail), 0)) FROM entry",
    }[table]
    return int(db.execute(query).fetchone()[0])


def insert_content(db: sqlite3.Connection, n: int, digest: bytes, packed: Packed) -> None:
    """Stores one content."""
    db.execute("INSERT INTO content VALUES (?, ?, ?, ?)", (n, digest, packed.size, packed.data))


def read_catalog(db: sqlite3.Connection, name: str) -> Iterator[tuple[int, bytes, int]]:
    """Number, digest and size of every content, in the order in which they were stored."""
    for n, digest, size in db.execute("SELECT n, digest, size FROM content ORDER BY n").fetchall():
        if not is_bytes(digest, 32) or not is_count(size) or size > MAX_CONTENT:
            msg = f"{name}: content {n} is damaged"
            raise BadRunFile(msg)
        yield n, digest, size


def read_content(db: sqlite3.Connection, name: str, n: int) -> Packed:
    """One content, as it is stored."""
    row = db.execute("SELECT size, data FROM content WHERE n = ?", (n,)).fetchone()
    return checked_packed(row, f"{name}: content {n} is damaged")


def checked_packed(row: tuple[object, ...] | None, msg: str) -> Packed:
    """Size and data of a content, as a row has them.

    Raises:
        BadRunFile: The row is missing or holds something else; says `msg`.
    """
    if row is not None:
        size, data = row
        if isinstance(size, int) and 0 <= size <= MAX_CONTENT and isinstance(data, bytes):
            return Packed(size, data)
    raise BadRunFile(msg)


def write_head(db: sqlite3.Connection, head: Head) -> None:
    """Replaces the head."""
    db.execute(_HEAD, (*head, head.seal()))


def read_head(db: sqlite3.Connection, name: str) -> Head:
    """The head.

    Raises:
        BadRunFile: It is missing, altered, or there is more than one.
    """
    rows = db.execute("SELECT * FROM head").fetchmany(2)
    if not rows:
        msg = f"{name}: the run was never begun, or its head is missing"
        raise BadRunFile(msg)
    number, *fields, seal = rows[0]
    head = Head(*fields)
    chains = (head.beginning_chain, head.anchor_chain, head.chain, head.catalog, head.marks)
    counts = (head.beginning, head.anchor, head.entries, head.contents, head.checkpoints)
    sound = (
        len(rows) == 1
        and number == 1
        and all(is_bytes(value, 32) for value in (*chains, seal))
        and is_bytes(head.run, 16)
        and all(is_count(value) for value in counts)
    )
    if not sound or head.seal() != seal:
        msg = f"{name}: the head does not match its seal"
        raise BadRunFile(msg)
    return head


def is_bytes(value: object, size: int | None = None) -> bool:
    """Whether it is bytes, of this size."""
    return isinstance(value, bytes) and (size is None or len(value) == size)


def is_count(value: object) -> bool:
    """Whether it is a number that can count something."""
    return isinstance(value, int) and value >= 0


def _check_block(name: str, block: Block) -> None:
    sound = (
        is_count(block.entries)
        and 1 <= block.entries <= MOST
        and is_bytes(block.chain, 32)
        and is_count(block.size)
        and block.size <= MAX_BLOCK
        and is_bytes(block.data)
    )
    if not sound:
        msg = f"{name}: the block that begins with entry {block.first} is damaged"
        raise BadRunFile(msg)
