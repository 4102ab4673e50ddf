"""Lines of JSON that were a run, checked, and made a run file again."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from wasm_engine.concepts import canonical
from wasm_engine.concepts.envelope import Envelope
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.journal import checkpoints, opening, rows, signatures
from wasm_engine.journal.blocks import ENOUGH, MOST, Plain, pack_block
from wasm_engine.journal.chain import (
    NO_CONTENTS,
    START,
    Head,
    digest_beside,
    entry_digest,
    extend,
    extend_catalog,
)
from wasm_engine.journal.checkpoints import CheckpointRow
from wasm_engine.journal.entries import Kind
from wasm_engine.journal.exporting import FORMAT, VERSION
from wasm_engine.journal.json_form import from_json
from wasm_engine.journal.packing import pack
from wasm_engine.journal.runfile import RunFile

if TYPE_CHECKING:
    from wasm_engine.journal.opening import Fill


SHA256 = 32
"""Bytes of a digest."""


class _Unsound(ValueError):
    """Lines that are no export, or differ from what they say; names no file."""


class Exported(NamedTuple):
    """The first line of an export, and how far the chain over its entries was computed.

    Attributes:
        run: The run's identity.
        redacted: Whether it lacks what would be needed to be a run again.
        entries: How many entries the run has.
        chain: The chain over them.
        beginning, anchor, anchor_chain: Of a compacted run: the last entry before those that were
            left out, the last one of them, and the chain after it. Else 0, 0 and the empty text.
    """

    run: str
    redacted: bool
    entries: int
    chain: str
    beginning: int
    anchor: int
    anchor_chain: str


def _read_first(line: bytes) -> Exported:
    """What an export says of itself."""
    row = _row(line, 1)
    if row.get("format") != FORMAT:
        raise _Unsound("it is not an exported run")
    if row.get("version") != VERSION:
        raise _Unsound(f"it is of version {row.get('version')}, this program reads {VERSION}")
    left = row["left-out"] or {"after": 0, "to": 0, "chain": ""}
    return Exported(
        row["run"], row["redacted"], row["entries"], row["chain"],
        left["after"], left["to"], left["chain"],
    )  # fmt: skip


def verify_lines(lines: Iterable[bytes], name: str = "export") -> Exported:
    """Checks the chain of an export, be it redacted, from the digests of its entries.

    What is not redacted is checked against these digests; of a redacted one, too, the entries that
    hold nothing private.

    Args:
        lines: The export.
        name: Of where it is, for messages.

    Raises:
        BadRunFile: It is no export, or differs from what it says.
    """
    return _guarded(name, lambda: _verify(iter(lines)))


def import_run(path: Path | None, lines: Iterable[bytes], name: str = "export") -> RunFile:
    """Makes a run file of an export: the same run, with the same chain; open for writing.

    Args:
        path: Where; there must be nothing yet. None: in memory only.
        lines: The export, not redacted.
        name: Of where it is, for messages.

    Raises:
        BadRunFile: It is no export, or redacted, or differs from what it says.
        HostFault: The machine could not write it. Nothing is left behind.
    """
    run = _guarded(name, lambda: RunFile(opening.create(path, _filling(iter(lines)))))
    try:
        run.verify()
    except BaseException:
        run.close()
        if path is not None:
            path.unlink()
        raise
    return run


def _verify(lines: Iterator[bytes]) -> Exported:
    first = _read_first(next(lines, b""))
    chain, n = START, 0
    for number, line in enumerate(lines, 2):
        row = _row(line, number)
        if "n" not in row:
            _require_data(row, number, redacted=first.redacted)
            continue
        if first.anchor and n == first.beginning:
            chain, n = bytes.fromhex(first.anchor_chain), first.anchor
        n += 1
        digest = bytes.fromhex(row["digest"])
        if row["n"] != n or not _is_held_by(digest, row, redacted=first.redacted):
            raise _Unsound(f"line {number}: entry {n} differs from its digest, or is missing")
        chain = extend(chain, digest)
    if first.anchor and n == first.beginning:
        chain, n = bytes.fromhex(first.anchor_chain), first.anchor
    if (n, chain.hex()) != (first.entries, first.chain):
        raise _Unsound("its entries are not those that it says it has")
    return first


def _require_data(row: dict[str, Any], number: int, *, redacted: bool) -> None:
    """What stands beside the entries is what its digest says, where it is there."""
    name = next((it for it in ("content", "part") if it in row), "digest")
    if not redacted:
        _data(row, name, number)
    elif len(bytes.fromhex(row[name])) != SHA256 or "data" in row:
        raise _Unsound(f"line {number}: it is no {name} of a redacted export")


def _is_held_by(digest: bytes, row: dict[str, Any], *, redacted: bool) -> bool:
    """Whether an entry has a digest; of one that lacks what is private nobody can tell."""
    if not redacted:
        return entry_digest(*_plain(row)) == digest
    if _lacks_any(row["body"]):
        return True
    detail = bytes.fromhex(row["detail"]["sha256"]) if "detail" in row else None
    body = canonical.encode(from_json(row["body"]))
    return digest_beside(Kind[row["kind"].upper()], body, detail) == digest


def _lacks_any(value: Any) -> bool:
    """Whether a digest stands in place of any value in a body."""
    waiting = [value]
    while waiting:
        it = waiting.pop()
        if isinstance(it, dict):
            if "sha256" in it:
                return True
            waiting.extend(it.values())
        elif isinstance(it, list):
            waiting.extend(it)
    return False


def _filling(lines: Iterator[bytes]) -> Fill:
    first = _read_first(next(lines, b""))
    if first.redacted:
        raise _Unsound("it is redacted: its chain can be verified, the run cannot be had back")
    return lambda db: _Filler(db, first).fill(lines)


class _Filler:
    """Puts the lines of an export into the tables of a new run file."""

    def __init__(self, db: sqlite3.Connection, first: Exported) -> None:
        self._db = db
        self._first = first
        self._contents, self._catalog = 0, NO_CONTENTS
        self._marks: list[CheckpointRow] = []
        self._n, self._chain = 0, START
        self._beginning_chain = self._anchor_chain = START
        self._signatures: list[Envelope] = []
        self._buffer: list[Plain] = []
        self._bytes = 0

    def fill(self, lines: Iterator[bytes]) -> Head:
        """All lines after the first; answers the head."""
        for number, line in enumerate(lines, 2):
            row = _row(line, number)
            if "signature" in row:
                self._signatures.append(_envelope(row, number))
            elif "content" in row:
                self._content(row, number)
            elif "part" in row:
                digest, data = _data(row, "part", number)
                checkpoints.insert_part(self._db, digest, pack(data))
            elif "checkpoint" in row:
                self._checkpoint(row, number)
            else:
                self._entry(row, number)
        self._store()
        self._leave_out()
        if self._signatures:
            signatures.write(self._db, self._signatures)
        first = self._first
        if (self._n, self._chain.hex()) != (first.entries, first.chain):
            raise _Unsound("its entries are not those that it says it has")
        return Head(
            bytes.fromhex(first.run), first.beginning, self._beginning_chain, first.anchor,
            self._anchor_chain, self._n, self._chain, self._contents, self._catalog,
            len(self._marks), checkpoints.marks_of(self._marks),
        )  # fmt: skip

    def _content(self, row: dict[str, Any], number: int) -> None:
        digest, data = _data(row, "content", number)
        self._contents += 1
        rows.insert_content(self._db, self._contents, digest, pack(data))
        self._catalog = extend_catalog(self._catalog, digest, len(data))

    def _checkpoint(self, row: dict[str, Any], number: int) -> None:
        digest, data = _data(row, "digest", number)
        parts = tuple(bytes.fromhex(part) for part in row["parts"])
        chain = bytes.fromhex(row["chain"])
        mark = CheckpointRow(row["step"], row["checkpoint"], chain, digest, len(data), parts)
        checkpoints.insert_checkpoint(self._db, mark, pack(data))
        self._marks.append(mark)

    def _entry(self, row: dict[str, Any], number: int) -> None:
        self._leave_out()
        entry = _plain(row)
        digest = entry_digest(*entry)
        if row["n"] != self._n + 1 or digest.hex() != row["digest"]:
            raise _Unsound(f"line {number}: the entry differs from its digest, or one is missing")
        self._n += 1
        self._chain = extend(self._chain, digest)
        self._buffer.append(entry)
        self._bytes += len(entry[1]) + len(entry[2] or b"")
        if len(self._buffer) == MOST or self._bytes >= ENOUGH:
            self._store()

    def _leave_out(self) -> None:
        first = self._first
        if first.anchor and self._n == first.beginning:
            self._store()
            self._beginning_chain = self._chain
            self._anchor_chain = self._chain = bytes.fromhex(first.anchor_chain)
            self._n = first.anchor

    def _store(self) -> None:
        if self._buffer:
            begin = self._n - len(self._buffer) + 1
            rows.insert_blocks(self._db, [pack_block(begin, self._buffer, self._chain)])
        self._buffer, self._bytes = [], 0


def _row(line: bytes, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise _Unsound(f"line {number}: it is not an object of JSON")
    return row


def _envelope(row: dict[str, Any], number: int) -> Envelope:
    try:
        return Envelope.decode(json.dumps(row["signature"]).encode())
    except Wrong as wrong:
        raise _Unsound(f"line {number}: a signature that is none: {wrong}") from None


def _plain(row: dict[str, Any]) -> Plain:
    detail = canonical.encode(from_json(row["detail"])) if "detail" in row else None
    return Kind[row["kind"].upper()], canonical.encode(from_json(row["body"])), detail


def _data(row: dict[str, Any], name: str, number: int) -> tuple[bytes, bytes]:
    digest, data = bytes.fromhex(row[name]), base64.b64decode(row["data"], validate=True)
    if canonical.sha256(data) != digest or len(data) != row["size"]:
        raise _Unsound(f"line {number}: the {name} differs from its digest")
    return digest, data


_T = TypeVar("_T")
_ODD = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


def _guarded(name: str, read: Callable[[], _T]) -> _T:
    """Whatever an export may hold that it must not is one error of ours."""
    try:
        return read()
    except _Unsound as error:
        raise BadRunFile(f"{name}: {error}") from None
    except _ODD as odd:
        raise BadRunFile(f"{name}: it cannot be read ({type(odd).__name__})") from None
