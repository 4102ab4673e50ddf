"""A file tree as one would write it down: a dict of paths, and what each operation does to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Tree = dict[str, bytes | None]
"""Contents by path; None for a directory. The root is the empty path."""
QUOTA = 40
FILES = 6


def above(path: str) -> str:
    return path.rpartition("/")[0]


def below(tree: Tree, path: str) -> list[str]:
    return [it for it in tree if it.startswith(f"{path}/" if path else "") and it != path]


def way(tree: Tree, path: str) -> str | None:
    """Why a path leads nowhere, up to its last name."""
    here = ""
    for name in path.split("/")[:-1]:
        here = f"{here}/{name}" if here else name
        if here not in tree:
            return "no-entry"
        if tree[here] is not None:
            return "not-directory"
    return None


def held(tree: Tree) -> int:
    return sum(len(it) for it in tree.values() if it is not None)


def mkdir(tree: Tree, path: str) -> str | None:
    wrong = way(tree, path)
    if wrong or path in tree:
        return wrong or "exist"
    if len(tree) > FILES:
        return "insufficient-space"
    tree[path] = None
    return None


def make(tree: Tree, path: str) -> str | None:
    """Opens for writing; makes the file where it is missing."""
    wrong = way(tree, path)
    if wrong:
        return wrong
    if path in tree:
        return "is-directory" if tree[path] is None else None
    if len(tree) > FILES:
        return "insufficient-space"
    tree[path] = b""
    return None


def empty(tree: Tree, path: str) -> str | None:
    """The same, and cuts it."""
    wrong = make(tree, path)
    if wrong is None:
        tree[path] = b""
    return wrong


def write(tree: Tree, path: str, offset: int, data: bytes) -> str | None:
    before = tree[path]
    assert before is not None
    if not data:
        return None
    after = before[:offset].ljust(offset, b"\0") + data + before[offset + len(data) :]
    if held(tree) - len(before) + len(after) > QUOTA and len(after) > len(before):
        return "insufficient-space"
    tree[path] = after
    return None


def cut(tree: Tree, path: str, size: int) -> str | None:
    before = tree[path]
    assert before is not None
    if held(tree) - len(before) + size > QUOTA and size > len(before):
        return "insufficient-space"
    tree[path] = before[:size].ljust(size, b"\0")
    return None


def unlink(tree: Tree, path: str) -> str | None:
    wrong = way(tree, path)
    if wrong or path not in tree:
        return wrong or "no-entry"
    if tree[path] is None:
        return "is-directory"
    del tree[path]
    return None


def rmdir(tree: Tree, path: str) -> str | None:
    wrong = way(tree, path)
    if wrong or path not in tree:
        return wrong or "no-entry"
    if tree[path] is not None:
        return "not-directory"
    if below(tree, path):
        return "not-empty"
    del tree[path]
    return None


def rename(tree: Tree, path: str, new: str) -> str | None:
    wrong = way(tree, path) or way(tree, new)
    if wrong or path not in tree:
        return wrong or "no-entry"
    if path == new:
        return None
    wrong = _over(tree, path, new)
    if wrong:
        return wrong
    tree.pop(new, None)
    for it in [path, *below(tree, path)]:
        tree[new + it[len(path) :]] = tree.pop(it)
    return None


def _over(tree: Tree, path: str, new: str) -> str | None:
    """Why one cannot take the place of the other."""
    if tree[path] is not None:
        return "is-directory" if new in tree and tree[new] is None else None
    if f"{new}/".startswith(f"{path}/"):
        return "invalid"
    if new in tree and tree[new] is not None:
        return "not-directory"
    return "not-empty" if new in tree and below(tree, new) else None


OPERATIONS: dict[str, Callable[..., Any]] = {
    it.__name__: it for it in (mkdir, make, empty, write, cut, unlink, rmdir, rename)
}
