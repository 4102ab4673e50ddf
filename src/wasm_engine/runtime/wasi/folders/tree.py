"""The tree of a shared folder: its nodes by number, how deep it may go, what it began with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from wasm_engine.concepts.errors import Misuse
from wasm_engine.runtime.wasi.tree.errors import FsError
from wasm_engine.runtime.wasi.tree.mounting import Listed
from wasm_engine.runtime.wasi.tree.nodes import Directory, File, MountedFile, Node
from wasm_engine.runtime.wasi.tree.quota import Quota
from wasm_engine.runtime.wasi.tree.tree import Tree

MAX_DEPTH = 32
"""Directories inside each other."""


class GivenFile(MountedFile):
    """A file that the folder began with. Its contents become the world's when they are changed.

    Attributes:
        place: Its place in the listing that the folder began with.
        owned: Whether they are.
    """

    __slots__ = ("owned", "place")

    def __init__(self, number: int, time: int, origin: bytes, place: int, entry: Listed) -> None:
        super().__init__(number, time, origin, entry.size, entry.digest, entry.read)
        self.read_only = False
        self.place = place
        self.owned = False

    @property
    def size(self) -> int:
        """Bytes of content."""
        return len(self.content) if self.owned else super().size

    def own(self) -> None:
        """The contents are about to be changed."""
        if not self.owned:
            self.read(0, 0)
            self.content = bytearray(self.content)
            self.owned = True


class SharedTree(Tree):
    """A tree whose nodes are known by their numbers.

    Args:
        name: The mount's name.
        quota: What it may hold, its first contents included.
        time: What the nodes made here have as their times (ns).

    Attributes:
        name: The mount's name.
        nodes: All that is in it, by number.
        spend: Told of each node that is looked at beyond what a path names.
    """

    __slots__ = ("_origin", "name", "nodes", "spend")

    def __init__(self, name: str, quota: Quota, *, time: int) -> None:
        self.name = name
        self._origin = b"mount:" + name.encode()
        self.nodes: dict[int, Node] = {}
        self.spend: Callable[[], None] = _nothing
        super().__init__(quota, time=time)
        self.nodes[self.root.number] = self.root

    def make_directory(self, now: int) -> Directory:
        """A directory that has no name yet."""
        return Directory(self._number(), now, self._origin)

    def make_file(self, now: int) -> File:
        """An empty file that has no name yet."""
        return File(self._number(), now, self._origin)

    def make_given(self, place: int, entry: Listed, now: int) -> GivenFile:
        """A file with the contents of a listed one; it has no name yet."""
        return GivenFile(self._number(), now, self._origin, place, entry)

    def hold(self, node: Node) -> None:
        """Handles are names: what was removed is gone for whoever has it open, too."""

    def release(self, node: Node) -> None:
        """See `hold`."""

    def add(self, directory: Directory, name: str, node: Node, now: int) -> None:
        """Gives a node a name."""
        self._check_depth(directory, node)
        super().add(directory, name, node, now)
        self.nodes[node.number] = node

    def remove(self, directory: Directory, name: str, now: int) -> None:
        """Takes a name away, and what had it."""
        node = directory.entries[name]
        super().remove(directory, name, now)
        del self.nodes[node.number]

    def move(self, source: Directory, name: str, target: Directory, new: str, now: int) -> None:
        """Gives a node another name, in place of what had it."""
        self._check_depth(target, source.entries[name])
        super().move(source, name, target, new, now)

    def write(self, file: File, offset: int, data: bytes, now: int) -> None:
        """Writes; what lies between the end and the offset becomes zero."""
        if isinstance(file, GivenFile):
            file.own()
        super().write(file, offset, data, now)

    def resize(self, file: File, size: int, now: int) -> None:
        """Cuts a file, or adds zeroes."""
        if isinstance(file, GivenFile):
            file.own()
        super().resize(file, size, now)

    def _check_depth(self, directory: Directory, node: Node) -> None:
        """Refuses what would put directories too deep into each other."""
        if not isinstance(node, Directory):
            return
        depth, here = 0, directory
        while here.parent is not None:
            depth, here = depth + 1, here.parent
        if depth + 1 + self._height(node) > MAX_DEPTH:
            code = "name-too-long"
            raise FsError(code)

    def _height(self, node: Directory) -> int:
        """How many directories are inside each other below one."""
        height, level = 0, [node]
        while level:
            below = []
            for directory in level:
                for child in directory.entries.values():
                    self.spend()
                    if isinstance(child, Directory):
                        below.append(child)
            level = below
            height += bool(level)
        return height


def _nothing() -> None:
    """What is done as the world begins costs nobody."""


def begun(name: str, listing: Sequence[Listed], quota: Quota, *, time: int) -> SharedTree:
    """A folder's tree as it begins.

    Args:
        name: The mount's name.
        listing: What the folder holds, each directory before what is in it.
        quota: What it may hold.
        time: What all of it has as its times (ns).

    Raises:
        Misuse: It does not fit, or holds what cannot be in a folder that is written.
    """
    tree = SharedTree(name, quota, time=time)
    directories = {"": tree.root}
    for place, entry in enumerate(listing):
        above, _, last = entry.path.rpartition("/")
        try:
            if entry.kind == "directory":
                made = tree.make_directory(time)
                tree.add(directories[above], last, made, time)
                directories[entry.path] = made
            elif entry.kind == "file":
                tree.usage.add_bytes(entry.size)
                tree.add(directories[above], last, tree.make_given(place, entry, time), time)
            else:
                message = f"mounts.{name}: {entry.path} is a link; a writable mount has none"
                raise Misuse(message, code="bad-mount")
        except FsError as error:
            why = _WHY.get(error.code, error.code)
            message = f"mounts.{name}: what its folder holds does not fit: {why} ({entry.path})"
            raise Misuse(message, code="bad-mount") from None
    return tree


_WHY = {
    "insufficient-space": "more than its quota or its max-files",
    "name-too-long": f"more than {MAX_DEPTH} directories inside each other",
}


def each(tree: Tree) -> Iterator[tuple[Directory, str, Node]]:
    """What is in a tree: directory, name and node, each directory before what is in it."""
    waiting = [tree.root]
    while waiting:
        directory = waiting.pop()
        inner = []
        for name in directory.names():
            node = directory.entries[name]
            yield directory, name, node
            if isinstance(node, Directory):
                inner.append(node)
        waiting += reversed(inner)


def paths(tree: Tree) -> Iterator[tuple[str, Node]]:
    """Paths and nodes of all but the root: each directory before what is in it."""
    known = {tree.root.number: ""}
    for directory, name, node in each(tree):
        path = known[directory.number] + name
        if isinstance(node, Directory):
            known[node.number] = f"{path}/"
        yield path, node
