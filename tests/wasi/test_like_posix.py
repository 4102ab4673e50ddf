"""The file tree against the machine's own: random operations do the same, and leave the same.

What Linux answers is the reference; where WASI differs on purpose, it says so below.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wasi.activations import Calls, plain_guest
from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime.wasi import Tree

CODES = {
    errno.ENOENT: "no-entry",
    errno.EEXIST: "exist",
    errno.ENOTDIR: "not-directory",
    errno.EISDIR: "is-directory",
    errno.ENOTEMPTY: "not-empty",
    errno.EINVAL: "invalid",
    errno.ELOOP: "loop",
    errno.EBUSY: "busy",
    errno.EPERM: "not-permitted",
}

# Where several things are wrong with a call, systems report one or another of them.
EITHER = [
    {"not-directory", "exist"},  # a new name that ends with a slash, on a file
    {"no-entry", "exist"},
    {"invalid", "not-empty"},  # removing `a/..`
    {"busy", "invalid"},  # renaming `.`
    {"not-directory", "loop"},  # a link opened as a directory
    {"is-directory", "exist"},
    {"is-directory", "not-permitted"},
    {"not-directory", "is-directory"},
    {"not-empty", "not-directory"},
    {"not-empty", "busy"},
    {"not-empty", "invalid"},
]

names = st.sampled_from(["a", "b", "c"])
paths = st.builds(
    lambda parts, end: "/".join(parts) + end,
    st.lists(st.one_of(names, names, names, st.sampled_from(["..", "."])), min_size=1, max_size=3),
    st.sampled_from(["", "", "", "", "/"]),
)
operations = st.one_of(
    st.tuples(st.sampled_from(["mkdir", "rmdir", "unlink", "readlink", "make"]), paths),
    st.tuples(st.sampled_from(["mkdir", "make"]), paths),
    st.tuples(st.sampled_from(["rename", "link", "symlink"]), paths, paths),
    st.tuples(st.sampled_from(["open", "stat", "append"]), paths, st.booleans()),
    st.tuples(st.just("directory"), paths),
)


class Ours:
    """The operations on a virtual tree."""

    def __init__(self) -> None:
        self.calls = Calls(plain_guest(Tree()))
        ((self.root, _),) = self.calls("get-directories")

    def do(self, operation: str, path: str, *more: Any) -> Any:  # noqa: PLR0911 - a table
        root, calls = self.root, self.calls
        follow = frozenset({"symlink-follow"} if more and more[0] is True else ())
        match operation:
            case "mkdir":
                return calls("descriptor.create-directory-at", root, path)
            case "rmdir":
                return calls("descriptor.remove-directory-at", root, path)
            case "unlink":
                return calls("descriptor.unlink-file-at", root, path)
            case "readlink":
                return calls("descriptor.readlink-at", root, path)
            case "rename":
                return calls("descriptor.rename-at", root, path, root, more[0])
            case "link":
                return calls("descriptor.link-at", root, frozenset(), path, root, more[0])
            case "symlink":
                return calls("descriptor.symlink-at", root, path, more[0])
            case "stat":
                found = calls("descriptor.stat-at", root, follow, path)
                return found if isinstance(found, Err) else self._seen(found)
            case "make":
                return self._open(path, frozenset(), {"create", "exclusive"}, {"write"})
            case "append":
                return self._open(path, follow, {"create"}, {"write"})
            case "open":
                return self._open(path, follow, set(), {"read"})
            case _:
                return self._open(path, frozenset({"symlink-follow"}), {"directory"}, {"read"})

    def _seen(self, found: Any) -> tuple[str, int, int]:
        kind, links, size = found[:3]
        return (kind, 0, 0) if kind == "directory" else (kind, links, size)

    def _open(self, path: str, look: frozenset[str], how: set[str], flags: set[str]) -> Any:
        opened = self.calls(
            "descriptor.open-at", self.root, look, path, frozenset(how), frozenset(flags)
        )
        if isinstance(opened, Err):
            return opened
        try:
            if "write" in flags:
                stream = self.calls("descriptor.append-via-stream", opened)
                self.calls("output-stream.blocking-write-and-flush", stream, b"data")
                stream.drop()
            return self.calls("descriptor.get-type", opened)
        finally:
            opened.drop()

    def listing(self) -> list[Any]:
        return self._below(self.root)

    def _below(self, directory: Any) -> list[Any]:
        found = []
        stream = self.calls("descriptor.read-directory", directory)
        while entry := self.calls("directory-entry-stream.read-directory-entry", stream):
            kind, name = entry
            below: Any = None
            if kind == "directory":
                opened = self.calls(
                    "descriptor.open-at", directory, frozenset(), name, frozenset(), frozenset()
                )
                below = self._below(opened)
                opened.drop()
            elif kind == "symbolic-link":
                below = self.calls("descriptor.readlink-at", directory, name)
            else:
                below = self.calls("descriptor.stat-at", directory, frozenset(), name)[1:3]
            found.append((name, kind, below))
        return found


class Theirs:
    """The same on a folder of the machine."""

    def __init__(self, root: Path) -> None:
        self.path = root
        self.root = os.open(root, os.O_RDONLY | os.O_DIRECTORY)

    def do(self, operation: str, path: str, *more: Any) -> Any:
        try:
            return self._do(operation, path, *more)
        except OSError as error:
            return Err(CODES[error.errno or 0])

    def _do(self, operation: str, path: str, *more: Any) -> Any:
        root = self.root
        match operation:
            case "mkdir":
                os.mkdir(path, dir_fd=root)
            case "rmdir":
                os.rmdir(path, dir_fd=root)
            case "unlink":
                os.unlink(path, dir_fd=root)
            case "readlink":
                return os.readlink(path, dir_fd=root)
            case "rename":
                os.rename(path, more[0], src_dir_fd=root, dst_dir_fd=root)
            case "link":
                os.link(path, more[0], src_dir_fd=root, dst_dir_fd=root, follow_symlinks=False)
            case "symlink":
                os.symlink(path, more[0], dir_fd=root)
            case "stat":
                return self._seen(os.stat(path, dir_fd=root, follow_symlinks=more[0]))
            case "make":
                return self._open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            case "append":
                follow = 0 if more[0] else os.O_NOFOLLOW
                return self._open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | follow)
            case "open":
                return self._open(path, os.O_RDONLY | (0 if more[0] else os.O_NOFOLLOW))
            case _:
                return self._open(path, os.O_RDONLY | os.O_DIRECTORY)
        return None

    def _seen(self, found: os.stat_result) -> tuple[str, int, int]:
        kind = _kind(found.st_mode)
        return (kind, 0, 0) if kind == "directory" else (kind, found.st_nlink, found.st_size)

    def _open(self, path: str, flags: int) -> str:
        opened = os.open(path, flags, 0o700, dir_fd=self.root)
        try:
            if flags & os.O_WRONLY:
                os.write(opened, b"data")
            return _kind(os.fstat(opened).st_mode)
        finally:
            os.close(opened)

    def listing(self) -> list[Any]:
        return self._below(self.path)

    def _below(self, directory: Path) -> list[Any]:
        found = []
        for at in sorted(directory.iterdir()):
            status = at.lstat()
            kind = _kind(status.st_mode)
            below: Any = (status.st_nlink, status.st_size)
            if kind == "directory":
                below = self._below(at)
            elif kind == "symbolic-link":
                below = os.readlink(at)  # noqa: PTH115 - Path would tidy it up
            found.append((at.name, kind, below))
        return found


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "directory"
    return "symbolic-link" if stat.S_ISLNK(mode) else "regular-file"


def _alike(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, Err) and isinstance(theirs, Err):
        return ours == theirs or {ours.payload, theirs.payload} in EITHER
    return bool(ours == theirs)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(operations, min_size=1, max_size=25))
def test_random_operations_do_what_linux_does(steps: list[tuple[Any, ...]]) -> None:
    folder = Path(tempfile.mkdtemp())
    theirs = Theirs(folder)
    try:
        ours = Ours()
        for step in steps:
            got = ours.do(*step)
            if got == Err("not-permitted") and step[0] != "link":
                continue  # out of the sandbox, which Linux has not
            if got == Err("not-permitted") and ".." in "".join(step[1:]):
                continue
            expected = theirs.do(*step)
            assert _alike(got, expected), f"{step}: {got}, but Linux {expected}"
            assert ours.listing() == theirs.listing(), step
        usage = ours.calls.guest.wasi.tree.usage
        assert usage.nodes == _count(ours.listing())
    finally:
        os.close(theirs.root)
        shutil.rmtree(folder)


def _count(listing: list[Any]) -> int:
    return sum(1 + (_count(below) if kind == "directory" else 0) for _, kind, below in listing)
