"""Folders of the host: how they are listed, and how a guest sees them."""

from __future__ import annotations

import os
import socket
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.wasi.activations import EPOCH, Calls, plain_guest
from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.concepts.hostcall import Err
from wasm_engine.host.mounts import MAX_DEPTH, read_folder
from wasm_engine.runtime.wasi import Preopen, Quota, Tree, copy_into, mounted

FOLLOW, NONE = frozenset({"symlink-follow"}), frozenset[str]()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    (folder / "sub" / "deep").mkdir(parents=True)
    (folder / "sub" / "file.txt").write_bytes(b"in sub")
    (folder / "sub-file").write_bytes(b"beside")
    (folder / "é").write_bytes(b"")
    (folder / "Z").write_bytes(b"upper")
    (folder / "link").symlink_to("sub/file.txt")
    (folder / "out").symlink_to("/etc/passwd")
    (folder / "up").symlink_to("../other")
    return folder


def opened(calls: Calls, base: Any, path: str, how: str = "", flags: str = "read") -> Any:
    return calls(
        "descriptor.open-at", base, FOLLOW, path, frozenset(how.split()), frozenset(flags.split())
    )


def test_a_listing_is_in_order_and_follows_nothing(folder: Path) -> None:
    entries = read_folder(folder)
    assert [(entry.path, entry.kind) for entry in entries] == [
        ("Z", "file"),
        ("link", "link"),
        ("out", "link"),
        ("sub", "directory"),
        ("sub/deep", "directory"),
        ("sub/file.txt", "file"),
        ("sub-file", "file"),
        ("up", "link"),
        ("é", "file"),
    ]
    by_path = {entry.path: entry for entry in entries}
    assert by_path["out"].target == "/etc/passwd"
    file = by_path["sub/file.txt"]
    assert (file.size, file.digest) == (6, sha256(b"in sub").digest())
    assert file.read() == b"in sub"


@pytest.mark.parametrize("change", ["longer", "other", "gone", "link", "folder", "parent"])
def test_a_file_that_changed_is_noticed(folder: Path, change: str) -> None:
    (entry,) = (entry for entry in read_folder(folder) if entry.path == "sub/file.txt")
    file = folder / "sub" / "file.txt"
    match change:
        case "longer":
            file.write_bytes(b"in sub and more")
        case "other":
            file.write_bytes(b"IN SUB")
        case "parent":
            (folder / "sub").rename(folder / "moved")
            (folder / "sub").symlink_to("moved")
        case _:
            file.unlink()
            if change == "link":
                (folder / "elsewhere").write_bytes(b"in sub")
                file.symlink_to("../elsewhere")
            elif change == "folder":
                file.mkdir()
    with pytest.raises(HostFault) as caught:
        entry.read()
    assert caught.value.code == "mount-changed"
    assert "sub/file.txt" in str(caught.value)


def refusal(folder: Path, **limits: int) -> str:
    with pytest.raises(Misuse) as caught:
        read_folder(folder, **limits)
    assert caught.value.code == "bad-mount"
    return str(caught.value)


def test_what_cannot_be_mounted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "more files" in refusal(folder, max_entries=8)
    assert "more bytes" in refusal(folder, max_bytes=16)
    assert read_folder(folder, max_entries=9, max_bytes=17)
    assert "No such file" in refusal(folder / "missing")
    assert refusal(folder / "Z")
    assert refusal(folder / "link")
    os.mkfifo(folder / "pipe")
    assert "pipe: neither a file, a folder nor a link" in refusal(folder)
    (folder / "pipe").unlink()
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(folder)
        listening.bind("socket")
        assert "socket: neither" in refusal(folder)
    (folder / "socket").unlink()
    bad = os.fsencode(folder) + b"/caf\xe9"
    Path(os.fsdecode(bad)).write_bytes(b"")
    assert r"\udce9: a name that is not UTF-8" in refusal(folder)
    Path(os.fsdecode(bad)).unlink()
    (folder / "cafe").symlink_to(os.fsdecode(b"caf\xe9"))
    assert "leads to a name that is not UTF-8" in refusal(folder)


def test_folders_that_are_too_deep(tmp_path: Path) -> None:
    (tmp_path / "/".join(["d"] * (MAX_DEPTH + 1))).mkdir(parents=True)
    assert "folders deep" in refusal(tmp_path)


def test_a_mount_is_read_only_and_shared(folder: Path) -> None:
    mount = mounted(read_folder(folder), time=EPOCH)
    trees = [Tree(), Tree()]
    for tree in trees:
        tree.mount("/data", mount)
    calls, others = (Calls(plain_guest(tree)) for tree in trees)
    ((root, _),), ((other, _),) = calls("get-directories"), others("get-directories")
    file = opened(calls, root, "data/sub/file.txt")
    assert calls("descriptor.stat", file)[:3] == ("regular-file", 1, 6)
    assert calls("descriptor.stat", file)[4] == (EPOCH // 10**9, 0)
    assert calls("descriptor.read", file, 10, 0) == (b"in sub", True)
    assert calls("descriptor.read", opened(calls, root, "data/link"), 10, 3) == (b"sub", True)
    refused, keep = Err("read-only"), ("now", None)
    for how, flags in (("", "write"), ("truncate", ""), ("create", "")):
        assert opened(calls, root, "data/Z", how, flags) == refused
    assert opened(calls, root, "data", "", "mutate-directory") == refused
    assert opened(calls, root, "data/new", "create") == refused
    assert calls("descriptor.create-directory-at", root, "data/new") == refused
    assert calls("descriptor.unlink-file-at", root, "data/Z") == refused
    assert calls("descriptor.remove-directory-at", root, "data/sub/deep") == refused
    assert calls("descriptor.rename-at", root, "data/Z", root, "Z") == refused
    assert calls("descriptor.set-times", file, keep, keep) == refused
    assert calls("descriptor.set-times-at", root, NONE, "data", keep, keep) == refused
    assert calls("descriptor.link-at", root, NONE, "data/Z", root, "Z") == Err("cross-device")
    busy = Err("busy")
    assert calls("descriptor.remove-directory-at", root, "data") == busy
    assert calls("descriptor.rename-at", root, "data", root, "moved") == busy
    calls("descriptor.create-directory-at", root, "dir")
    assert calls("descriptor.rename-at", root, "dir", root, "data") == busy
    assert calls("descriptor.create-directory-at", root, "beside") is None
    # The other tree has the same files, and none of what was made in this one.
    assert others("descriptor.stat-at", other, NONE, "beside") == Err("no-entry")
    theirs = opened(others, other, "data/sub/file.txt")
    assert others("descriptor.metadata-hash", theirs) == calls("descriptor.metadata-hash", file)
    assert trees[0].usage.bytes == trees[1].usage.bytes == 0
    file.drop()


def test_links_of_a_mount_lead_nowhere_else(folder: Path) -> None:
    tree = Tree()
    tree.mount("/data", mounted(read_folder(folder), time=0))
    calls = Calls(plain_guest(tree, preopens=[Preopen("data", "/data")]))
    ((data, name),) = calls("get-directories")
    assert name == "data"
    assert calls("descriptor.get-flags", data) == {"read"}
    assert opened(calls, data, "out") == Err("not-permitted")
    assert opened(calls, data, "up") == Err("not-permitted")
    assert calls("descriptor.readlink-at", data, "out") == Err("not-permitted")
    assert calls("descriptor.readlink-at", data, "link") == "sub/file.txt"


def test_contents_are_read_when_they_are_first_needed(folder: Path) -> None:
    reads: list[str] = []
    entries = [
        entry._replace(read=lambda entry=entry: reads.append(entry.path) or entry.read())
        for entry in read_folder(folder)
    ]
    tree = Tree()
    tree.mount("/", mounted(entries, time=0))
    calls = Calls(plain_guest(tree))
    ((root, _),) = calls("get-directories")
    file = opened(calls, root, "sub-file")
    assert calls("descriptor.stat", file)[2] == 6
    assert reads == []
    stream = calls("descriptor.read-via-stream", file, 0)
    assert calls("input-stream.read", stream, 3) == b"bes"
    assert calls("input-stream.read", stream, 9) == b"ide"
    assert reads == ["sub-file"]
    (folder / "Z").write_bytes(b"other")
    with pytest.raises(HostFault):
        calls("descriptor.read", opened(calls, root, "Z"), 1, 0)


def test_contents_of_a_run_file_are_checked_too(folder: Path) -> None:
    entries = [entry._replace(read=lambda: b"forged") for entry in read_folder(folder)]
    tree = Tree()
    tree.mount("/", mounted(entries, time=0))
    calls = Calls(plain_guest(tree))
    with pytest.raises(HostFault, match="not those that were listed"):
        calls("descriptor.read", opened(calls, calls("get-directories")[0][0], "sub-file"), 1, 0)


def test_a_copied_folder_belongs_to_the_guest(folder: Path) -> None:
    tree = Tree()
    copy_into(tree, "/work", read_folder(folder), time=EPOCH)
    calls = Calls(plain_guest(tree))
    ((root, _),) = calls("get-directories")
    file = opened(calls, root, "work/sub/file.txt", "", "read write")
    assert calls("descriptor.write", file, b"changed", 0) == 7
    assert calls("descriptor.readlink-at", root, "work/up") == "../other"
    assert calls("descriptor.unlink-file-at", root, "work/Z") is None
    assert (folder / "sub" / "file.txt").read_bytes() == b"in sub"
    assert tree.usage.bytes == 7 + 6 + len("sub/file.txt" + "/etc/passwd" + "../other")


def test_a_copy_must_fit(folder: Path) -> None:
    with pytest.raises(Misuse, match="insufficient-space"):
        copy_into(Tree(Quota(bytes=10)), "/", read_folder(folder), time=0)


def test_places_that_are_taken(folder: Path) -> None:
    tree, mount = Tree(), mounted(read_folder(folder), time=0)
    tree.mount("/a/b", mount)
    for path in ("/a/b", "/a/b/c", "/a", "/a/../c", "/x\0"):
        with pytest.raises(Misuse):
            tree.mount(path, mount)
    with pytest.raises(Misuse):
        tree.directory_at("/a/b/Z")
    assert tree.directory_at("/a/b/sub").read_only


def test_folders_with_the_same_contents_differ_in_their_names_alone(folder: Path) -> None:
    """What a guest sees of them is the same; who judges it is told which one was looked into."""
    entries = read_folder(folder)
    one, other = (mounted(entries, time=EPOCH, name=name) for name in ("one", "other"))
    tree = Tree(Quota(), time=EPOCH)
    tree.mount("/a", one)
    tree.mount("/b", other)
    assert one.identity() == other.identity()
    guest = plain_guest(tree)
    seen: list[str] = []
    guest.saw = lambda mount: not seen.append(mount)  # type: ignore[method-assign,func-returns-value]
    calls = Calls(guest)
    ((root, _),) = calls("get-directories")
    opened(calls, root, "b/sub/file.txt")
    assert set(seen) == {"other"}
    file = opened(calls, root, "a/sub/file.txt")
    seen.clear()
    assert calls("descriptor.read", file, 10, 0) == (b"in sub", True)
    assert seen == ["one"]
