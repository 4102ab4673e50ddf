"""Reads version 1 and presents it as the newest one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal import rows, schema
from wasm_engine.journal.entries import Entry, Header, Kind
from wasm_engine.journal.packing import unpack
from wasm_engine.journal.reading import Sizes, decode_header
from wasm_engine.journal.v1 import tables, verification
from wasm_engine.journal.v1.steps import without_digest

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from wasm_engine.concepts.envelope import Envelope
    from wasm_engine.journal.chain import Head
    from wasm_engine.journal.checkpoints import CheckpointRow
    from wasm_engine.journal.verification import Verified


class RowReader:
    """Reads version 1.

    Args:
        db: The database.
        name: Of the file, for messages.
    """

    version = 1

    def __init__(self, db: sqlite3.Connection, name: str) -> None:
        schema.check_tables(db, name, tables.TABLES)
        self._db = db
        self._name = name

    def head(self) -> Head:
        """Where the run stands."""
        return tables.read_head(self._db, self._name)

    def header(self) -> Header:
        """The first entry, checked against the chain."""
        first = next(tables.read_entries(self._db, self._name, after=0), None)
        if first is None or first.n != 1:
            msg = f"{self._name}: its header is missing"
            raise BadRunFile(msg)
        if tables.extend(tables.START, first.kind, first.body) != first.chain:
            msg = f"{self._name}: entry 1: it does not match the chain"
            raise BadRunFile(msg)
        return decode_header(self._name, first.kind, first.body, self.version)

    def marks(self) -> list[CheckpointRow]:
        """There were no checkpoints."""
        return []

    def parts(self) -> dict[bytes, int]:
        """Nor blobs that they named."""
        return {}

    def entries(self, start: int) -> Iterator[Entry]:
        """The entries from a number on, as those of the newest version."""
        for row in tables.read_entries(self._db, self._name, start - 1):
            packed, body, detail = row.packed_detail, row.body, None
            if packed is not None:
                try:
                    detail = unpack(packed)
                except ValueError as error:
                    msg = f"{self._name}: the detail of entry {row.n}: damaged ({error})"
                    raise BadRunFile(msg) from None
            if row.kind == Kind.STEP:
                body = without_digest(body, named=detail is not None)
            yield Entry(row.n, row.kind, body, detail)

    def chain_after(self, n: int) -> bytes:
        """The chain after an entry."""
        row = next(tables.read_entries(self._db, self._name, after=n - 1), None)
        if row is None or row.n != n:
            msg = f"{self._name}: entry {n} is missing"
            raise BadRunFile(msg)
        return row.chain

    def signatures(self) -> list[Envelope]:
        """There were no signatures."""
        return []

    def sizes(self) -> Sizes:
        """What the run takes."""
        entry, content = (rows.stored_size(self._db, table) for table in ("entry", "content"))
        return Sizes(entry, content, 0)

    def verify(self, fresh: dict[bytes, bytes] | None = None) -> Verified:
        """Recomputes everything; may keep contents that it found right."""
        return verification.verify(self._db, self._name, fresh)

    def verify_tail(self, after: int | None) -> Verified:  # noqa: ARG002 (there was none)
        """The same: there is no checkpoint from which to go on."""
        return self.verify()
