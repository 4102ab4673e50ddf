"""How a path leads to a node: `..`, symbolic links and trailing slashes, never out of its base."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from wasm_engine.runtime.wasi import price
from wasm_engine.runtime.wasi.tree.errors import FsError
from wasm_engine.runtime.wasi.tree.nodes import Directory, Link, Node, SharedMount

MAX_NAME = 255
"""Bytes of one name."""
MAX_PATH = 4096
"""Bytes of a path, and of what a symbolic link holds."""
MAX_LINKS = 40
"""Symbolic links on one way."""


class Place(NamedTuple):
    """Where a path leads.

    Attributes:
        directory: The directory that the last name is in.
        name: The last name; empty where the path ends at the directory itself (`.`, `a/..`).
        node: What is there, or None.
        slash: Whether the path says that it must be a directory.
    """

    directory: Directory
    name: str
    node: Node | None
    slash: bool


class Crossed(Exception):
    """A path leads into a folder that agents share.

    Attributes:
        mount: The folder.
        path: The way in it; `.` where it is the folder itself that is meant.
        onward: Where the path leaves the folder again: the same path without the way through it.
    """

    def __init__(self, mount: SharedMount, path: str, onward: str | None) -> None:
        super().__init__(mount.name)
        self.mount, self.path, self.onward = mount, path, onward


def check_path(path: str) -> None:
    """Refuses what is no path at all."""
    if not path:
        code = "no-entry"
        raise FsError(code)
    if "\0" in path:
        code = "illegal-byte-sequence"
        raise FsError(code)
    if len(path) > MAX_PATH or len(path.encode()) > MAX_PATH:
        code = "name-too-long"
        raise FsError(code)


def _parts(path: str) -> list[str]:
    """The names of a path, last first. A `.` is kept at the end only, where it has a meaning."""
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if path.rstrip("/").rpartition("/")[2] == ".":
        parts.append(".")
    parts.reverse()
    return parts


class Looker(Protocol):
    """Who looks."""

    def charge(self, work: int) -> None:
        """Counts what it costs."""

    def saw(self, mount: str) -> bool:
        """Is told the name of a mount whose names decide the way; False: it may not look."""


class _Walk:
    """One resolution of one path."""

    def __init__(self, base: Directory, path: str, looker: Looker) -> None:
        check_path(path)
        self._charge = looker.charge
        self.mounts: dict[str, None] = {}
        self._stack = [base]
        self._parts: list[str] = []
        self._taken: list[str] = []
        self._links = 0
        self.slash = path.endswith("/")
        self._add(path)

    def _add(self, path: str) -> None:
        if path.startswith("/"):
            code = "not-permitted"
            raise FsError(code)
        parts = _parts(path)
        self._charge(price.STEP * (len(parts) + 1))
        self._parts += parts

    def run(self, *, follow: bool) -> Place:
        """Goes to the end; a link there is followed only if `follow`."""
        while self._parts:
            name = self._parts.pop()
            if name == ".":
                continue
            if name == "..":
                self._up()
                self._taken.append(name)
                continue
            place = self._step(name, follow=follow)
            if place is not None:
                return place
        here = self._stack[-1]
        return Place(here, "", here, slash=True)

    def _up(self) -> None:
        if len(self._stack) == 1:
            code = "not-permitted"
            raise FsError(code)
        self._stack.pop()

    def _step(self, name: str, *, follow: bool) -> Place | None:
        """Takes one name; answers the place where it was the last one."""
        here, last = self._stack[-1], not self._parts
        if here.read_only:
            self.mounts[here.mount] = None
        node = here.entries.get(name)
        if node is None:
            return self._missing(here, name, last=last)
        if isinstance(node, Link) and (follow or not last):
            self._follow(node)
            return None
        if isinstance(node, SharedMount):
            raise self._crossed(node)
        if last:
            return Place(here, name, node, self.slash)
        if not isinstance(node, Directory):
            code = "not-directory"
            raise FsError(code)
        self._stack.append(node)
        self._taken.append(name)
        return None

    def _crossed(self, mount: SharedMount) -> Crossed:
        """What is left of the way: in the folder, and out of it again."""
        rest, depth = self._parts[::-1], 0
        slash = "/" if self.slash else ""
        for number, name in enumerate(rest):
            depth += 0 if name == "." else -1 if name == ".." else 1
            if depth < 0:
                onward = "/".join([*self._taken, *rest[number + 1 :]] or ["."]) + slash
                return Crossed(mount, "/".join(rest[:number] or ["."]), onward)
        return Crossed(mount, "/".join(rest or ["."]) + slash, None)

    def _missing(self, here: Directory, name: str, *, last: bool) -> Place:
        if len(name) > MAX_NAME or len(name.encode()) > MAX_NAME:
            code = "name-too-long"
            raise FsError(code)
        if not last:
            code = "no-entry"
            raise FsError(code)
        return Place(here, name, None, self.slash)

    def _follow(self, link: Link) -> None:
        self._links += 1
        if self._links > MAX_LINKS:
            code = "loop"
            raise FsError(code)
        if not self._parts and link.target.endswith("/"):
            self.slash = True
        self._add(link.target)


def resolve(base: Directory, path: str, looker: Looker, *, follow: bool) -> Place:
    """Where a path leads to something that is to be looked at or opened.

    A trailing slash asks for a directory, and follows a link to find it.

    Args:
        base: Where the path begins; nothing above it can be reached.
        path: The guest's path.
        looker: Told what the walk costs, before it is done, and which mounts were looked into.
        follow: Whether a symbolic link at the end is followed.
    """
    walk = _Walk(base, path, looker)
    place = _walked(walk, looker, follow=follow or walk.slash)
    if place.slash and place.node is not None and not isinstance(place.node, Directory):
        code = "not-directory"
        raise FsError(code)
    return place


def resolve_name(base: Directory, path: str, looker: Looker) -> Place:
    """Where a path leads to a name to be made, removed or replaced; a link there is meant."""
    return _walked(_Walk(base, path, looker), looker, follow=False)


def _walked(walk: _Walk, looker: Looker, *, follow: bool) -> Place:
    """The end of a walk; that there is none says something of the mounts on the way, too."""
    place: Place | None = None
    failed: FsError | Crossed | None = None
    try:
        place = walk.run(follow=follow)
    except (FsError, Crossed) as error:
        failed = error
    allowed = [looker.saw(name) for name in walk.mounts]
    if not all(allowed):
        code = "access"
        raise FsError(code)
    if failed is not None:
        raise failed
    assert place is not None
    return place
