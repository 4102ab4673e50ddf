"""What the shim wrote down, read again: one order of writes, syncs, names, words and requests."""

from __future__ import annotations

import struct
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

_HEAD = struct.Struct("<II5Q")


class Kind(IntEnum):
    """Kinds of record, as in shim.h."""

    CREATE = 1
    WRITE = 2
    TRUNCATE = 3
    SYNC_BEGIN = 4
    SYNC_END = 5
    UNLINK = 6
    RENAME = 7
    LINK = 8
    FOLDER = 9
    SAY = 10
    CONNECT = 11
    SEND = 12
    FAILED = 13


OPERATIONS = frozenset(Kind) - {Kind.SYNC_END}
"""What the shim counts, and can be told to die before."""


class Record(NamedTuple):
    """One thing that was done.

    Attributes:
        kind: What.
        error: Of the end of a sync: how it failed, or 0.
        file: Number of the file, folder or socket; of RENAME and LINK that of the folder of the new
            name; of SAY the descriptor.
        folder: Number of the folder of the (old) name.
        offset: Where it was written; the new size.
        name: The (old) name.
        data: What was written, said or sent; the address; the new name.
    """

    kind: Kind
    error: int
    file: int
    folder: int
    offset: int
    name: str
    data: bytes


def read(log: Path) -> list[Record]:
    """The records of a log. The last may be cut short: its writer was killed."""
    if not log.exists():
        return []
    raw, at, records = log.read_bytes(), 0, []
    while at + _HEAD.size <= len(raw):
        kind, error, file, folder, offset, name_size, data_size = _HEAD.unpack_from(raw, at)
        at += _HEAD.size
        name, at = raw[at : at + name_size], at + name_size
        data, at = raw[at : at + data_size], at + data_size
        if at > len(raw):
            break
        records.append(Record(Kind(kind), error, file, folder, offset, name.decode(), data))
    return records


def operations(records: list[Record]) -> list[int]:
    """Where in a log each operation is that one can be killed before; the first is number 1."""
    return [index for index, record in enumerate(records) if record.kind in OPERATIONS]


CLASSES = {"changes": (Kind.WRITE, Kind.TRUNCATE), "syncs": (Kind.SYNC_BEGIN,)}
"""Kinds of operation that can be refused (`preload.Failure`), by what they are called."""


def ordinals(records: list[Record], of: str, name: str) -> list[int]:
    """Which operations of a class are done to a new file of that name, or to one beside it.

    Returns:
        Their numbers among all of the class, from 1.
    """
    files = {it.file for it in records if it.kind == Kind.CREATE and it.name.startswith(name)}
    among = [it.file in files for it in records if it.kind in CLASSES[of]]
    return [number for number, wanted in enumerate(among, 1) if wanted]
