"""One shared folder of a world: what it shows, and what is done to it, by plain values.

It does with a tree of its own what private files do with theirs: the very same functions. All that
a caller says is a name: the number of what is open, and a path from there, looked up when it is
executed, not when it was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from wasm_engine.runtime.wasi.filesystem import changing, looking
from wasm_engine.runtime.wasi.filesystem.contents import resize_file, write_file
from wasm_engine.runtime.wasi.filesystem.descriptor import Descriptor
from wasm_engine.runtime.wasi.filesystem.metadata import NewTimestamp, Stat, change_times, stat_of
from wasm_engine.runtime.wasi.folders.tree import begun, paths
from wasm_engine.runtime.wasi.tree.errors import FsError
from wasm_engine.runtime.wasi.tree.mounting import Listed
from wasm_engine.runtime.wasi.tree.nodes import Directory, File, Node
from wasm_engine.runtime.wasi.tree.paths import resolve
from wasm_engine.runtime.wasi.tree.quota import Quota

Found = tuple[int, str]
"""Number and type of a node."""


class Doer:
    """Who does something, as the functions of private files see a guest.

    Attributes:
        spent: What it costs.
    """

    __slots__ = ("_time", "spent")

    def __init__(self, time: int = 0) -> None:
        self._time = time
        self.spent = 0

    def now(self) -> int:
        """World time."""
        return self._time

    def charge(self, work: int) -> None:
        """Counts what it costs."""
        self.spent += work

    def saw(self, mount: str) -> bool:
        """Whether it may look was asked before."""
        return True


class Folder:
    """A folder that agents share.

    Args:
        name: The mount's name.
        listing: What it begins with, each directory before what is in it.
        quota: What it may hold.
        time: When it begins (ns of world time).

    Attributes:
        tree: What it holds.
        listing: What it began with.

    Raises:
        Misuse: What it begins with does not fit.
    """

    def __init__(self, name: str, listing: Sequence[Listed], quota: Quota, time: int) -> None:
        self.listing = listing
        self.tree = begun(name, listing, quota, time=time)

    def _node(self, number: int) -> Node:
        node = self.tree.nodes.get(number)
        if node is None:  # it was removed meanwhile
            code = "no-entry"
            raise FsError(code)
        return node

    def _file(self, number: int) -> File:
        node = self._node(number)
        assert isinstance(node, File)
        return node

    def _at(self, number: int) -> Descriptor:
        """A directory, as the functions of private files know one."""
        node = self._node(number)
        return Descriptor(self.tree, node, frozenset(), mutable=True)

    # Looks.

    def find(self, base: int, path: str) -> Found:
        """What a path leads to."""
        node = self._found(base, path)
        return node.number, node.kind

    def stat(self, base: int, path: str | None) -> Stat:
        """What is known of what a path leads to; of the node itself without a path."""
        return stat_of(self._node(base) if path is None else self._found(base, path))

    def read(self, number: int, offset: int, count: int) -> tuple[bytes, bool]:
        """Bytes of a file at an offset, and whether they are the last."""
        file = self._file(number)
        data = file.read(offset, count)
        return data, offset + len(data) >= file.size

    def entries(self, number: int) -> list[tuple[str, str]]:
        """Types and names of what is in a directory, in order of name."""
        directory = self._node(number)
        assert isinstance(directory, Directory)
        return [(directory.entries[name].kind, name) for name in directory.names()]

    def paths(self) -> Iterator[tuple[str, Node]]:
        """Paths and nodes of all that is in it: each directory before what is in that."""
        return paths(self.tree)

    def content(self, number: int) -> bytes:
        """All of a file."""
        file = self._file(number)
        return file.read(0, file.size)

    def _found(self, base: int, path: str) -> Node:
        directory = self._node(base)
        assert isinstance(directory, Directory)
        node = resolve(directory, path, Doer(), follow=True).node
        if node is None:
            code = "no-entry"
            raise FsError(code)
        return node

    # What is done to it.

    def open(
        self, doer: Any, base: int, path: str, open_flags: list[str], flags: list[str]
    ) -> Found:
        """Opens a file or directory, and makes or empties the file where that is asked for."""
        wanted = frozenset({"symlink-follow"}), path, frozenset(open_flags), frozenset(flags)
        node = looking.open_at(doer, self._at(base), *wanted).node
        return node.number, node.kind

    def create_directory(self, doer: Any, base: int, path: str) -> None:
        """Makes a directory."""
        changing.create_directory_at(doer, self._at(base), path)

    def remove_directory(self, doer: Any, base: int, path: str) -> None:
        """Removes an empty directory."""
        changing.remove_directory_at(doer, self._at(base), path)

    def unlink(self, doer: Any, base: int, path: str) -> None:
        """Removes a file."""
        changing.unlink_file_at(doer, self._at(base), path)

    def rename(self, doer: Any, base: int, path: str, new_base: int, new_path: str) -> None:
        """Gives something another name, in place of what has it."""
        bases = self._at(base), self._at(new_base)
        changing.rename_at(doer, bases[0], path, bases[1], new_path)

    def write(self, doer: Any, number: int, offset: int, data: bytes) -> None:
        """Writes all of it at an offset."""
        write_file(doer, self.tree, self._file(number), offset, data)

    def append(self, doer: Any, number: int, data: bytes) -> None:
        """Writes all of it at the end."""
        file = self._file(number)
        write_file(doer, self.tree, file, file.size, data)

    def resize(self, doer: Any, number: int, size: int) -> None:
        """Cuts a file, or adds zeroes."""
        resize_file(doer, self.tree, self._file(number), size)

    def set_times(
        self,
        doer: Any,
        base: int,
        path: str | None,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> None:
        """Sets the times of what a path leads to; of the node itself without a path."""
        node = self._node(base) if path is None else self._found(base, path)
        change_times(doer, node, accessed, modified)
