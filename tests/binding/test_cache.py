"""Compiled code is kept in a folder of ours, and nothing else in it is ever run."""

from __future__ import annotations

import hashlib
import os
import stat

import pytest

from tests.binding.components import (
    ENGINE,
    GUEST,
    PLENTY,
    HostGuest,
    call,
    link,
    wasm_of,
)
from tests.binding.keepable import WAT
from wasm_engine.concepts.errors import Misuse
from wasm_engine.host.disk import PrivateFolder, SealedFile, secret
from wasm_engine.runtime._wasmtime import cache as caches
from wasm_engine.runtime._wasmtime import profile
from wasm_engine.runtime._wasmtime.compile import Compiler
from wasm_engine.runtime._wasmtime.rewrite import rewrite


def answer(n):
    return f"""(component (core module $m (func (export "f") (result i32) (i32.const {n})))
      (core instance $i (instantiate $m))
      (func (export "f") (result u32) (canon lift (core func $i "f"))))"""


class Kept:
    """A cache in a folder of its own, and what was compiled for it."""

    def __init__(self, folder):
        self.folder = folder
        self.compiled = []

    def load(self, wat):
        compiler = Compiler(ENGINE, self.folder)
        return compiler.load_many([("x", wasm_of(wat))], self.compiled.append)[0]

    def run(self, wat):
        instance = link(self.load(wat), {}, set()).instantiate(HostGuest(), PLENTY)
        return call(instance, "", "f")

    def entry(self):
        (found,) = self.folder.glob("*.cwasm")
        return found


@pytest.fixture
def kept(tmp_path):
    return Kept(tmp_path / "cache")


def test_what_was_compiled_is_not_compiled_again(kept):
    assert [kept.run(answer(7)) for _ in range(3)] == [7, 7, 7]
    assert kept.compiled == ["x"]
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept.entry().stat().st_mode) == 0o600


@pytest.mark.parametrize("where", [0, 100, 5000, -100, -1])
def test_a_changed_entry_is_compiled_again(kept, where):
    kept.run(answer(7))
    data = bytearray(kept.entry().read_bytes())
    data[where] ^= 1
    kept.entry().write_bytes(data)
    assert kept.run(answer(7)) == 7
    assert kept.compiled == ["x", "x"]
    assert kept.run(answer(7)) == 7
    assert kept.compiled == ["x", "x"]


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 1000])
def test_a_truncated_entry_is_compiled_again(kept, size):
    kept.run(answer(7))
    os.truncate(kept.entry(), size)
    assert kept.run(answer(7)) == 7
    assert kept.compiled == ["x", "x"]


def test_the_code_of_another_component_is_not_taken(kept, tmp_path):
    other = Kept(tmp_path / "other")
    kept.run(answer(7))
    name = kept.entry().name
    kept.entry().unlink()
    kept.run(answer(8))
    kept.entry().rename(kept.folder / name)
    assert kept.run(answer(7)) == 7
    # Nor a whole folder from elsewhere, whose key is not ours.
    other.run(answer(9))
    other_entry = other.entry()
    other_entry.rename(kept.folder / other_entry.name)
    compiled = len(kept.compiled)
    assert kept.run(answer(9)) == 9
    assert len(kept.compiled) == compiled + 1


def test_a_link_is_not_followed(kept, tmp_path):
    kept.run(answer(7))
    entry = kept.entry()
    elsewhere = tmp_path / "elsewhere"
    entry.rename(elsewhere)
    entry.symlink_to(elsewhere)
    assert kept.run(answer(7)) == 7
    assert kept.compiled == ["x", "x"]
    assert not entry.is_symlink()


def test_a_pipe_or_a_folder_in_its_place_does_no_harm(kept):
    kept.run(answer(7))
    entry = kept.entry()
    entry.unlink()
    os.mkfifo(entry)
    assert kept.run(answer(7)) == 7
    entry.unlink()
    entry.mkdir()
    assert kept.run(answer(7)) == 7


def test_a_folder_that_others_may_use_is_refused(tmp_path):
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    with pytest.raises(Misuse, match="others may use this folder"):
        Compiler(ENGINE, folder)


def test_a_link_to_a_folder_is_refused(tmp_path):
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "cache").symlink_to(tmp_path / "real")
    with pytest.raises(Misuse, match="not a folder of ours"):
        Compiler(ENGINE, tmp_path / "cache")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "cache").write_text("")
    with pytest.raises(Misuse, match="not a folder of ours"):
        Compiler(ENGINE, tmp_path / "cache")


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(kept, monkeypatch):
    kept.load(GUEST)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(PrivateFolder, "write", full)
    assert kept.run(answer(7)) == 7


def test_the_key_lies_outside_and_is_ours_alone(tmp_path):
    folder = tmp_path / "cache"
    Compiler(ENGINE, folder)
    key = tmp_path / "cache.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert secret(key) == key.read_bytes()
    Compiler(ENGINE, folder, key_file=tmp_path / "keys" / "cache.key")
    assert (tmp_path / "keys" / "cache.key").stat().st_size == 32
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("spoil", ["open", "short", "link"])
def test_a_key_that_is_not_ours_is_refused(tmp_path, spoil):
    key = tmp_path / "cache.key"
    if spoil == "link":
        (tmp_path / "real").write_bytes(bytes(32))
        key.symlink_to(tmp_path / "real")
    else:
        key.write_bytes(bytes(32 if spoil == "open" else 5))
        key.chmod(0o644 if spoil == "open" else 0o600)
    with pytest.raises(Misuse, match="not a key of ours"):
        Compiler(ENGINE, tmp_path / "cache")


def test_what_was_not_used_for_longest_makes_room(kept, monkeypatch):
    kept.run(answer(1))
    first = kept.entry()
    size = first.stat().st_size
    os.utime(first, (1, 1))
    kept.run(answer(2))
    monkeypatch.setattr(caches, "MAX_BYTES", 2 * size + 100)
    kept.run(answer(3))
    assert not first.exists()
    assert len(list(kept.folder.iterdir())) == 2


def test_a_sealed_file_cannot_be_changed():
    file = SealedFile("test")
    os.write(file.fd, b"what was checked")
    file.seal()
    for change in (
        lambda: os.pwrite(file.fd, b"x", 0),
        lambda: os.ftruncate(file.fd, 1),
        lambda: os.ftruncate(file.fd, 1000),
    ):
        with pytest.raises(PermissionError):
            change()
    with file.view() as view:
        assert bytes(view) == b"what was checked"


def test_code_of_another_rewriting_is_not_used():
    """Where this fails, rewriting gives other bytes than before: raise `profile.REWRITING`."""
    given = hashlib.sha256(repr(tuple(rewrite(wasm_of(WAT)))).encode()).hexdigest()
    assert (profile.REWRITING, given) == (
        2,
        "c53995b9144dd0efadcec43d3278d43d1727d46c4d2497232b9f01429d3d0977",
    )
    assert profile.REWRITING in profile.fingerprint()
