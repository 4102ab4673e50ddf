"""The check that nothing in a run file differs from what was recorded."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal import entries, rows
from wasm_engine.journal.chain import NO_CONTENTS, START, Head, extend, extend_catalog
from wasm_engine.journal.entries import Header, Kind, StepBody
from wasm_engine.journal.packing import Packed, chunks, digests_in

if TYPE_CHECKING:
    import sqlite3

    from wasm_engine.journal.rows import Row


class Verified(NamedTuple):
    """What was verified: how many entries and steps, and the chain over them, in hex."""

    entries: int
    chain: str
    steps: int


def verify(db: sqlite3.Connection, name: str) -> Verified:
    """Recomputes the chain and all digests. Wants a transaction, so that no writer interferes.

    Raises:
        BadRunFile: Something differs; says what.
    """
    head = rows.read_head(db, name)
    walk = _Walk(name, _verify_contents(db, name, head))
    for row in rows.read_entries(db, name, after=-(1 << 63)):
        walk.take(row)
    walk.finish(head)
    return Verified(walk.count, walk.chain.hex(), walk.steps)


class _Walk:
    """The state of one pass over the entries."""

    def __init__(self, name: str, contents: set[bytes]) -> None:
        self.count = 0
        self.steps = 0
        self.chain = START
        self._name = name
        self._contents = contents
        self._unnamed = set(contents)

    def take(self, row: Row) -> None:
        """The next entry."""
        if row.n != self.count + 1:
            self._refuse(f"entry {self.count + 1} is missing: entry {row.n} follows {self.count}")
        self.count += 1
        chain = extend(self.chain, row.kind, row.body)
        if chain != row.chain:
            self._refuse(f"entry {row.n}: it does not match the chain")
        self.chain = chain
        detail_digest = self._decode(row)
        self._verify_detail(row, detail_digest)

    def finish(self, head: Head) -> None:
        """After the last entry."""
        if self.count != head.entries:
            self._refuse(f"it has {self.count} entries, its head says {head.entries}")
        if self.chain != head.chain:
            self._refuse("the chain over its entries is not the one in its head")
        if self._unnamed:
            self._refuse(f"content {min(self._unnamed).hex()[:16]} is named by no entry")

    def _decode(self, row: Row) -> bytes | None:
        try:
            value = entries.decode(row.kind, row.body)
        except BadRunFile as error:
            self._refuse(f"entry {row.n}: {error}")
        if isinstance(value, Header) != (row.n == 1):
            self._refuse(f"entry {row.n}: the header is the first entry, and no other is one")
        if isinstance(value, Header):
            missing = set(value.contents) - self._contents
            if missing:
                self._refuse(f"content {min(missing).hex()[:16]} is missing")
            self._unnamed.difference_update(value.contents)
        if self._unnamed:
            self._unnamed.difference_update(digests_in(row.body))
        if not isinstance(value, StepBody):
            return None
        self.steps += 1
        if value.step != self.steps:
            self._refuse(f"entry {row.n}: step {value.step} where step {self.steps} is due")
        return value.detail

    def _verify_detail(self, row: Row, digest: bytes | None) -> None:
        packed = row.packed_detail
        if packed is None and digest is None:
            return
        where = f"entry {row.n}" + (f" (step {self.steps})" if row.kind == Kind.STEP else "")
        if packed is None:
            self._refuse(f"{where}: its detail is missing")
        if digest is None:
            self._refuse(f"{where}: it has a detail that it does not name")
        try:
            detail = b"".join(chunks(packed))
        except ValueError as error:
            self._refuse(f"{where}: its detail is damaged ({error})")
        if sha256(detail).digest() != digest:
            self._refuse(f"{where}: its detail does not match its digest")
        if self._unnamed:
            self._unnamed.difference_update(digests_in(detail))

    def _refuse(self, what: str) -> NoReturn:
        raise BadRunFile(f"{self._name}: {what}")


def _verify_contents(db: sqlite3.Connection, name: str, head: Head) -> set[bytes]:
    """Checks every content against its digest, and all against the head; gives their digests."""
    catalog, digests = NO_CONTENTS, set[bytes]()
    for ordinal, (n, digest, size) in enumerate(rows.read_catalog(db, name), 1):
        if n != ordinal or digest in digests:
            msg = f"{name}: content {n} is one too many, or one before it is missing"
            raise BadRunFile(msg)
        if not _is_content(digest, rows.read_content(db, name, n)):
            msg = f"{name}: content {digest.hex()[:16]} does not match its digest"
            raise BadRunFile(msg)
        catalog = extend_catalog(catalog, digest, size)
        digests.add(digest)
    if len(digests) != head.contents or catalog != head.catalog:
        msg = f"{name}: it has {len(digests)} contents, which are not those its head names"
        raise BadRunFile(msg)
    return digests


def _is_content(digest: bytes, packed: Packed) -> bool:
    """Whether a stored blob is the content of that digest. Takes one piece of it at a time."""
    actual = sha256()
    try:
        for piece in chunks(packed):
            actual.update(piece)
    except ValueError:
        return False
    return actual.digest() == digest
