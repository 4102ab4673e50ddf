"""A disk that forgets: what may be left of a folder after the power failed.

Durable is what was written before a sync that ended well began, and what a name was when its folder
was synced. Everything else may be there or not, in any order, and in part: a disk writes sectors of
512 bytes. That is more than real file systems lose, and all that they promise.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, TypeVar

from tests.crash.recording import Kind, Record

SECTOR = 512
FLAVOURS = ("kept", "lost", "some", "torn", "late", "sectors")
"""Of what no sync covered: all survives (a killed process, no power failure); nothing; some of the
operations; those before an instant, the last in part; those after an instant; sectors as they were
at any time."""


@dataclass(slots=True)
class Change:
    """A write, or (without data) a change of size; certain once it is durable."""

    offset: int
    data: bytes | None
    certain: bool = False
    lost: bool = False


@dataclass(slots=True)
class File:
    """A file: what is durable of it, and what happened since."""

    durable: bytearray = field(default_factory=bytearray)
    changes: list[Change] = field(default_factory=list)
    begun: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Folder:
    """A folder: its names when it was last synced, and what happened to them since."""

    durable: dict[str, Node] = field(default_factory=dict)
    now: dict[str, Node] = field(default_factory=dict)
    changes: list[NameChange] = field(default_factory=list)
    begun: list[int] = field(default_factory=list)


Node: TypeAlias = "File | Folder"


@dataclass(slots=True)
class NameChange:
    """Names that appear (with what they name) and disappear (None), all or none of them."""

    names: dict[str, Node | None]


AnyChange = TypeVar("AnyChange", Change, NameChange)


class Disk:
    """A folder of the machine, as the disk below it knows it.

    Args:
        root: The folder; what is in it now is durable.
        records: What was done to it since, as far as one wants to go.
    """

    def __init__(self, root: Path, records: Iterable[Record] = ()) -> None:
        self._numbers: dict[int, Node] = {}
        self.root = self._take(root)
        for record in records:
            self.apply(record)

    def _take(self, path: Path) -> Node:
        node: Node
        if path.is_dir():
            names = {it.name: self._take(it) for it in path.iterdir() if not _unwatched(it.name)}
            node = Folder(names, dict(names))
        else:
            node = File(bytearray(path.read_bytes()))
        self._numbers[path.stat().st_ino] = node
        return node

    def apply(self, record: Record) -> None:
        """One thing more that was done."""
        match record.kind:
            case Kind.CREATE | Kind.FOLDER:
                made: Node = File() if record.kind == Kind.CREATE else Folder()
                self._numbers[record.file] = made
                self._rename(record.folder, {record.name: made})
            case Kind.UNLINK:
                self._rename(record.folder, {record.name: None})
            case Kind.RENAME | Kind.LINK:
                self._second_name(record)
            case Kind.WRITE:
                self._file(record).changes.append(Change(record.offset, record.data))
            case Kind.TRUNCATE:
                self._file(record).changes.append(Change(record.offset, None))
            case Kind.SYNC_BEGIN:
                node = self._numbers[record.file]
                node.begun.append(len(node.changes))
            case Kind.SYNC_END:
                self._synced(record)
            case _:
                pass

    def _file(self, record: Record) -> File:
        node = self._numbers[record.file]
        assert isinstance(node, File)
        return node

    def _folder(self, number: int) -> Folder:
        node = self._numbers[number]
        assert isinstance(node, Folder)
        return node

    def _rename(self, number: int, names: dict[str, Node | None]) -> None:
        folder = self._folder(number)
        folder.changes.append(NameChange(names))
        _apply_names(folder.now, names)

    def _second_name(self, record: Record) -> None:
        old = self._folder(record.folder)
        node = old.now[record.name]
        names: dict[str, Node | None] = {record.data.decode(): node}
        if record.kind == Kind.RENAME and record.file == record.folder:
            names[record.name] = None
        elif record.kind == Kind.RENAME:
            self._rename(record.folder, {record.name: None})
        self._rename(record.file, names)

    def _synced(self, record: Record) -> None:
        node = self._numbers[record.file]
        # Of two syncs at once the first to end covers what the first to begin covers, at least.
        covered = node.begun.pop(0)
        if isinstance(node, Folder):
            done = 0 if record.error else covered
            for change in node.changes[:done]:
                _apply_names(node.durable, change.names)
        else:
            done = _mark(node, covered, failed=bool(record.error))
            for change in node.changes[:done]:
                _apply(node.durable, change)
        del node.changes[:done]
        node.begun = [max(0, begun - done) for begun in node.begun]

    def unsynced(self) -> int:
        """How many changes no sync has covered."""
        nodes = {id(node): node for node in self._numbers.values()}
        return sum(len(node.changes) for node in nodes.values())

    def after_failure(self, flavour: str, seed: int = 0) -> dict[str, bytes | None]:
        """What the disk holds after the power failed: contents by path; None: a folder."""
        chance = random.Random(f"{flavour} {seed}")
        found: dict[str, bytes | None] = {}
        self._collect(self.root, "", _Loss(flavour, chance), found, {})
        return found

    def _collect(
        self,
        node: Node,
        path: str,
        loss: _Loss,
        found: dict[str, bytes | None],
        known: dict[int, bytes],
    ) -> None:
        if isinstance(node, File):
            # One file under two names is one file.
            if id(node) not in known:
                known[id(node)] = loss.contents(node)
            found[path] = known[id(node)]
            return
        found[path] = None
        for name, child in sorted(loss.names(node).items()):
            self._collect(child, f"{path}/{name}" if path else name, loss, found, known)


class _Loss:
    """Decides what survives of what was not synced."""

    def __init__(self, flavour: str, chance: random.Random) -> None:
        self._flavour = flavour
        self._chance = chance
        self._likely = chance.choice((0.1, 0.5, 0.9))

    def contents(self, file: File) -> bytes:
        data = bytearray(file.durable)
        if self._flavour == "sectors":
            return self._mixed(data, file.changes)
        open_changes = [change for change in file.changes if not change.certain]
        kept = {id(change) for change in self._kept(open_changes)}
        torn = self._torn(open_changes)
        for change in file.changes:
            if change.certain or id(change) in kept:
                _apply(data, change)
            elif change is torn:
                _apply(data, self._first_sectors(change))
        return bytes(data)

    def names(self, folder: Folder) -> dict[str, Node]:
        names = dict(folder.durable)
        for change in self._kept(folder.changes):
            _apply_names(names, change.names)
        return names

    def _kept(self, changes: list[AnyChange]) -> list[AnyChange]:
        self._instant = self._chance.randint(0, len(changes))
        match self._flavour:
            case "kept":
                return changes
            case "lost":
                return []
            case "torn":
                return changes[: self._instant]
            case "late":
                return changes[self._instant :]
            case _:
                return self._some(changes)

    def _some(self, changes: list[AnyChange]) -> list[AnyChange]:
        return [it for it in changes if self._chance.random() < self._likely]

    def _torn(self, changes: list[Change]) -> Change | None:
        if self._flavour != "torn" or self._instant == len(changes):
            return None
        return changes[self._instant]

    def _first_sectors(self, change: Change) -> Change:
        """A write of which only the beginning was done, to the end of some sector."""
        if change.data is None:
            return Change(change.offset, None)
        ends = [
            end - change.offset
            for end in range(change.offset - change.offset % SECTOR, _end(change), SECTOR)
            if end > change.offset
        ]
        return Change(change.offset, change.data[: self._chance.choice(ends)] if ends else b"")

    def _mixed(self, data: bytearray, changes: list[Change]) -> bytes:
        """Each sector as it was at some time since it was certain; a size that it had as well."""
        sizes, versions = [len(data)], dict[int, list[bytes]]()
        for change in changes:
            if change.certain:
                sizes.clear()
            before = bytes(data)
            _apply(data, change)
            sizes.append(len(data))
            _note_sectors(versions, before, data, change)
        size = self._chance.choice(sizes)
        data[size:] = bytes(max(0, size - len(data)))
        for start, found in sorted(versions.items()):
            chosen = self._chance.choice(found)
            end = min(start + SECTOR, len(data))
            if start < end:
                data[start:end] = chosen.ljust(SECTOR, b"\0")[: end - start]
        return bytes(data)


def _mark(file: File, covered: int, *, failed: bool) -> int:
    """Takes in how a sync ended; how many changes from the first on are certain by now."""
    for change in file.changes[:covered]:
        # What a failed sync was to write is never tried again: the system believes it clean.
        change.lost = change.lost or failed
        change.certain = change.certain or not change.lost
    return next((n for n, it in enumerate(file.changes) if not it.certain), len(file.changes))


def _note_sectors(
    versions: dict[int, list[bytes]], before: bytes, data: bytearray, change: Change
) -> None:
    """Remembers what the sectors that a change touched were, and are."""
    if change.data is None:
        first, end = min(len(before), change.offset), max(len(before), change.offset)
    else:
        first, end = change.offset, _end(change)
    for start in range(first - first % SECTOR, end, SECTOR):
        was, now = before[start : start + SECTOR], bytes(data[start : start + SECTOR])
        if change.certain:
            versions[start] = [now]
        else:
            versions.setdefault(start, [was]).append(now)


def _end(change: Change) -> int:
    return change.offset + len(change.data or b"")


def _apply(data: bytearray, change: Change) -> None:
    if change.data is None:
        data[change.offset :] = bytes(max(0, change.offset - len(data)))
        return
    if change.offset > len(data):
        data.extend(bytes(change.offset - len(data)))
    data[change.offset : _end(change)] = change.data


def _apply_names(names: dict[str, Node], change: dict[str, Node | None]) -> None:
    for name, node in change.items():
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


def _unwatched(name: str) -> bool:
    return name.endswith("-shm")


def lay_out(image: dict[str, bytes | None], root: Path, *, index: bytes | None = None) -> None:
    """Makes a folder what an image says, and nothing else.

    Args:
        image: What `after_failure` found.
        root: The folder; what is in it now goes.
        index: Bytes that the index of SQLite (`-shm`) is to have: nobody syncs it, and it may
            be anything. None: there is none.
    """
    shutil.rmtree(root, ignore_errors=True)
    for path, data in image.items():
        if data is None:
            (root / path).mkdir(parents=True, mode=0o700)
        else:
            place = root / path
            place.write_bytes(data)
            place.chmod(0o600)
            if index is not None and path.endswith("-wal"):
                (root / (path[:-4] + "-shm")).write_bytes(index)
