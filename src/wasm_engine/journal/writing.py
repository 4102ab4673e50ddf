"""The writing side of a run file: entries, contents, checkpoints gathered into few transactions."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from wasm_engine.concepts.errors import EngineError, HostFault
from wasm_engine.journal import checkpoints, rows
from wasm_engine.journal.blocks import ENOUGH, MOST, Block, Plain, pack_block, unpack_block
from wasm_engine.journal.chain import extend_by, extend_catalog
from wasm_engine.journal.checkpoints import CheckpointRow, Pending
from wasm_engine.journal.database import guarded
from wasm_engine.journal.packing import MAX_ENTRY, Packed, digests_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wasm_engine.journal.chain import Head
    from wasm_engine.journal.opening import Opened

SMALL = 64
"""So many blocks of fewer entries than that, one behind the other, are made one."""


class Writer:
    """What was appended and is not stored yet, and the transactions that store it.

    An entry enters the buffer whole, so that an interrupt at any point leaves a buffer that
    continues the stored entries. The chain is computed for many at once, when somebody asks.

    Attributes:
        catalog: Number of every stored content, by digest.
        marks: The stored checkpoints, oldest first.
        parts: Row of every stored blob of theirs, by digest.
    """

    def __init__(self, opened: Opened) -> None:
        self.catalog = opened.catalog
        self.marks = opened.marks
        self.parts = opened.parts
        self._db = opened.db
        self._name = opened.name
        self._head = opened.head
        self._buffer: list[Plain] = []
        self._linked = (0, opened.head.chain)
        self._bytes = 0
        self._ready: list[tuple[bytes, Packed]] = []
        self._waiting: dict[bytes, Packed] = {}
        self._pending: list[Pending] = []
        self._attempted: Head | None = None
        self._small: list[int] = []
        self._unsynced = False
        self._full: bool | None = None

    @property
    def count(self) -> int:
        """Entries appended so far."""
        return self._head.entries + len(self._buffer)

    @property
    def chain(self) -> bytes:
        """The chain after the last entry appended."""
        return self._chain_after(len(self._buffer))

    def append(self, kind: int, body: bytes, detail: bytes | None, *, durable: bool) -> None:
        """Adds an entry; stores what has gathered if it has to be durable, or if it is enough."""
        taken = len(body) if detail is None else len(body) + len(detail)
        if taken > MAX_ENTRY:
            msg = f"{self._name}: an entry of {taken} bytes is too large to be recorded"
            raise HostFault(msg, code="entry-size")
        if self._waiting:
            self._release_named(body, detail)
        self._buffer.append((int(kind), body, detail))
        self._bytes += taken
        if durable or self._bytes >= ENOUGH or len(self._buffer) >= MOST:
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

    def put_checkpoint(self, pending: Pending) -> None:
        """Adds a checkpoint of what was appended so far; stored with the next commit."""
        self._pending.append(pending)

    def waiting_content(self, digest: bytes) -> Packed | None:
        """A content, or a blob of a checkpoint, that was put and is not stored yet."""
        if digest in self._waiting:
            return self._waiting[digest]
        for known, packed in self._ready:
            if known == digest:
                return packed
        return next((p.blobs[digest] for p in self._pending if digest in p.blobs), None)

    def commit(self, *, durable: bool) -> None:
        """Stores all that was added so far, in one transaction.

        Raises:
            HostFault: The machine could not. What was stored before stays, and so does the buffer.
        """
        anything = self._buffer or self._ready or self._pending
        if not anything and not (durable and self._unsynced):
            return
        try:
            with guarded(self._name, "written"):
                self._write(durable=durable)
        except BaseException:
            with suppress(sqlite3.Error, EngineError):
                self._resume_from_stored()
            raise

    def _chain_after(self, wanted: int) -> bytes:
        """The chain after so many entries of the buffer."""
        done, chain = self._linked
        if wanted < done:
            done, chain = 0, self._head.chain
        chain = extend_by(chain, self._buffer[done:wanted])
        self._linked = (wanted, chain)
        return chain

    def _write(self, *, durable: bool) -> None:
        db, head, count = self._db, self._head, self.count
        blocks = list(self._blocks())
        if durable != self._full:
            db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._full = durable
        catalog = head.catalog
        db.execute("BEGIN IMMEDIATE")
        small = self._store_blocks(blocks)
        for n, (digest, packed) in enumerate(self._ready, head.contents + 1):
            rows.insert_content(db, n, digest, packed)
            catalog = extend_catalog(catalog, digest, packed.size)
        after = head._replace(
            entries=count,
            chain=blocks[-1].chain if blocks else head.chain,
            contents=head.contents + len(self._ready),
            catalog=catalog,
        )
        if self._pending:
            kept = self._write_checkpoints()
            after = after._replace(checkpoints=len(kept), marks=checkpoints.marks_of(kept))
        self._attempted = after
        rows.write_head(db, after)
        db.execute("COMMIT")
        self._small = small
        self._unsynced = not durable
        self._advance(after)

    def _blocks(self) -> Iterator[Block]:
        """The buffer as rows. It holds more than a block only where a commit has failed."""
        buffer, begin, taken = self._buffer, 0, 0
        for at, (_, body, detail) in enumerate(buffer, 1):
            taken += len(body) + len(detail or b"")
            if at == len(buffer) or at - begin == MOST or taken >= ENOUGH:
                first = self._head.entries + begin + 1
                yield pack_block(first, buffer[begin:at], self._chain_after(at))
                begin, taken = at, 0

    def _store_blocks(self, blocks: list[Block]) -> list[int]:
        """Stores blocks, and makes one of those that many small commits have left.

        Answers the first entries of the small ones at the end of the file, this one included.
        """
        db = self._db
        if len(blocks) != 1 or blocks[0].entries >= SMALL or blocks[0].size >= ENOUGH // SMALL:
            rows.insert_blocks(db, blocks)
            return self._small if not blocks else []
        small = [*self._small, blocks[0].first]
        if len(small) < SMALL:
            rows.insert_blocks(db, blocks)
            return small
        end = blocks[0].first + blocks[0].entries
        first = next(first for first in small if end - first <= MOST)
        plain = [
            entry
            for block in rows.read_blocks(db, self._name, first)
            for entry in unpack_block(block)
        ]
        rows.delete_blocks(db, first)
        rows.insert_blocks(db, [pack_block(first, plain + self._buffer, blocks[0].chain)])
        return []

    def _write_checkpoints(self) -> list[CheckpointRow]:
        """Stores those that are pending, and takes out those that have become too many."""
        db, parts = self._db, dict(self.parts)
        known = {row.n: row for row in self.marks}
        for pending in self._pending:
            checkpoints.insert_checkpoint(db, pending.row, pending.data)
            known[pending.row.n] = pending.row
            for digest, packed in pending.blobs.items():
                if digest not in parts:
                    parts[digest] = checkpoints.insert_part(db, digest, packed)
        kept = checkpoints.worth_keeping(list(known.values()), self._head.anchor)
        named = {digest for row in kept for digest in row.parts}
        stale = [number for digest, number in parts.items() if digest not in named]
        gone = set(known.values()) - set(kept)
        if gone or stale:
            checkpoints.delete(db, gone, stale)
        return kept

    def _advance(self, stored: Head) -> None:
        """Forgets what is stored by now."""
        for n in range(self._head.contents, stored.contents):
            self.catalog[self._ready.pop(0)[0]] = n + 1
        if self._pending and stored == self._attempted:
            self.marks[:] = checkpoints.read_marks(self._db, self._name)
            self.parts.clear()
            self.parts.update(checkpoints.read_parts(self._db, self._name))
            self._pending.clear()
        del self._buffer[: stored.entries - self._head.entries]
        self._head = stored
        self._linked = (0, stored.chain)
        self._bytes = 0

    def _resume_from_stored(self) -> None:
        """After a failure: whether the transaction was committed is what the file says."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        self._full = None
        self._small = []
        self._advance(rows.read_head(self._db, self._name))

    def _release_named(self, body: bytes, detail: bytes | None) -> None:
        self.name_contents(digests_in(body))
        if detail is not None:
            self.name_contents(digests_in(detail))
