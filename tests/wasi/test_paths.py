"""Paths: the sandbox, symbolic links, slashes, limits of length; and the code of each failure."""

from __future__ import annotations

from typing import Any

import pytest

from tests.wasi.activations import Calls, plain_guest
from wasm_engine.concepts.errors import LimitExceeded
from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime.wasi import Tree
from wasm_engine.runtime.wasi.tree.paths import MAX_LINKS

FOLLOW, NONE = frozenset({"symlink-follow"}), frozenset[str]()


@pytest.fixture
def calls() -> Calls:
    return Calls(plain_guest(Tree()))


@pytest.fixture
def root(calls: Calls) -> Any:
    ((descriptor, name),) = calls("get-directories")
    assert name == "/"
    return descriptor


def make_file(calls: Calls, root: Any, path: str) -> Any:
    how = frozenset({"create"})
    return calls("descriptor.open-at", root, NONE, path, how, frozenset({"write"}))


def opened(calls: Calls, root: Any, path: str, look: frozenset[str] = NONE, **flags: Any) -> Any:
    how = frozenset(flags.get("how", ()))
    return calls("descriptor.open-at", root, look, path, how, frozenset(flags.get("flags", ())))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("", "no-entry"),
        ("/", "not-permitted"),
        ("/dir", "not-permitted"),
        ("..", "not-permitted"),
        ("dir/../..", "not-permitted"),
        ("dir/nested/../../../dir", "not-permitted"),
        ("missing", "no-entry"),
        ("missing/..", "no-entry"),
        ("file/", "not-directory"),
        ("file/.", "not-directory"),
        ("file/..", "not-directory"),
        ("file/x", "not-directory"),
        ("file\0", "illegal-byte-sequence"),
        ("n" * 256, "name-too-long"),
        ("é" * 128, "name-too-long"),
        ("n" * 200 + "/" + "n" * 4000, "name-too-long"),
        ("out", "not-permitted"),
        ("out/dir", "not-permitted"),
        ("self", "loop"),
        ("dangling", "no-entry"),
    ],
)
def test_what_cannot_be_looked_at(calls: Calls, root: Any, path: str, code: str) -> None:
    calls("descriptor.create-directory-at", root, "dir")
    calls("descriptor.create-directory-at", root, "dir/nested")
    make_file(calls, root, "file")
    for target, name in (("..", "out"), ("self", "self"), ("nowhere", "dangling")):
        assert calls("descriptor.symlink-at", root, target, name) is None
    assert calls("descriptor.stat-at", root, FOLLOW, path) == Err(code)
    assert calls("descriptor.metadata-hash-at", root, FOLLOW, path) == Err(code)
    assert opened(calls, root, path, FOLLOW) == Err(code)


def test_paths_that_wander_arrive(calls: Calls, root: Any) -> None:
    calls("descriptor.create-directory-at", root, "dir")
    calls("descriptor.create-directory-at", root, "dir/nested/")
    make_file(calls, root, "dir/nested/file")
    calls("descriptor.symlink-at", root, "dir/./nested/.", "link")
    for path in (
        "dir/.//nested/../../dir/nested/../nested///./file",
        "link/file",
        "link/../nested/file",
        "./link/./file",
    ):
        assert calls("descriptor.stat-at", root, NONE, path)[0] == "regular-file", path
    for path in (".", "./", "dir/..", "link/", "link/."):
        assert calls("descriptor.stat-at", root, NONE, path)[0] == "directory", path


def test_a_descriptor_is_a_sandbox_of_its_own(calls: Calls, root: Any) -> None:
    calls("descriptor.create-directory-at", root, "child")
    make_file(calls, root, "beside")
    child = opened(calls, root, "child")
    calls("descriptor.symlink-at", root, "../beside", "child/link")
    assert opened(calls, child, "../beside") == Err("not-permitted")
    assert opened(calls, child, "link", FOLLOW) == Err("not-permitted")
    assert calls("descriptor.get-type", opened(calls, root, "child/link", FOLLOW)) == "regular-file"


def test_links_on_a_way_are_counted(calls: Calls, root: Any) -> None:
    make_file(calls, root, "link0")
    for number in range(MAX_LINKS + 1):
        calls("descriptor.symlink-at", root, f"link{number}", f"link{number + 1}")
    assert calls("descriptor.stat-at", root, FOLLOW, f"link{MAX_LINKS}")[0] == "regular-file"
    assert calls("descriptor.stat-at", root, FOLLOW, f"link{MAX_LINKS + 1}") == Err("loop")


def test_links_that_multiply_work_are_paid_for(calls: Calls, root: Any) -> None:
    calls("descriptor.create-directory-at", root, "d")
    calls("descriptor.symlink-at", root, "d/../" * 800, "l0")
    for number in range(MAX_LINKS):
        calls("descriptor.symlink-at", root, f"l{number}/" + "d/../" * 800, f"l{number + 1}")
    before = calls.guest.work
    calls("descriptor.stat-at", root, FOLLOW, f"l{MAX_LINKS}")
    assert before - calls.guest.work > 1_000_000
    calls.guest.work = 1_000_000
    with pytest.raises(LimitExceeded):
        calls("descriptor.stat-at", root, FOLLOW, f"l{MAX_LINKS}")


def test_a_trailing_slash_follows_a_link(calls: Calls, root: Any) -> None:
    calls("descriptor.create-directory-at", root, "dir")
    calls("descriptor.symlink-at", root, "dir", "link")
    assert opened(calls, root, "link") == Err("loop")
    assert opened(calls, root, "link", how={"directory"}) == Err("not-directory")
    assert calls("descriptor.get-type", opened(calls, root, "link/")) == "directory"
    assert calls("descriptor.unlink-file-at", root, "link/") == Err("not-directory")
    assert calls("descriptor.remove-directory-at", root, "link/") == Err("not-directory")
    assert calls("descriptor.rename-at", root, "link/", root, "x") == Err("not-directory")


@pytest.mark.parametrize("to", ["file/", "same/", "new/"])
def test_a_file_is_not_renamed_where_a_directory_is_asked_for(
    calls: Calls, root: Any, to: str
) -> None:
    make_file(calls, root, "file").drop()
    calls("descriptor.link-at", root, NONE, "file", root, "same")
    assert calls("descriptor.rename-at", root, "file", root, to) == Err("not-directory")
    assert calls("descriptor.rename-at", root, "file/", root, to[:-1]) == Err("not-directory")
    assert calls("descriptor.rename-at", root, "file", root, "same") is None


def test_creation_goes_through_a_dangling_link_but_not_exclusively(calls: Calls, root: Any) -> None:
    calls("descriptor.symlink-at", root, "target", "link")
    both = {"create", "exclusive"}
    assert opened(calls, root, "link", FOLLOW, how=both) == Err("exist")
    assert opened(calls, root, "link", how={"create"}) == Err("loop")
    opened(calls, root, "link", FOLLOW, how={"create"})
    assert calls("descriptor.stat-at", root, NONE, "target")[0] == "regular-file"


@pytest.mark.parametrize(
    ("target", "path", "code"),
    [
        ("", "link", "no-entry"),
        ("/", "link", "not-permitted"),
        ("/etc/passwd", "link", "not-permitted"),
        ("a\0", "link", "illegal-byte-sequence"),
        ("a" * 5000, "link", "name-too-long"),
        ("a", "", "no-entry"),
        ("a", "dir", "exist"),
        ("a", "dir/", "exist"),
        ("a", "file/", "not-directory"),
        ("a", "new/", "no-entry"),
        ("a", "missing/link", "no-entry"),
    ],
)
def test_links_that_cannot_be_made(
    calls: Calls, root: Any, target: str, path: str, code: str
) -> None:
    calls("descriptor.create-directory-at", root, "dir")
    make_file(calls, root, "file")
    assert calls("descriptor.symlink-at", root, target, path) == Err(code)


def test_readlink(calls: Calls, root: Any) -> None:
    make_file(calls, root, "file")
    calls("descriptor.symlink-at", root, "../any/thing/", "link")
    assert calls("descriptor.readlink-at", root, "link") == "../any/thing/"
    assert calls("descriptor.stat-at", root, NONE, "link")[:3] == ("symbolic-link", 1, 13)
    assert calls("descriptor.readlink-at", root, "file") == Err("invalid")
    assert calls("descriptor.readlink-at", root, ".") == Err("invalid")
    assert calls("descriptor.readlink-at", root, "missing") == Err("no-entry")
    file = make_file(calls, root, "file")
    assert calls("descriptor.readlink-at", file, ".") == Err("not-directory")
