"""Opening, rights, reading and writing, times, and what stays of a file that is gone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.wasi.activations import EPOCH, Calls, plain_guest
from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime.wasi import Preopen, Quota, Tree

FOLLOW, NONE = frozenset({"symlink-follow"}), frozenset[str]()
HUGE = (1 << 64) - 1


@pytest.fixture
def calls() -> Calls:
    return Calls(plain_guest(Tree()))


@pytest.fixture
def root(calls: Calls) -> Any:
    return calls("get-directories")[0][0]


def opened(calls: Calls, base: Any, path: str, how: str = "", flags: str = "") -> Any:
    return calls(
        "descriptor.open-at", base, NONE, path, frozenset(how.split()), frozenset(flags.split())
    )


def written(calls: Calls, base: Any, path: str, data: bytes) -> None:
    file = opened(calls, base, path, "create", "write")
    assert calls("descriptor.write", file, data, 0) == len(data)
    file.drop()


@pytest.mark.parametrize(
    ("path", "how", "flags", "code"),
    [
        ("dir", "", "write", "is-directory"),
        ("dir", "create", "", "is-directory"),
        ("dir", "truncate", "", "is-directory"),
        ("dir", "directory", "read write", "is-directory"),
        ("dir", "create exclusive", "", "exist"),
        ("dir", "create directory", "", "invalid"),
        ("new/", "create", "", "is-directory"),
        ("new", "", "", "no-entry"),
        ("new", "truncate", "write", "no-entry"),
        ("new", "exclusive", "", "no-entry"),
        ("file", "create exclusive", "", "exist"),
        ("file", "directory", "", "not-directory"),
        ("file", "directory truncate", "", "invalid"),
        ("file/", "create", "", "not-directory"),
    ],
)
def test_what_cannot_be_opened(
    calls: Calls, root: Any, path: str, how: str, flags: str, code: str
) -> None:
    calls("descriptor.create-directory-at", root, "dir")
    written(calls, root, "file", b"kept")
    assert opened(calls, root, path, how, flags) == Err(code)
    assert calls("descriptor.stat-at", root, NONE, "file")[2] == 4


@pytest.mark.parametrize(
    ("path", "flags", "expected"),
    [
        ("file", "", "read"),
        ("file", "read", "read"),
        ("file", "write", "write"),
        ("file", "read write", "read write"),
        ("file", "write file-integrity-sync", "write file-integrity-sync"),
        ("file", "mutate-directory", "read"),
        (".", "", "read"),
        (".", "read mutate-directory", "read mutate-directory"),
    ],
)
def test_flags(calls: Calls, root: Any, path: str, flags: str, expected: str) -> None:
    written(calls, root, "file", b"")
    descriptor = opened(calls, root, path, "", flags)
    assert calls("descriptor.get-flags", descriptor) == frozenset(expected.split())


def test_reading_and_writing_need_their_flag(calls: Calls, root: Any) -> None:
    written(calls, root, "file", b"abc")
    reader, writer = (
        opened(calls, root, "file", "", "read"),
        opened(calls, root, "file", "", "write"),
    )
    bad = Err("bad-descriptor")
    assert calls("descriptor.write", reader, b"x", 0) == bad
    assert calls("descriptor.set-size", reader, 0) == bad
    assert calls("descriptor.write-via-stream", reader, 0) == bad
    assert calls("descriptor.append-via-stream", reader) == bad
    assert calls("descriptor.read", writer, 3, 0) == bad
    assert calls("descriptor.read-via-stream", writer, 0) == bad
    assert calls("descriptor.read", reader, 3, 0) == (b"abc", True)


def test_a_directory_is_no_file_and_a_file_no_directory(calls: Calls, root: Any) -> None:
    for name, more in (
        ("read", (1, 0)),
        ("write", (b"", 0)),
        ("set-size", (0,)),
        ("read-via-stream", (0,)),
        ("write-via-stream", (0,)),
        ("append-via-stream", ()),
    ):
        assert calls(f"descriptor.{name}", root, *more) == Err("is-directory"), name
    assert calls("descriptor.advise", root, 0, 0, "normal") == Err("bad-descriptor")
    written(calls, root, "file", b"")
    file = opened(calls, root, "file")
    assert calls("descriptor.read-directory", file) == Err("not-directory")
    assert calls("descriptor.stat-at", file, NONE, ".") == Err("not-directory")
    assert calls("descriptor.create-directory-at", file, "x") == Err("not-directory")
    assert calls("descriptor.link-at", root, NONE, "file", file, "x") == Err("not-directory")
    assert calls("descriptor.advise", file, 0, HUGE, "will-need") is None
    assert calls("descriptor.sync", file) is None
    assert calls("descriptor.sync-data", root) is None


def test_reading_and_writing_at_offsets(calls: Calls, root: Any) -> None:
    file = opened(calls, root, "file", "create", "read write")
    assert calls("descriptor.read", file, 10, 0) == (b"", True)
    assert calls("descriptor.write", file, b"abcd", 0) == 4
    assert calls("descriptor.read", file, 2, 1) == (b"bc", False)
    assert calls("descriptor.read", file, 3, 1) == (b"bcd", True)
    assert calls("descriptor.read", file, 3, 400) == (b"", True)
    assert calls("descriptor.write", file, b"z", 6) == 1
    assert calls("descriptor.read", file, HUGE, 0) == (b"abcd\0\0z", True)
    assert calls("descriptor.write", file, b"", 100) == 0
    assert calls("descriptor.stat", file)[2] == 7
    assert calls("descriptor.read", file, 1, HUGE) == Err("invalid")
    assert calls("descriptor.write", file, b"x", HUGE) == Err("invalid")
    assert calls("descriptor.write", file, b"xy", (1 << 63) - 3) == Err("insufficient-space")
    assert calls("descriptor.write", file, b"xy", (1 << 63) - 1) == Err("file-too-large")


def test_sizes(calls: Calls, root: Any) -> None:
    file = opened(calls, root, "file", "create", "read write")
    calls("descriptor.write", file, b"abcd", 0)
    assert calls("descriptor.set-size", file, 6) is None
    assert calls("descriptor.read", file, 9, 0) == (b"abcd\0\0", True)
    assert calls("descriptor.set-size", file, 2) is None
    assert calls("descriptor.read", file, 9, 0) == (b"ab", True)
    assert calls("descriptor.set-size", file, HUGE) == Err("invalid")
    assert calls("descriptor.set-size", file, 1 << 62) == Err("insufficient-space")
    opened(calls, root, "file", "truncate")
    assert calls("descriptor.stat", file)[2] == 0


def test_what_is_open_outlives_its_name(calls: Calls, root: Any) -> None:
    usage = calls.guest.wasi.tree.usage
    file = opened(calls, root, "file", "create", "read write")
    calls("descriptor.write", file, b"abc", 0)
    stream = calls("descriptor.read-via-stream", file, 0)
    assert calls("descriptor.unlink-file-at", root, "file") is None
    assert calls("descriptor.stat", file)[1:3] == (0, 3)
    assert calls("descriptor.write", file, b"def", 3) == 3
    assert (usage.nodes, usage.bytes) == (1, 6)
    file.drop()
    assert (usage.nodes, usage.bytes) == (1, 6)
    assert calls("input-stream.read", stream, 10) == b"abcdef"
    stream.drop()
    assert (usage.nodes, usage.bytes) == (0, 0)


def test_nothing_is_made_in_a_directory_that_is_gone(calls: Calls, root: Any) -> None:
    calls("descriptor.create-directory-at", root, "dir")
    written(calls, root, "file", b"")
    directory = opened(calls, root, "dir")
    assert calls("descriptor.remove-directory-at", root, "dir") is None
    gone = Err("no-entry")
    assert calls("descriptor.create-directory-at", directory, "x") == gone
    assert opened(calls, directory, "x", "create", "write") == gone
    assert calls("descriptor.symlink-at", directory, "a", "x") == gone
    assert calls("descriptor.rename-at", root, "file", directory, "x") == gone
    assert calls("descriptor.link-at", root, NONE, "file", directory, "x") == gone
    assert calls("descriptor.stat-at", root, NONE, "file")[1] == 1
    assert calls("descriptor.stat", directory)[:2] == ("directory", 0)


def test_identity(calls: Calls, root: Any) -> None:
    written(calls, root, "a", b"same")
    written(calls, root, "b", b"same")
    calls("descriptor.link-at", root, NONE, "a", root, "c")
    a, b, c = (opened(calls, root, name) for name in "abc")
    assert calls("descriptor.is-same-object", a, c)
    assert not calls("descriptor.is-same-object", a, b)
    of = [calls("descriptor.metadata-hash", file) for file in (a, b, c)]
    assert of[0] == of[2] != of[1]
    assert of[0][0] != of[1][0]
    assert calls("descriptor.metadata-hash-at", root, NONE, "a") == of[0]
    written(calls, root, "a", b"changed")
    assert calls("descriptor.metadata-hash", a) == of[0]


def test_times(calls: Calls, root: Any) -> None:
    written(calls, root, "file", b"")
    file = opened(calls, root, "file")

    def times() -> list[int]:
        found = calls("descriptor.stat", file)[3:]
        return [seconds * 10**9 + nanoseconds for seconds, nanoseconds in found]

    keep, now = ("no-change", None), ("now", None)
    first = times()
    assert all(time > EPOCH for time in first)
    assert calls("descriptor.set-times", file, keep, ("timestamp", (1, 2))) is None
    accessed, modified, changed = times()
    assert (accessed, modified) == (first[0], 10**9 + 2)
    assert changed > first[2]
    assert calls("descriptor.set-times-at", root, NONE, "file", ("timestamp", (7, 0)), now) is None
    assert times()[0] == 7 * 10**9
    assert times()[1] > changed
    assert calls("descriptor.set-times", file, keep, keep) is None
    assert calls("descriptor.set-times", file, ("timestamp", (0, 10**9)), keep) == Err("invalid")
    late = (1 << 64) - 1
    assert calls("descriptor.set-times", file, ("timestamp", (late, 0)), keep) is None
    assert calls("descriptor.stat", file)[3] == (late, 0)
    before = times()
    calls("descriptor.read", file, 1, 0)
    assert times() == before  # reading leaves no mark
    directory = calls("descriptor.stat", root)[4]
    calls("descriptor.unlink-file-at", root, "file")
    assert calls("descriptor.stat", root)[4] > directory


def test_listing_is_in_order_and_does_not_notice_changes(calls: Calls, root: Any) -> None:
    for name in ("b", "a", "é", "Z", "a.b", "\U0001f600", "\uffee"):
        written(calls, root, name, b"")
    calls("descriptor.create-directory-at", root, "dir")
    calls("descriptor.symlink-at", root, "x", "link")
    stream = calls("descriptor.read-directory", root)
    seen = [calls("directory-entry-stream.read-directory-entry", stream)]
    calls("descriptor.unlink-file-at", root, "b")
    written(calls, root, "c", b"")
    while entry := calls("directory-entry-stream.read-directory-entry", stream):
        seen.append(entry)
    names = [name for _, name in seen]
    assert names == sorted(names, key=str.encode)
    assert "b" in names
    assert "c" not in names
    assert ("directory", "dir") in seen
    assert ("symbolic-link", "link") in seen
    assert ("regular-file", "Z") in seen


def test_quota_of_bytes_and_names() -> None:
    calls = Calls(plain_guest(Tree(Quota(bytes=10, nodes=3))))
    root = calls("get-directories")[0][0]
    full = Err("insufficient-space")
    written(calls, root, "file", b"12345678")
    file = opened(calls, root, "file", "", "write")
    assert calls("descriptor.write", file, b"abc", 8) == full
    assert calls("descriptor.set-size", file, 11) == full
    assert calls("descriptor.symlink-at", root, "xyz", "link") == full
    assert calls("descriptor.symlink-at", root, "xy", "link") is None
    assert calls("descriptor.link-at", root, NONE, "file", root, "other") is None
    assert calls("descriptor.create-directory-at", root, "dir") == full
    assert opened(calls, root, "new", "create") == full
    assert calls("descriptor.rename-at", root, "link", root, "other") is None
    assert calls("descriptor.create-directory-at", root, "dir") is None
    assert calls("descriptor.unlink-file-at", root, "other") is None
    assert calls("descriptor.write", file, b"abXX", 6) == 4


@pytest.mark.parametrize(("size", "room"), [(0, 64), (1 << 20, 1024)])
def test_without_a_limit_of_names_there_are_as_many_as_kibibytes(size: int, room: int) -> None:
    calls = Calls(plain_guest(Tree(Quota(bytes=size))))
    root = calls("get-directories")[0][0]
    for number in range(room):
        assert calls("descriptor.create-directory-at", root, f"{number}") is None
    assert calls("descriptor.create-directory-at", root, "more") == Err("insufficient-space")


def test_a_preopen_that_may_not_be_changed() -> None:
    tree = Tree()
    tree.directory_at("/dir")
    calls = Calls(plain_guest(tree, preopens=[Preopen(), Preopen("ro", "/", mutable=False)]))
    (root, _), (shown, name) = calls("get-directories")
    written(calls, root, "file", b"abc")
    refused = Err("read-only")
    assert name == "ro"
    assert calls("descriptor.get-flags", shown) == {"read"}
    for how, flags in (("create", ""), ("truncate", ""), ("", "write"), ("", "mutate-directory")):
        assert opened(calls, shown, "file", how, flags) == refused, (how, flags)
    assert opened(calls, shown, "new", "create") == refused
    assert calls("descriptor.create-directory-at", shown, "new") == refused
    assert calls("descriptor.remove-directory-at", shown, "dir") == refused
    assert calls("descriptor.unlink-file-at", shown, "file") == refused
    assert calls("descriptor.symlink-at", shown, "a", "new") == refused
    assert calls("descriptor.rename-at", shown, "file", root, "new") == refused
    assert calls("descriptor.rename-at", root, "file", shown, "new") == refused
    assert calls("descriptor.link-at", root, NONE, "file", shown, "new") == refused
    assert calls("descriptor.link-at", shown, NONE, "file", root, "new") == refused
    keep = ("no-change", None)
    assert calls("descriptor.set-times-at", shown, NONE, "file", keep, keep) == refused
    below = opened(calls, shown, "dir")
    assert calls("descriptor.create-directory-at", below, "new") == refused
    assert calls("descriptor.set-times", below, keep, keep) == refused
    # What would fail anyway fails as it would anywhere.
    assert calls("descriptor.create-directory-at", shown, "dir") == Err("exist")
    assert calls("descriptor.unlink-file-at", shown, "dir") == Err("is-directory")
    assert calls("descriptor.read", opened(calls, shown, "file"), 9, 0) == (b"abc", True)


def test_without_a_tree_there_is_no_directory() -> None:
    calls = Calls(plain_guest(None))
    assert calls("get-directories") == []
    assert calls("initial-cwd") is None


def test_the_tree_is_made_when_it_is_first_looked_at() -> None:
    made: list[Tree] = []

    def make() -> Tree:
        made.append(Tree())
        return made[0]

    calls = Calls(plain_guest(make))  # type: ignore[arg-type]
    assert calls("initial-cwd") == "/"
    assert not made
    calls("get-directories")
    calls("get-directories")
    assert len(made) == 1
