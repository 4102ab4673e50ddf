"""Connections to the SQLite database in a run file, opened defensively, and its errors as ours."""

from __future__ import annotations

import errno
import sqlite3
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from wasm_engine.concepts.errors import BadRunFile, EngineError, HostFault
from wasm_engine.host import locks

if TYPE_CHECKING:
    from collections.abc import Iterator

SIDE_FILES = ("-wal", "-shm", "-journal")
"""What SQLite puts beside an open (or abandoned) database."""

_WAIT = 5.0
"""Seconds that SQLite waits for another connection to finish what it is doing."""
IN_THE_WAY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
"""Primary codes that mean: another connection is at work."""
_MACHINE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_NOLFS,
}
_UNREADABLE_IN_PLACE = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
}
_NOT_OURS = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM, errno.EEXIST}
_NOT_OURS |= {errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO, errno.EINVAL}


@contextmanager
def guarded(name: str, doing: str = "read") -> Iterator[None]:
    """Turns what SQLite and the machine raise into one clear error of ours."""
    try:
        yield
    except EngineError:
        raise
    except sqlite3.Error as error:
        raise from_sqlite(name, doing, error) from None
    except UnicodeDecodeError:
        # What sqlite3 makes of a message of SQLite that quotes a damaged table.
        msg = f"{name}: damaged, or not a run file (text that is no text)"
        raise BadRunFile(msg) from None
    except OSError as error:
        raise from_os(name, doing, error) from None
    except MemoryError:
        msg = f"{name}: cannot be {doing}: out of memory"
        raise HostFault(msg, code="memory") from None


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code of an error; 0 where it has none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def from_sqlite(name: str, doing: str, error: sqlite3.Error) -> EngineError:
    """Whose fault an error of SQLite is: somebody in the way, the machine's, or the file's."""
    code = primary_code(error)
    if code in IN_THE_WAY:
        return BadRunFile(f"{name}: in use by another process")
    if code in _MACHINE:
        return HostFault(f"{name}: cannot be {doing}: {error}", code="disk")
    return BadRunFile(f"{name}: damaged, or not a run file ({quoted(error)})")


def quoted(words: object) -> str:
    """A message that may quote a hostile file, fit for a terminal: one short, printable line."""
    text = " ".join(str(words).split())
    return "".join(char if char.isprintable() else "?" for char in text)[:100]


def from_os(name: str, doing: str, error: OSError) -> EngineError:
    """Whose fault an error of the system is: the path's, its holder's, the machine's."""
    if isinstance(error, BlockingIOError):
        return BadRunFile(f"{name}: in use by another process")
    why = (error.strerror or str(error)).lower()
    if error.errno is None or error.errno in _NOT_OURS:
        return BadRunFile(f"{name}: cannot be {doing}: {why}")
    return HostFault(f"{name}: cannot be {doing}: {why}", code="disk")


def connect(path: Path | None, mode: Literal["ro", "rw"]) -> sqlite3.Connection:
    """A connection with everything off that a run file does not need. Reads nothing yet."""
    where = ":memory:" if path is None else f"{path.absolute().as_uri()}?mode={mode}"
    db = sqlite3.connect(
        where, timeout=_WAIT, isolation_level=None, check_same_thread=False, uri=path is not None
    )
    try:
        _disarm(db)
        # What is taken out is overwritten: nothing is in a run file that it does not name.
        db.execute("PRAGMA query_only=ON" if mode == "ro" else "PRAGMA secure_delete=ON")
    except BaseException:
        db.close()
        raise
    return db


def connect_reader(path: Path) -> tuple[sqlite3.Connection, locks.TemporaryFolder | None]:
    """A connection that only reads, and what it has to keep alive.

    A file that a killed writer left (with its log beside) in a folder that we may not write cannot
    be read in place: SQLite wants to put its index there. It is then read from a private copy.
    """
    db = connect(path, "ro")
    try:
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        db.close()
        if primary_code(error) not in _UNREADABLE_IN_PLACE:
            raise
    except BaseException:
        db.close()
        raise
    else:
        return db, None
    sides = [path.with_name(path.name + suffix) for suffix in ("-wal", "-journal")]
    folder = locks.private_copy([path, *(side for side in sides if side.exists())])
    return connect(Path(folder.name) / path.name, "rw"), folder


def _disarm(db: sqlite3.Connection) -> None:
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "temp_store=MEMORY"):
        db.execute(f"PRAGMA {pragma}")
    # Damage can make text of bytes; it must come through to the check that names the row.
    db.text_factory = lambda raw: raw.decode(errors="replace")
    db.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    db.setlimit(sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 0)
    if sys.version_info >= (3, 12):
        db.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
        db.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)
        db.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_VIEW, False)
