"""The check that nothing in a run file differs from what was recorded."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal import checkpoints, entries, rows, schema, signatures
from wasm_engine.journal.blocks import unpack_block
from wasm_engine.journal.chain import NO_CONTENTS, START, extend_by, extend_catalog
from wasm_engine.journal.entries import Control, Header, Kind, StepBody
from wasm_engine.journal.packing import Packed, chunks, digests_in, unpack

if TYPE_CHECKING:
    import sqlite3

    from wasm_engine.journal.blocks import Block, Plain
    from wasm_engine.journal.chain import Head
    from wasm_engine.journal.checkpoints import CheckpointRow


MOST_FRESH = 64 << 20
"""Bytes of contents that are kept for whoever asks for them next."""


class Verified(NamedTuple):
    """What was verified: how many entries and steps there are, and the chain over them, in hex."""

    entries: int
    chain: str
    steps: int


def verify(db: sqlite3.Connection, name: str, fresh: dict[bytes, bytes] | None = None) -> Verified:
    """Recomputes the chain and all digests. Wants a transaction, so that no writer interferes.

    Args:
        db: The database.
        name: Of the file.
        fresh: Where to keep contents that were found right, by digest, up to `MOST_FRESH` bytes:
            whoever opens a run to execute it needs them next, and the largest take a while.

    Raises:
        BadRunFile: Something differs; says what.
    """
    schema.check_structure(db, name)
    head = rows.read_head(db, name)
    marks = _verify_marks(db, name, head)
    signatures.read(db, name)
    contents = verify_contents(db, name, head.contents, head.catalog, fresh)
    walk = Walk(name, head, marks, contents)
    for block in rows.read_blocks(db, name):
        walk.take(block)
    _verify_checkpoints(db, name, marks, contents)
    if head.anchor:
        # What was left out of a compacted run may have named what its checkpoints still need.
        for mark in marks:
            walk.name(unpack(checkpoints.read_data(db, name, mark.n)), *mark.parts)
    walk.finish()
    return Verified(walk.count, walk.chain.hex(), walk.steps)


def verify_tail(db: sqlite3.Connection, name: str, after: int | None = None) -> Verified:
    """Checks what the world is made of, and what comes after a checkpoint.

    Contents are checked as they are used (`RunFile.content`), and so is what a checkpoint holds.

    Args:
        db: The database, in a transaction.
        name: Of the file.
        after: The entry after which a checkpoint stands; the newest one's if not given.

    Raises:
        BadRunFile: Something differs; says what.
    """
    head = rows.read_head(db, name)
    marks = _verify_marks(db, name, head)
    mark = next((mark for mark in reversed(marks) if after in (None, mark.n)), None)
    if mark is None:
        return verify(db, name)
    walk = Walk(name, head, marks, {digest for _, digest, _ in rows.read_catalog(db, name)})
    for block in rows.read_blocks(db, name):
        walk.take(block)
        if not walk.is_beginning or walk.count == head.beginning:
            break
    if walk.count < mark.n:
        walk.skip_to(mark)
    for block in rows.read_blocks(db, name, walk.count + 1):
        walk.take(block)
    walk.finish(named=False)
    return Verified(walk.count, walk.chain.hex(), walk.steps)


class Walk:
    """The state of one pass over the entries.

    Attributes:
        count: Entries so far, with those that were left out.
        steps: The last step.
        chain: The chain so far.
        is_beginning: Whether all entries so far only say what the world is made of.
    """

    def __init__(
        self, name: str, head: Head, marks: list[CheckpointRow], contents: set[bytes]
    ) -> None:
        self.count = 0
        self.steps = 0
        self.chain = START
        self.is_beginning = True
        self._name = name
        self._head = head
        self._marks = {mark.n: mark for mark in marks}
        self._contents = contents
        self._unnamed = set(contents)
        self._in_the_middle = False

    def take(self, block: Block) -> None:
        """The next block."""
        self._leave_out()
        plain = self._plain(block)
        first, steps = self.count + 1, [kind for kind, _, _ in plain].count(Kind.STEP)
        self.chain, linked = self._link(plain), self.count + len(plain)
        if self.chain != block.chain:
            where = f"entries {first} to {linked}"
            if steps:
                where += f" (steps {self.steps + 1} to {self.steps + steps})"
            self._refuse(f"{where}: they do not match the chain")
        for kind, body, detail in plain:
            self.count += 1
            self._examine(kind, body)
            if detail is not None and (kind != Kind.STEP or not detail):
                self._refuse(f"entry {self.count}: it has a detail, which only steps have")
            if self._unnamed:
                self.name(body)
                self.name(detail or b"")
            if self.count in self._marks and self._marks[self.count].step != self.steps:
                self._refuse(f"the checkpoint after entry {self.count} is of another step")

    def name(self, data: bytes, *digests: bytes) -> None:
        """Something that names contents."""
        self._unnamed.difference_update(digests_in(data), digests)

    def skip_to(self, mark: CheckpointRow) -> None:
        """Goes on after a checkpoint, be it in the middle of a block."""
        self.count, self.steps, self.chain = mark.n, mark.step, mark.chain
        self.is_beginning = False
        self._in_the_middle = True

    def finish(self, *, named: bool = True) -> None:
        """After the last entry; `named`: all have been seen, so what none names is too much."""
        self._leave_out()
        head = self._head
        if self.count != head.entries:
            self._refuse(f"it has {self.count} entries, its head says {head.entries}")
        if self.chain != head.chain:
            self._refuse("the chain over its entries is not the one in its head")
        if named and self._unnamed:
            self._refuse(f"content {min(self._unnamed).hex()[:16]} is named by no entry")
        if any(n > self.count for n in self._marks):
            self._refuse("it has a checkpoint that is after its end")

    def _plain(self, block: Block) -> list[Plain]:
        """The entries of the block that are due; all of them but for the first one after a skip."""
        due = self.count + 1
        inside = self._in_the_middle and block.first < due < block.first + block.entries
        self._in_the_middle = False
        if block.first != due and not inside:
            self._refuse(f"entry {due} is missing: entry {block.first} follows {self.count}")
        try:
            return unpack_block(block)[due - block.first :]
        except BadRunFile as error:
            self._refuse(f"entries {block.first} to {block.first + block.entries - 1}: {error}")

    def _link(self, plain: list[Plain]) -> bytes:
        """The chain after a block; the checkpoints in it stand where they say."""
        chain, at, first = self.chain, 0, self.count + 1
        for n in sorted(n for n in self._marks if first <= n < first + len(plain)):
            chain = extend_by(chain, plain[at : n - self.count])
            at = n - self.count
            if chain != self._marks[n].chain:
                self._refuse(f"the checkpoint after entry {n} does not match the chain")
        return extend_by(chain, plain[at:])

    def _leave_out(self) -> None:
        """Goes on after what a compacted run has left out, where that begins."""
        head = self._head
        if not head.anchor or self.count != head.beginning:
            return
        mark = self._marks.get(head.anchor)
        if self.chain != head.beginning_chain or mark is None or mark.chain != head.anchor_chain:
            self._refuse("what was left out of it is not what its head says")
        self.count, self.steps, self.chain = mark.n, mark.step, mark.chain
        self.is_beginning = False

    def _examine(self, kind: int, body: bytes) -> None:
        try:
            value = entries.decode(kind, body)
        except BadRunFile as error:
            self._refuse(f"entry {self.count}: {error}")
        if isinstance(value, StepBody):
            self.is_beginning = False
            self.steps += 1
            if value.step != self.steps:
                self._refuse(f"entry {self.count}: step {value.step} where {self.steps} is due")
            return
        if isinstance(value, Header) != (self.count == 1):
            self._refuse(f"entry {self.count}: the header is the first entry, and no other is one")
        if isinstance(value, Header):
            missing = set(value.contents) - self._contents
            if missing:
                self._refuse(f"content {min(missing).hex()[:16]} is missing")
            self._unnamed.difference_update(value.contents)
        elif not isinstance(value, Control):
            self.is_beginning = False

    def _refuse(self, what: str) -> NoReturn:
        raise BadRunFile(f"{self._name}: {what}")


def verify_contents(
    db: sqlite3.Connection,
    name: str,
    count: int,
    catalog: bytes,
    fresh: dict[bytes, bytes] | None = None,
) -> set[bytes]:
    """Checks every content against its digest, and all against the head; gives their digests.

    Raises:
        BadRunFile: One differs, is missing, or is one too many.
    """
    found, digests, room = NO_CONTENTS, set[bytes](), 0 if fresh is None else MOST_FRESH
    for ordinal, (n, digest, size) in enumerate(rows.read_catalog(db, name), 1):
        if n != ordinal or digest in digests:
            msg = f"{name}: content {n} is one too many, or one before it is missing"
            raise BadRunFile(msg)
        pieces: list[bytes] | None = [] if size <= room else None
        if not _is_content(digest, rows.read_content(db, name, n), pieces):
            msg = f"{name}: content {digest.hex()[:16]} does not match its digest"
            raise BadRunFile(msg)
        if fresh is not None and pieces is not None:
            fresh[digest] = b"".join(pieces)
            room -= size
        found = extend_catalog(found, digest, size)
        digests.add(digest)
    if len(digests) != count or found != catalog:
        msg = f"{name}: it has {len(digests)} contents, which are not those its head names"
        raise BadRunFile(msg)
    return digests


def _verify_marks(db: sqlite3.Connection, name: str, head: Head) -> list[CheckpointRow]:
    """The checkpoints, which have to be those that the head names."""
    marks = checkpoints.read_marks(db, name)
    if len(marks) != head.checkpoints or checkpoints.marks_of(marks) != head.marks:
        msg = f"{name}: its checkpoints are not those that its head names"
        raise BadRunFile(msg)
    return marks


def _verify_checkpoints(
    db: sqlite3.Connection, name: str, marks: list[CheckpointRow], contents: set[bytes]
) -> None:
    """Checks what checkpoints hold, and the blobs that they name, against their digests."""
    for mark in marks:
        if not _is_content(mark.digest, checkpoints.read_data(db, name, mark.n)):
            msg = f"{name}: the checkpoint after entry {mark.n} does not match its digest"
            raise BadRunFile(msg)
    parts = checkpoints.read_parts(db, name)
    named = {digest for mark in marks for digest in mark.parts}
    if not named - contents <= parts.keys() <= named - contents:
        msg = f"{name}: the parts of its checkpoints are not those that they name"
        raise BadRunFile(msg)
    for digest, number in parts.items():
        if not _is_content(digest, checkpoints.read_part(db, name, number)):
            msg = f"{name}: part {digest.hex()[:16]} of a checkpoint does not match its digest"
            raise BadRunFile(msg)


def _is_content(digest: bytes, packed: Packed, kept: list[bytes] | None = None) -> bool:
    """Whether a stored blob is the content of that digest. Takes one piece of it at a time.

    Keeps the pieces where there is a list for them.
    """
    actual = sha256()
    try:
        for piece in chunks(packed):
            actual.update(piece)
            if kept is not None:
                kept.append(piece)
    except ValueError:
        return False
    return actual.digest() == digest
