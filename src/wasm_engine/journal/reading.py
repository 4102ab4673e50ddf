"""Reading a run file: its header and its entries, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal import (
    blocks,
    checkpoints,
    entries,
    rows,
    schema,
    signatures,
    verification,
)
from wasm_engine.journal.chain import START, extend_by
from wasm_engine.journal.entries import VERSION, Entry, Header, Kind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from wasm_engine.concepts.envelope import Envelope
    from wasm_engine.journal.blocks import Block, Plain
    from wasm_engine.journal.chain import Head
    from wasm_engine.journal.checkpoints import CheckpointRow
    from wasm_engine.journal.verification import Verified


class Sizes(NamedTuple):
    """Bytes that a run file takes: of its entries, its contents, and its checkpoints."""

    journal: int
    contents: int
    checkpoints: int


class Reader(Protocol):
    """What a version of the format needs in order to be read."""

    version: int

    def head(self) -> Head:
        """Where the run stands."""

    def header(self) -> Header:
        """The first entry, checked against the chain."""

    def marks(self) -> list[CheckpointRow]:
        """The checkpoints, oldest first."""

    def parts(self) -> dict[bytes, int]:
        """The blobs that they name: number, by digest."""

    def entries(self, start: int) -> Iterator[Entry]:
        """The entries from a number on, as those of the newest version."""

    def chain_after(self, n: int) -> bytes:
        """The chain after an entry, as the run says."""

    def signatures(self) -> list[Envelope]:
        """The signatures that it bears, oldest first."""

    def sizes(self) -> Sizes:
        """What the run takes."""

    def verify(self, fresh: dict[bytes, bytes] | None = None) -> Verified:
        """Recomputes everything; may keep contents that it found right."""

    def verify_tail(self, after: int | None) -> Verified:
        """Recomputes what is needed to go on from a checkpoint, the newest if none is given."""


class BlockReader:
    """Reads version 2.

    Args:
        db: The database.
        name: Of the file, for messages.
    """

    version = 2

    def __init__(self, db: sqlite3.Connection, name: str) -> None:
        schema.check_tables(db, name, schema.TABLES, [signatures.TABLE])
        self._db = db
        self._name = name

    def head(self) -> Head:
        """Where the run stands."""
        return rows.read_head(self._db, self._name)

    def header(self) -> Header:
        """The first entry, checked against the chain."""
        block = next(rows.read_blocks(self._db, self._name, 1), None)
        if block is None or block.first != 1:
            msg = f"{self._name}: its header is missing"
            raise BadRunFile(msg)
        plain = self._plain(block)
        if extend_by(START, plain) != block.chain:
            msg = f"{self._name}: entries 1 to {block.entries} do not match the chain"
            raise BadRunFile(msg)
        return decode_header(self._name, *plain[0][:2], VERSION)

    def marks(self) -> list[CheckpointRow]:
        """The checkpoints, oldest first."""
        return checkpoints.read_marks(self._db, self._name)

    def parts(self) -> dict[bytes, int]:
        """The blobs that they name: number, by digest."""
        return checkpoints.read_parts(self._db, self._name)

    def entries(self, start: int) -> Iterator[Entry]:
        """The entries from a number on, in their order."""
        n = start
        while (block := rows.block_with(self._db, self._name, n)) is not None:
            plain = self._plain(block)
            if block.first < n:
                plain = plain[n - block.first :]
            else:
                n = block.first
            for kind, body, detail in plain:
                yield Entry(n, kind, body, detail)
                n += 1

    def chain_after(self, n: int) -> bytes:
        """The chain after an entry: stored at the end of its block, else computed from there."""
        block = rows.last_block(self._db, self._name, n)
        if block is None or n >= block.first + block.entries:
            return self._chain_before(n + 1)
        if n == block.first + block.entries - 1:
            return block.chain
        wanted = n - block.first + 1
        return extend_by(self._chain_before(block.first), self._plain(block)[:wanted])

    def _chain_before(self, n: int) -> bytes:
        """The chain before the first entry of a block."""
        head = self.head()
        if n == 1:
            return START
        if n == head.anchor + 1:
            return head.anchor_chain
        block = rows.last_block(self._db, self._name, n - 1)
        if block is None or block.first + block.entries != n:
            msg = f"{self._name}: entry {n - 1} is missing"
            raise BadRunFile(msg)
        return block.chain

    def signatures(self) -> list[Envelope]:
        """The signatures that it bears, oldest first."""
        return signatures.read(self._db, self._name)

    def sizes(self) -> Sizes:
        """What the run takes."""
        tables = ("block", "content", "checkpoint", "part")
        block, content, checkpoint, part = (rows.stored_size(self._db, table) for table in tables)
        return Sizes(block, content, checkpoint + part)

    def verify(self, fresh: dict[bytes, bytes] | None = None) -> Verified:
        """Recomputes everything; may keep contents that it found right."""
        return verification.verify(self._db, self._name, fresh)

    def verify_tail(self, after: int | None) -> Verified:
        """Recomputes what is needed to go on from a checkpoint, the newest if none is given."""
        return verification.verify_tail(self._db, self._name, after)

    def _plain(self, block: Block) -> list[Plain]:
        try:
            return blocks.unpack_block(block)
        except BadRunFile as error:
            last = block.first + block.entries - 1
            msg = f"{self._name}: entries {block.first} to {last}: {error}"
            raise BadRunFile(msg) from None


def decode_header(name: str, kind: int, body: bytes, version: int) -> Header:
    """The first entry as a header.

    Raises:
        BadRunFile: It is none, or one of another version.
    """
    if kind != Kind.HEADER:
        msg = f"{name}: its header is missing"
        raise BadRunFile(msg)
    try:
        header = entries.decode(kind, body)
    except BadRunFile as error:
        msg = f"{name}: entry 1: {error}"
        raise BadRunFile(msg) from None
    if not isinstance(header, Header) or header.version != version:
        msg = f"{name}: its journal is of another version than {version}, which it should be"
        raise BadRunFile(msg)
    return header
