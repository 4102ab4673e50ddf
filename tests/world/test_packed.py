"""Large contents are packed once and kept."""

from __future__ import annotations

import hashlib

import pytest

from wasm_engine.journal.packing import unpack
from wasm_engine.world import packed as module
from wasm_engine.world.packed import LARGE, MOST, packed

DATA = b"interpreter " * LARGE


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WASM_ENGINE_HOME", str(tmp_path))
    return tmp_path / "cache" / "packed"


def digest_of(data):
    return hashlib.sha256(data).digest()


@pytest.fixture
def compressed(monkeypatch):
    """What was compressed, and not found packed."""
    seen = []

    def pack(data):
        seen.append(data)
        return original(data)

    original = module.pack
    monkeypatch.setattr(module, "pack", pack)
    return seen


def test_a_large_content_is_packed_once(folder, compressed):
    first, second = (packed(digest_of(DATA), DATA) for _ in range(2))
    assert first == second
    assert unpack(first) == DATA
    assert len(compressed) == len(list(folder.iterdir())) == 1


def test_a_small_one_is_not_kept(folder):
    assert unpack(packed(digest_of(b"x" * 1000), b"x" * 1000)) == b"x" * 1000
    assert not folder.exists()


@pytest.mark.parametrize(
    ("first", "last"), [(0, -1), (1, None), (0, 0)], ids=["no end", "no beginning", "empty"]
)
def test_a_damaged_one_is_packed_again(folder, compressed, first, last):
    sound = packed(digest_of(DATA), DATA)
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[first:last])
    assert packed(digest_of(DATA), DATA) == sound
    assert packed(digest_of(DATA), DATA) == sound
    assert len(compressed) == 2


def test_few_are_kept(folder):
    for number in range(MOST + 3):
        data = bytes([number]) * LARGE
        packed(digest_of(data), data)
    assert len(list(folder.iterdir())) == MOST


def test_without_a_folder_of_ours_it_is_packed_each_time(folder, compressed):
    folder.parent.mkdir()
    folder.write_text("in the way")
    for _ in range(2):
        assert unpack(packed(digest_of(DATA), DATA)) == DATA
    assert len(compressed) == 2
