"""How a run file is created, opened, made one single file again, and let go."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct, field

from wasm_engine.concepts.errors import BadRunFile, Bug, HostFault
from wasm_engine.host import locks
from wasm_engine.journal import blocks, database, entries, rows, schema
from wasm_engine.journal.chain import NO_CONTENTS, START, Head, extend_by, extend_catalog
from wasm_engine.journal.checkpoints import CheckpointRow, marks_of
from wasm_engine.journal.database import guarded
from wasm_engine.journal.entries import Header
from wasm_engine.journal.reading import BlockReader, Reader
from wasm_engine.journal.v1.reading import RowReader

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wasm_engine.host.locks import Hold
    from wasm_engine.journal.packing import Packed

_READERS: dict[int, Callable[[sqlite3.Connection, str], Reader]] = {1: RowReader, 2: BlockReader}
"""What reads each version of the format."""


class Opened(Struct):
    """An open run file: the connection, what keeps it ours, and what it said at the start."""

    db: sqlite3.Connection
    name: str
    write: bool
    reader: Reader
    head: Head
    header: Header
    catalog: dict[bytes, int]
    marks: list[CheckpointRow]
    parts: dict[bytes, int]
    held: ExitStack = field(default_factory=ExitStack)

    def release(self) -> None:
        """Closes the connection, then lets go of the file (in this order: see `locks.Hold`)."""
        self.held.close()


Fill: TypeAlias = Callable[[sqlite3.Connection], Head]
"""Puts everything but the head into the tables of a new run file, and answers the head."""


def create(path: Path | None, fill: Fill) -> Opened:
    """A new run file, what is put into it durable; see `RunFile.create`."""
    name = "run in memory" if path is None else path.name
    with guarded(name, "created"), ExitStack() as undo, ExitStack() as held:
        if path is not None:
            hold = _create_file(path, name)
            undo.callback(_remove, path)
            held.callback(hold.release)
        db = database.connect(path, "rw")
        held.callback(_close, db)
        # No journal: until this is committed there is nothing that could be rolled back to.
        db.execute("PRAGMA journal_mode=MEMORY")
        db.execute("PRAGMA synchronous=FULL")
        schema.create_tables(db)
        rows.write_head(db, fill(db))
        db.execute("COMMIT")
        opened = _opened(db, name, BlockReader(db, name), write=True)
        if path is not None:
            _log_ahead(db, name)
            locks.sync_folder(path.absolute().parent)
            if not hold.is_of(path):
                msg = f"{name}: it was replaced while it was created"
                raise BadRunFile(msg)
        undo.pop_all()
        opened.held = held.pop_all()
        return opened


def beginning(header: Header, contents: Iterable[tuple[bytes, Packed]]) -> Fill:
    """What puts the first entry and its contents into a new run file."""

    def fill(db: sqlite3.Connection) -> Head:
        kind, body = entries.encode(header)
        plain = [(int(kind), body, None)]
        chain = extend_by(START, plain)
        rows.insert_blocks(db, [blocks.pack_block(1, plain, chain)])
        digests, catalog = set[bytes](), NO_CONTENTS
        for digest, packed in contents:
            if digest in digests:
                continue
            digests.add(digest)
            rows.insert_content(db, len(digests), digest, packed)
            catalog = extend_catalog(catalog, digest, packed.size)
        if digests != set(header.contents):
            msg = "the contents given are not those that the header names"
            raise Bug(msg)
        return Head(
            locks.random_id(), 0, START, 0, START, 1, chain, len(digests), catalog, 0, marks_of(())
        )

    return fill


def open_existing(path: Path, *, write: bool) -> Opened:
    """A run file that exists, checked; see `RunFile.open`."""
    name = path.name
    with guarded(name, "opened"), ExitStack() as held:
        _check_path(path, name)
        if write:
            held.callback(locks.hold(path).release)
            _sync_log(path)
            db = database.connect(path, "rw")
        else:
            db, copy = database.connect_reader(path)
            if copy is not None:
                held.callback(copy.cleanup)
        held.callback(_close, db)
        db.execute("BEGIN")
        opened = _examine(db, name, path, write=write)
        db.execute("COMMIT")
        if write:
            _log_ahead(db, name)
        opened.held = held.pop_all()
        return opened


def settle(opened: Opened) -> None:
    """Brings everything into the one file, and removes what lies beside it.

    While others read the run it stays in two files; the last of them to close it changes that.
    """
    with guarded(opened.name, "closed"):
        opened.db.execute("PRAGMA busy_timeout=200")
        try:
            opened.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            opened.db.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.OperationalError as error:
            if database.primary_code(error) not in database.IN_THE_WAY:
                raise


def _examine(db: sqlite3.Connection, name: str, path: Path, *, write: bool) -> Opened:
    version = schema.version_of(db, name)
    reader = _READERS.get(version)
    if reader is None:
        known = " and ".join(map(str, _READERS))
        msg = f"{name}: its format is version {version}, this program reads {known}"
        raise BadRunFile(msg)
    if write and version != schema.USER_VERSION:
        msg = f"{name}: its format is version {version}, which is read and no longer written"
        raise BadRunFile(msg, hint="inspect, diff and replay work; resume with an older release")
    pages, page = (
        db.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "page_size")
    )
    # A log beside it may say that the file is to be shorter than it is as yet.
    log = _beside(path, "-wal")
    if path.stat().st_size > pages * page and not (log.exists() and log.stat().st_size):
        msg = f"{name}: there is something after its end"
        raise BadRunFile(msg)
    return _opened(db, name, reader(db, name), write=write)


def _opened(db: sqlite3.Connection, name: str, reader: Reader, *, write: bool) -> Opened:
    head, header = reader.head(), reader.header()
    catalog = {digest: n for n, digest, _ in rows.read_catalog(db, name)}
    marks, parts = reader.marks(), reader.parts()
    return Opened(db, name, write, reader, head, header, catalog, marks, parts)


def _log_ahead(db: sqlite3.Connection, name: str) -> None:
    """From here on commits go to a log beside the file: one write each, and readers do not wait."""
    mode = db.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":
        msg = f"{name}: the file system cannot hold a run file that is being written ({mode})"
        raise HostFault(msg, code="disk")
    # 16 MiB between two copies of the log into the file.
    db.execute("PRAGMA wal_autocheckpoint=4000")


def _sync_log(path: Path) -> None:
    """What a killed writer left may be in the machine's memory only, and so may the log's name.

    SQLite takes it for stored, and so would all that follows from it: an effect that is asked again
    because its intent is there.
    """
    log = _beside(path, "-wal")
    if log.exists():
        locks.sync_file(log)
        locks.sync_folder(path.absolute().parent)


def _check_path(path: Path, name: str) -> None:
    if not path.exists():
        msg = f"{name}: no such file"
        raise BadRunFile(msg)
    if not path.is_file():
        msg = f"{name}: not a file"
        raise BadRunFile(msg)
    if path.stat().st_size == 0 and not _beside(path, "-wal").exists():
        msg = f"{name}: empty, not a run file"
        raise BadRunFile(msg)


def _create_file(path: Path, name: str) -> Hold:
    if not path.absolute().parent.is_dir():
        msg = f"{path}: there is no folder {path.absolute().parent}"
        raise BadRunFile(msg)
    if path.exists() or path.is_symlink():
        msg = f"{path}: there is something already; a run is never written over anything"
        raise BadRunFile(msg, hint="choose another name, or go on with it: wasm-engine resume")
    for suffix in database.SIDE_FILES:
        if _beside(path, suffix).exists():
            msg = f"{name}: {name}{suffix} is left over from another run of that name"
            raise BadRunFile(msg)
    return locks.create_held(path)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
        for suffix in database.SIDE_FILES:
            _beside(path, suffix).unlink(missing_ok=True)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _close(db: sqlite3.Connection) -> None:
    with suppress(sqlite3.Error):
        db.close()
