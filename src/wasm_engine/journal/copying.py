"""Run files made of another one: forks, and the same run without its distant past."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.host import locks
from wasm_engine.journal import checkpoints, rows, schema
from wasm_engine.journal.blocks import Block, Plain, pack_block, unpack_block
from wasm_engine.journal.chain import NO_CONTENTS, START, Head, extend_by, extend_catalog
from wasm_engine.journal.entries import Kind
from wasm_engine.journal.packing import digests_in, unpack

if TYPE_CHECKING:
    from wasm_engine.journal.checkpoints import CheckpointRow
    from wasm_engine.journal.opening import Fill, Opened

_BEGINNING = (Kind.HEADER, Kind.CONTROL)
"""What the first entries are, up to the first one that is of the history."""


def fork(source: Opened, upto: int) -> Fill:
    """What puts the entries of a run up to a number into a new run file, of another run.

    Raises:
        BadRunFile: There is no such entry, or the run is of an older version.
    """
    head = _newest(source)
    if not max(1, head.anchor) <= upto <= head.entries:
        msg = f"{source.name}: there is no entry {upto} after which it could be forked"
        raise BadRunFile(msg)

    def fill(db: sqlite3.Connection) -> Head:
        marks = [mark for mark in source.reader.marks() if mark.n <= upto]
        for block in _until(source, upto):
            rows.insert_blocks(db, [block])
        chain = source.reader.chain_after(upto)
        forked = head._replace(run=locks.random_id(), entries=upto, chain=chain)
        return _copy_rest(source, db, forked, marks, _named(source, upto))

    return fill


def compact(source: Opened, mark: CheckpointRow) -> Fill:
    """What puts a run into a new file without the entries before a checkpoint.

    Raises:
        BadRunFile: The run is of an older version, or the checkpoint was taken out since.
    """
    head = _newest(source)

    def fill(db: sqlite3.Connection) -> Head:
        first = list(_first_entries(source, mark.n))
        chain = extend_by(START, first)
        rows.insert_blocks(db, [pack_block(1, first, chain)])
        for block in _after(source, mark):
            rows.insert_blocks(db, [block])
        marks = [other for other in source.reader.marks() if other.n >= mark.n]
        if mark not in marks:
            msg = f"{source.name}: the checkpoint after entry {mark.n} is no longer there"
            raise BadRunFile(msg)
        named = {digest for _, body, _ in first for digest in digests_in(body)}
        named |= _named(source, head.entries, marks, after=mark.n)
        kept = head._replace(
            beginning=len(first), beginning_chain=chain, anchor=mark.n, anchor_chain=mark.chain
        )
        return _copy_rest(source, db, kept, marks, named)

    return fill


def _newest(source: Opened) -> Head:
    if source.reader.version != schema.USER_VERSION:
        msg = f"{source.name}: its format is version {source.reader.version}, which is not copied"
        raise BadRunFile(msg)
    return source.reader.head()


def _first_entries(source: Opened, upto: int) -> Iterator[Plain]:
    """What a world is made of: the header, and the control entries after it."""
    for entry in source.reader.entries(1):
        if entry.n > upto or entry.kind not in _BEGINNING:
            return
        yield entry[1:]


def _until(source: Opened, upto: int) -> Iterator[Block]:
    """The blocks up to an entry, the last one cut after it."""
    for block in rows.read_blocks(source.db, source.name):
        if block.first > upto:
            return
        if block.first + block.entries - 1 > upto:
            shared = unpack_block(block)[: upto - block.first + 1]
            yield pack_block(block.first, shared, source.reader.chain_after(upto))
            return
        yield block


def _after(source: Opened, mark: CheckpointRow) -> Iterator[Block]:
    """The blocks after a checkpoint, the first one from there on."""
    for block in rows.read_blocks(source.db, source.name, mark.n + 1):
        if block.first <= mark.n:
            rest = unpack_block(block)[mark.n + 1 - block.first :]
            yield pack_block(mark.n + 1, rest, block.chain)
        else:
            yield block


def _copy_rest(
    source: Opened,
    db: sqlite3.Connection,
    head: Head,
    marks: list[CheckpointRow],
    named: set[bytes],
) -> Head:
    """Stores contents, checkpoints and their parts as they are stored; answers the whole head."""
    catalog, count = NO_CONTENTS, 0
    for n, digest, size in rows.read_catalog(source.db, source.name):
        if digest in named:
            count += 1
            rows.insert_content(db, count, digest, rows.read_content(source.db, source.name, n))
            catalog = extend_catalog(catalog, digest, size)
    for mark in marks:
        data = checkpoints.read_data(source.db, source.name, mark.n)
        checkpoints.insert_checkpoint(db, mark, data)
    parts = source.reader.parts()
    for digest in dict.fromkeys(digest for mark in marks for digest in mark.parts):
        number = parts.get(digest)
        if number is not None:
            checkpoints.insert_part(
                db, digest, checkpoints.read_part(source.db, source.name, number)
            )
    return head._replace(
        contents=count,
        catalog=catalog,
        checkpoints=len(marks),
        marks=checkpoints.marks_of(marks),
    )


def _named(
    source: Opened, upto: int, marks: Iterable[CheckpointRow] = (), after: int = 0
) -> set[bytes]:
    """The contents that entries name, or checkpoints; most runs have none but the header's."""
    named = set(source.header.contents)
    wanted = {digest for _, digest, _ in rows.read_catalog(source.db, source.name)} - named
    for mark in marks:
        data = unpack(checkpoints.read_data(source.db, source.name, mark.n))
        named |= wanted.intersection((*mark.parts, *digests_in(data)))
    for entry in source.reader.entries(after + 1):
        if entry.n > upto or not wanted - named:
            break
        named |= wanted.intersection((*digests_in(entry.body), *digests_in(entry.detail or b"")))
    return named
