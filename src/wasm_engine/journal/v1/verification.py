"""The check that nothing in a run file of version 1 differs from what was recorded."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NoReturn

from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal import entries, schema
from wasm_engine.journal.entries import Header, Kind
from wasm_engine.journal.packing import chunks, digests_in
from wasm_engine.journal.v1 import steps, tables
from wasm_engine.journal.verification import Verified, verify_contents

if TYPE_CHECKING:
    import sqlite3

    from wasm_engine.journal.chain import Head
    from wasm_engine.journal.v1.tables import Row


def verify(db: sqlite3.Connection, name: str, fresh: dict[bytes, bytes] | None = None) -> Verified:
    """Recomputes the chain and all digests. Wants a transaction, so that no writer interferes.

    Raises:
        BadRunFile: Something differs; says what.
    """
    schema.check_structure(db, name, auto_vacuum=0)
    head = tables.read_head(db, name)
    walk = _Walk(name, verify_contents(db, name, head.contents, head.catalog, fresh))
    for row in tables.read_entries(db, name, after=-(1 << 63)):
        walk.take(row)
    walk.finish(head)
    return Verified(walk.count, walk.chain.hex(), walk.steps)


class _Walk:
    """The state of one pass over the entries."""

    def __init__(self, name: str, contents: set[bytes]) -> None:
        self.count = 0
        self.steps = 0
        self.chain = tables.START
        self._name = name
        self._contents = contents
        self._unnamed = set(contents)

    def take(self, row: Row) -> None:
        """The next entry."""
        if row.n != self.count + 1:
            self._refuse(f"entry {self.count + 1} is missing: entry {row.n} follows {self.count}")
        self.count += 1
        chain = tables.extend(self.chain, row.kind, row.body)
        if chain != row.chain:
            self._refuse(f"entry {row.n}: it does not match the chain")
        self.chain = chain
        try:
            digest = self._decode(row)
        except BadRunFile as error:
            self._refuse(f"entry {row.n}: {error}")
        if self._unnamed:
            self._unnamed.difference_update(digests_in(row.body))
        self._verify_detail(row, digest)

    def finish(self, head: Head) -> None:
        """After the last entry."""
        if self.count != head.entries:
            self._refuse(f"it has {self.count} entries, its head says {head.entries}")
        if self.chain != head.chain:
            self._refuse("the chain over its entries is not the one in its head")
        if self._unnamed:
            self._refuse(f"content {min(self._unnamed).hex()[:16]} is named by no entry")

    def _decode(self, row: Row) -> bytes | None:
        """Checks an entry's body; answers the digest of the detail that it names."""
        if row.kind == Kind.STEP:
            step, digest = steps.decode(row.body)
            self.steps += 1
            if step.step != self.steps:
                raise BadRunFile(f"step {step.step} where step {self.steps} is due")
            return digest
        if row.kind > Kind.STEP:
            raise BadRunFile(f"there is no kind of entry {row.kind}")
        value = entries.decode(row.kind, row.body)
        if isinstance(value, Header) != (row.n == 1):
            raise BadRunFile("the header is the first entry, and no other is one")
        if isinstance(value, Header):
            missing = set(value.contents) - self._contents
            if missing:
                self._refuse(f"content {min(missing).hex()[:16]} is missing")
            self._unnamed.difference_update(value.contents)
        return None

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
