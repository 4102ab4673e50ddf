"""The writing side of a run file: entries and contents gathered into few transactions."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from wasm_engine.concepts.errors import EngineError, HostFault
from wasm_engine.journal import rows
from wasm_engine.journal.chain import Head, extend, extend_catalog
from wasm_engine.journal.database import guarded
from wasm_engine.journal.packing import MAX_ENTRY, Packed, digests_in, pack

if TYPE_CHECKING:
    from collections.abc import Iterable

BATCH_ENTRIES = 1024
BATCH_BYTES = 1 << 20

_Row: TypeAlias = tuple[int, int, bytes, bytes, int | None, bytes | None]


class Writer:
    """What was appended and is not stored yet, and the transactions that store it.

    A row in the buffer holds its own number and chain, so that an interrupt at any point leaves a
    buffer that continues the stored entries.

    Attributes:
        catalog: Number of every stored content, by digest.
    """

    def __init__(
        self, db: sqlite3.Connection, name: str, head: Head, catalog: dict[bytes, int]
    ) -> None:
        self.catalog = catalog
        self._db = db
        self._name = name
        self._head = head
        self._rows: list[_Row] = []
        self._bytes = 0
        self._ready: list[tuple[bytes, Packed]] = []
        self._waiting: dict[bytes, Packed] = {}
        self._unsynced = False
        self._full: bool | None = None

    @property
    def count(self) -> int:
        """Entries appended so far."""
        return self._head.entries + len(self._rows)

    @property
    def chain(self) -> bytes:
        """The chain after the last entry appended."""
        return self._rows[-1][3] if self._rows else self._head.chain

    def append(self, kind: int, body: bytes, detail: bytes | None, *, durable: bool) -> None:
        """Adds an entry; stores what has gathered if it has to be durable, or if it is enough."""
        buffer, size, stored = self._rows, None, None
        taken = len(body)
        if detail is not None:
            packed = pack(detail)
            size, stored = packed.size, packed.data
            taken += size
        if taken > MAX_ENTRY:
            msg = f"{self._name}: an entry of {taken} bytes is too large to be recorded"
            raise HostFault(msg, code="entry-size")
        chain = extend(buffer[-1][3] if buffer else self._head.chain, kind, body)
        if self._waiting:
            self._release_named(body, detail)
        n = self._head.entries + len(buffer) + 1
        buffer.append((n, int(kind), body, chain, size, stored))
        self._bytes += taken
        if durable or len(buffer) >= BATCH_ENTRIES or self._bytes >= BATCH_BYTES:
            self.commit(durable=durable)

    def put(self, digest: bytes, packed: Packed) -> None:
        """Adds a content. It is stored with the first entry that names it, or not at all."""
        if self.waiting_content(digest) is None and digest not in self.catalog:
            self._waiting[digest] = packed

    def name_contents(self, digests: Iterable[bytes]) -> None:
        """Lets contents be stored with the next commit: an entry names them."""
        for digest in digests:
            packed = self._waiting.pop(digest, None)
            if packed is not None:
                self._ready.append((digest, packed))
                self._bytes += len(packed.data)

    def waiting_content(self, digest: bytes) -> Packed | None:
        """A content that was put and is not stored yet."""
        if digest in self._waiting:
            return self._waiting[digest]
        return next((packed for known, packed in self._ready if known == digest), None)

    def commit(self, *, durable: bool) -> None:
        """Stores all entries appended so far, in one transaction.

        Raises:
            HostFault: The machine could not. What was stored before stays, and so does the buffer.
        """
        if not self._rows and not self._ready and not (durable and self._unsynced):
            return
        try:
            with guarded(self._name, "written"):
                self._write(durable=durable)
        except BaseException:
            with suppress(sqlite3.Error, EngineError):
                self._resume_from_stored()
            raise

    def _write(self, *, durable: bool) -> None:
        db, head = self._db, self._head
        if durable != self._full:
            db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._full = durable
        catalog = head.catalog
        db.execute("BEGIN IMMEDIATE")
        rows.insert_entries(db, self._rows)
        for n, (digest, packed) in enumerate(self._ready, head.contents + 1):
            rows.insert_content(db, n, digest, packed)
            catalog = extend_catalog(catalog, digest, packed.size)
        after = Head(head.run, self.count, self.chain, head.contents + len(self._ready), catalog)
        rows.write_head(db, after)
        db.execute("COMMIT")
        self._unsynced = not durable
        self._advance(after)

    def _advance(self, stored: Head) -> None:
        """Forgets what is stored by now."""
        for n in range(self._head.contents, stored.contents):
            self.catalog[self._ready.pop(0)[0]] = n + 1
        del self._rows[: stored.entries - self._head.entries]
        self._head = stored
        self._bytes = 0

    def _resume_from_stored(self) -> None:
        """After a failure: whether the transaction was committed is what the file says."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        self._full = None
        self._advance(rows.read_head(self._db, self._name))

    def _release_named(self, body: bytes, detail: bytes | None) -> None:
        self.name_contents(digests_in(body))
        if detail is not None:
            self.name_contents(digests_in(detail))
