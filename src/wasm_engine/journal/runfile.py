"""RunFile: one run in one file that can be appended to, verified, read, and copied alone."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

from wasm_engine.concepts.canonical import sha256
from wasm_engine.concepts.errors import BadRunFile, Bug, EngineError
from wasm_engine.journal import checkpoints, copying, opening, rows, signatures
from wasm_engine.journal.checkpoints import CheckpointRow, Pending
from wasm_engine.journal.database import guarded
from wasm_engine.journal.entries import Entry, Header, Kind
from wasm_engine.journal.packing import MAX_CONTENT, Packed, pack, unpack
from wasm_engine.journal.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from wasm_engine.concepts.envelope import Envelope
    from wasm_engine.journal.reading import Sizes
    from wasm_engine.journal.verification import Verified

Content: TypeAlias = "bytes | Packed"
Source: TypeAlias = "Content | Callable[[], Content]"
"""A content: plain; packed already (see `packing.pack`: what many runs use); or made when asked."""
Check: TypeAlias = Literal["all", "tail", "none"]
"""How much is verified: everything; what goes on from the newest checkpoint; or nothing."""


class RunFile:
    """One run: its header, its entries in one hash chain, and the contents that they name.

    One process at a time writes a run; others may read it meanwhile, and then see what was stored
    when they opened it. For one thread at a time. A context manager: leaving it closes it.

    Attributes:
        run_id: The run's identity, 32 hexadecimal digits. In no chain, and nothing derived from it.
        header: The first entry.
        version: Of the format. Only the newest one is written.
        anchor: Of a compacted run the last entry that was left out; else 0.
    """

    def __init__(self, opened: opening.Opened) -> None:
        self.run_id = opened.head.run.hex()
        self.header: Header = opened.header
        self.version = opened.reader.version
        self.anchor = opened.head.anchor
        self._opened = opened
        self._reader = opened.reader
        self._db = opened.db
        self._name = opened.name
        self._catalog = opened.catalog
        self._writer = Writer(opened) if opened.write else None
        self._fresh: dict[bytes, bytes] = {}
        self._closed = False

    @classmethod
    def create(
        cls,
        path: Path | None,
        header: Header,
        contents: Iterable[tuple[bytes, Source]] = (),
    ) -> Self:
        """Begins a run. The header and its contents are durable when this returns.

        Args:
            path: Where; there must be nothing yet. None: in memory only.
            header: The first entry.
            contents: Digest and source of everything that the header's `contents` names.

        Raises:
            BadRunFile: There is something at the path, or it cannot be used.
            HostFault: The machine could not write it. Nothing is left behind.
        """
        packed = ((digest, _packed(source)) for digest, source in contents)
        return cls(opening.create(path, opening.beginning(header, packed)))

    @classmethod
    def open(cls, path: Path, *, write: bool = False, verify: Check = "none") -> Self:
        """Opens a run that exists, to read it or to go on with it.

        Args:
            path: The file.
            write: Whether entries will be appended. One writer at a time.
            verify: What of it to check at once: "all" is what `verify` does; "tail" what the world
                is made of, where checkpoints stand, and the entries after the newest one.

        Raises:
            BadRunFile: It is not a run file, or damaged, or in use.
            HostFault: The machine could not read it.
        """
        run = cls(opening.open_existing(path, write=write))
        if verify != "none":
            try:
                if verify == "all":
                    run._verify_all(run._fresh)
                else:
                    run.verify(tail=True)
            except BaseException:
                run.close()
                raise
        return run

    @property
    def count(self) -> int:
        """How many entries there are, the header among them."""
        return self._writer.count if self._writer else self._opened.head.entries

    @property
    def is_writable(self) -> bool:
        """Whether it is open to be gone on with."""
        return self._writer is not None

    @property
    def chain(self) -> str:
        """The head of the chain, in hex."""
        return (self._writer.chain if self._writer else self._opened.head.chain).hex()

    def append(self, kind: int, body: bytes, *, durable: bool, detail: bytes | None = None) -> None:
        """Adds an entry at the end.

        Args:
            kind: A `Kind`, other than HEADER.
            body: Canonical bytes (`entries.encode`).
            durable: Whether it must be on the disk, with everything before it, when this returns.
                Otherwise it is gathered, and stored with many others.
            detail: Of a step: the canonical bytes of its `Detail`, which its body names by digest.

        Raises:
            HostFault: The machine could not write. What is stored stays readable.
        """
        if self._writer is None or kind == Kind.HEADER:
            msg = "entries are appended to a run that is open for writing, and never a header"
            raise Bug(msg)
        self._writer.append(kind, body, detail, durable=durable)

    def flush(self) -> None:
        """Puts everything appended so far on the disk."""
        if self._writer is not None:
            self._writer.commit(durable=True)

    def entries(self, start: int = 1) -> Iterator[Entry]:
        """The entries from number `start` on, in their order.

        Raises:
            BadRunFile: A row is damaged. (Only `verify` recomputes the chain.)
        """
        self._store()
        last = self.count
        with guarded(self._name):
            for entry in self._reader.entries(max(start, 1)):
                if entry.n > last:
                    return
                yield entry

    def chain_after(self, n: int) -> str:
        """The chain after an entry, in hex, as the run says: reads no more than one block.

        Two runs with the same chain after an entry are the same up to it.

        Raises:
            BadRunFile: There is no such entry, or it is damaged.
        """
        self._store()
        with guarded(self._name), self._unchanging():
            return self._reader.chain_after(n).hex()

    def sizes(self) -> Sizes:
        """Bytes that the entries take, the contents, and the checkpoints, as they are stored."""
        self._store()
        with guarded(self._name):
            return self._reader.sizes()

    def put_content(self, digest: bytes, source: Source) -> None:
        """Adds a content. It is stored with the next entry that names its digest.

        Entries name a digest as 32 bytes, or in hex, in their body or detail. A content that no
        entry names is not stored, so that a run file holds nothing else than what its chain says.
        """
        if self._writer is None:
            msg = "contents are added to a run that is open for writing"
            raise Bug(msg)
        self._writer.put(digest, _packed(source))

    def contents(self) -> Mapping[bytes, int]:
        """Digests of the stored contents; the values say in which order they were stored."""
        self._store()
        return MappingProxyType(self._catalog)

    def content(self, digest: bytes) -> bytes:
        """A content, checked against its digest.

        Raises:
            BadRunFile: There is none, or it is damaged.
        """
        if digest in self._fresh:  # for one time: it may be large
            return self._fresh.pop(digest)
        packed = self._writer.waiting_content(digest) if self._writer else None
        with guarded(self._name):
            if packed is None:
                packed = self._stored(digest)
            return self._checked(packed, digest, f"content {digest.hex()[:16]}")

    def put_checkpoint(self, step: int, data: bytes, blobs: Mapping[bytes, Source]) -> None:
        """Adds a checkpoint of what was appended so far. It is stored with the next commit.

        It is in no chain. Older ones may be taken out for it: the newest few stay, and of the
        others about one for each power of two.

        Args:
            step: The last step that it knows of.
            data: What it holds.
            blobs: Digest and source of what it names beside that; a source is asked only for what
                the run does not hold yet. `content` gives them back.
        """
        if self._writer is None:
            msg = "checkpoints are put into a run that is open for writing"
            raise Bug(msg)
        fresh = {
            digest: _packed(source)
            for digest, source in blobs.items()
            if digest not in self._catalog and digest not in self._opened.parts
        }
        chain, digest = self._writer.chain, sha256(data)
        row = CheckpointRow(step, self.count, chain, digest, len(data), tuple(sorted(blobs)))
        self._writer.put_checkpoint(Pending(row, _packed(data), fresh))

    def checkpoints(self) -> list[CheckpointRow]:
        """The stored checkpoints, oldest first."""
        self._store()
        return list(self._opened.marks)

    def checkpoint(self, row: CheckpointRow) -> bytes:
        """What a checkpoint holds, checked against its digest.

        Raises:
            BadRunFile: It is gone or damaged.
        """
        self._store()
        with guarded(self._name):
            packed = checkpoints.read_data(self._db, self._name, row.n)
            return self._checked(packed, row.digest, f"the checkpoint after entry {row.n}")

    def signatures(self) -> list[Envelope]:
        """The signatures of its head, or of an earlier one, oldest first; not checked.

        Raises:
            BadRunFile: What stands there is none.
        """
        self._store()
        with guarded(self._name):
            return self._reader.signatures()

    def put_signatures(self, envelopes: Sequence[Envelope]) -> None:
        """Stores signatures in the place of those that it has; they are durable afterwards.

        Raises:
            HostFault: The machine could not write. Those that it has stay.
        """
        if self._writer is None:
            msg = "signatures are put into a run that is open for writing"
            raise Bug(msg)
        self.flush()
        with guarded(self._name, "written"):
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                signatures.write(self._db, envelopes)
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def fork_to(self, path: Path | None, upto: int) -> RunFile:
        """Begins another run that shares the entries of this one up to a number; open for writing.

        It has the same chain up to there, the checkpoints that stand before, and its own identity.

        Args:
            path: Where; there must be nothing yet. None: in memory only.
            upto: The last entry that they share.

        Raises:
            BadRunFile: There is no such entry, or this file is damaged, or is of an older version.
            HostFault: The machine could not write it. Nothing is left behind.
        """
        self._store()
        with guarded(self._name), self._unchanging():
            return RunFile(opening.create(path, copying.fork(self._opened, upto)))

    def compact_to(self, path: Path | None, row: CheckpointRow) -> RunFile:
        """Begins a file of the same run that leaves out what a checkpoint makes dispensable.

        It holds what the world is made of, the checkpoint, and the entries after it; `anchor` says
        which is the last one that was left out. It is open for writing.

        Args:
            path: Where; there must be nothing yet. None: in memory only.
            row: One of `checkpoints`.

        Raises:
            BadRunFile: This file is damaged, or is of an older version.
            HostFault: The machine could not write it. Nothing is left behind.
        """
        self._store()
        with guarded(self._name), self._unchanging():
            return RunFile(opening.create(path, copying.compact(self._opened, row)))

    def verify(self, *, tail: bool = False, after: int | None = None) -> Verified:
        """Recomputes the chain and every digest.

        Args:
            tail: Only of what is needed to go on from a checkpoint.
            after: With `tail`: how many entries there were at that checkpoint; the newest one if
                not given.

        Raises:
            BadRunFile: Something differs from what was recorded; says what.
        """
        if not tail:
            return self._verify_all(None)
        self._store()
        with guarded(self._name), self._unchanging():
            return self._reader.verify_tail(after)

    def close(self) -> None:
        """Stores what is left, and makes the run one single file again. Idempotent.

        Raises:
            HostFault: The machine could not. The file is closed anyway, and can be opened again.
        """
        if self._closed:
            return
        self._closed = True
        self._fresh.clear()
        try:
            if self._writer is not None:
                self._writer.commit(durable=True)
                opening.settle(self._opened)
        finally:
            self._opened.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
            return
        # What went wrong first is what the caller has to hear.
        with suppress(EngineError):
            self.close()

    def _store(self) -> None:
        """Readers of our own see what was appended."""
        if self._writer is not None:
            self._writer.commit(durable=False)

    def _verify_all(self, fresh: dict[bytes, bytes] | None) -> Verified:
        self._store()
        with guarded(self._name), self._unchanging():
            return self._reader.verify(fresh)

    @contextmanager
    def _unchanging(self) -> Iterator[None]:
        """Inside, the file is what it is now, whatever another process writes."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def _stored(self, digest: bytes) -> Packed:
        n, part = self._catalog.get(digest), self._opened.parts.get(digest)
        if n is not None:
            return rows.read_content(self._db, self._name, n)
        if part is not None:
            return checkpoints.read_part(self._db, self._name, part)
        msg = f"{self._name}: it holds no content {digest.hex()[:16]}"
        raise BadRunFile(msg)

    def _checked(self, packed: Packed, digest: bytes, what: str) -> bytes:
        try:
            plain = unpack(packed)
        except ValueError as error:
            msg = f"{self._name}: {what}: damaged ({error})"
            raise BadRunFile(msg) from None
        if sha256(plain) != digest:
            msg = f"{self._name}: {what} does not match its digest"
            raise BadRunFile(msg)
        return plain


def _packed(source: Source) -> Packed:
    content = source() if callable(source) else source
    packed = content if isinstance(content, Packed) else pack(content)
    if packed.size > MAX_CONTENT:
        msg = f"a content of {packed.size} bytes is too large for a run file ({MAX_CONTENT})"
        raise BadRunFile(msg)
    return packed
