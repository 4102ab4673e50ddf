"""The manifest in a run file: pinned bytes, free of the machine, and no way round the rules."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from wasm_engine.agents.manifest import Manifest
from wasm_engine.agents.read_manifest import from_mapping, read_manifest
from wasm_engine.agents.stored_manifest import VERSION, canonical, from_canonical
from wasm_engine.concepts.errors import BadRunFile

HERE = Path(__file__).parent
FULL = (HERE / "full.toml").read_text(encoding="utf-8")
GOLDENS = HERE.parent / "goldens" / "manifest"


@pytest.fixture
def manifest(write):
    return read_manifest(write(FULL))


def test_the_bytes_are_pinned(manifest):
    """Runs hold these bytes: what changes them needs a new VERSION; the old stay readable."""
    assert canonical(manifest) == golden(VERSION)


@pytest.mark.parametrize(
    ("version", "text"), [(1, "full_v1.toml"), (2, "full_v2.toml"), (3, "full.toml")]
)
def test_old_runs_are_readable(write, version, text):
    manifest = read_manifest(write((HERE / text).read_text(encoding="utf-8")))
    assert from_canonical(golden(version)) == portable(manifest)


@pytest.mark.parametrize("version", [2, 3])
def test_a_manifest_that_uses_nothing_new_has_the_bytes_that_it_had(write, version):
    text = (HERE / ("full.toml" if version == VERSION else f"full_v{version}.toml")).read_text()
    assert canonical(read_manifest(write(text))) == golden(version)


def golden(version: int) -> bytes:
    return bytes.fromhex((GOLDENS / f"v{version}.hex").read_text(encoding="ascii"))


def test_a_manifest_of_the_first_version_says_no_more_than_it_could(write):
    stored = msgspec.msgpack.decode(golden(2))
    stored[0] = 1
    with pytest.raises(BadRunFile, match="cannot be read"):
        from_canonical(msgspec.msgpack.encode(stored, order="deterministic"))
    old = msgspec.msgpack.decode(golden(1))
    old[0] = 2
    with pytest.raises(BadRunFile, match="cannot be read"):
        from_canonical(msgspec.msgpack.encode(old, order="deterministic"))


def portable(manifest: Manifest) -> Manifest:
    mounts = tuple(replace(mount, path="") for mount in manifest.mounts)
    return replace(manifest, mounts=mounts, folder="")


def test_what_is_stored_comes_back_without_its_machine(manifest):
    assert from_canonical(canonical(manifest)) == portable(manifest)
    assert canonical(portable(manifest)) == canonical(manifest)
    servers = ["address:10.0.0.0/8", "http://[::1]:8080", "https://*.example.com"]
    servers += ["secret:ledger-password", "redis://127.0.0.1:6379"]
    needs = [*servers, "postgresql://[::1]:5432/ledger", "sqlite:/data/stock.db"]
    assert list(map(str, portable(manifest).needs())) == needs


def test_folders_and_layout_do_not_matter(folder):
    (folder / "other" / "x.py").write_bytes(b"")
    (folder / "x.py").write_bytes(b"")
    agents = {"a": {"source": "x.py", "config": {"a": 1, "b": 2}, "subscribe": ["s", "t"]}}
    moved = {"a": {"source": "other/x.py", "config": {"b": 2, "a": 1}, "subscribe": ["t", "s"]}}
    world = {"name": "w"}
    one = from_mapping({"world": world, "agents": agents}, folder)
    other = from_mapping({"agents": moved, "world": world}, folder / "other" / "..")
    assert canonical(one) == canonical(other)


def test_bytes_bodies_come_back(folder):
    data = {
        "agents": {"a": {"source": "librarian.py"}},
        "messages": [{"to": "a", "topic": "t", "body": b"\xff"}],
    }
    manifest = from_mapping(data, folder)
    assert from_canonical(canonical(manifest)).messages == manifest.messages


def edited(manifest, *path_and_value):
    """The stored bytes with one value replaced."""
    *path, last, value = path_and_value
    stored = msgspec.msgpack.decode(canonical(manifest))
    inner = stored
    for position in path:
        inner = inner[position]
    inner[last] = value
    return msgspec.msgpack.encode(stored, order="deterministic")


@pytest.mark.parametrize(
    ("path_and_value", "said"),
    [
        ((0, 4), "has version 4; known are 1 to 3"),
        ((0, 2), "cannot be read"),
        ((5, "labels", {}), "not in its canonical form"),
        ((5, "agents", {}), "agents.spare has no `alternatives`"),
        ((5, "agents", "spare", "alternatives", {"x": "../a.wasm"}), "not in its canonical form"),
        ((5, "agents", "spare", "alternatives", {"source": "a.wasm"}), "is no name for one"),
        ((5, "agents", "spare", "alternatives", {"x": "a.txt"}), "must be the path of a .py"),
        ((5, "agents", "all"), "cannot be read"),
        ((5, "agents", "worker", True), "cannot be read"),
        ((5, "limits", [1]), "cannot be read"),
        ((5, "world", None), "cannot be read"),
        ((5, "agents", "nobody", {"isolation": "process"}), "cannot be read"),
        ((5, "agents", "worker", {"isolation": "thread"}), "not in its canonical form"),
        ((5, "agents", "worker", {"isolated": "process"}), "unknown key"),
        ((5, "more", {}), "not in its canonical form"),
        ((5, "labels", 7), "labels: must be a table of tables"),
        ((0, "\x1b[2J"), 'has version "\\u001b[2J"'),
        ((1, 1, -1), "world.seed: must be from 0"),
        ((1, 3, 2**63), "world.epoch: must be from 1970 to 2199"),
        ((1, 3, -1000), "world.epoch: must be from 1970 to 2199"),
        ((1, 3, 2**64 - 1), "world.epoch: must be from 1970 to 2199"),
        ((1, 3, 1_735_689_600_000_000_001), "not in its canonical form"),
        ((1, 4, "zz"), "world.interpreter"),
        ((2, 2, 2, 10**12), "agents.worker.count: must be from 0 to 100000"),
        ((2, 2, 3, '{"a": 1}'), "not in its canonical form"),
        ((2, 2, 3, "[" * 100_000), "cannot be read"),
        ((2, 2, 3, '{"a":' + "9" * 400 + "}"), "cannot be read"),
        ((2, 2, 8, 2**62), "agents.worker.memory"),
        ((2, 2, 15, ["mount:/etc"]), "the operator gives that"),
        ((2, 2, 1, "../worker.wasm"), "not in its canonical form"),
        ((3, 0, 1, "/agent"), "mounts.topics.at"),
        ((4, 0, 2, 5), "messages[0].body"),
        ((4, 0, 0, "nobody"), "no agent has the address"),
        ((4, 0, 3, [["b", "2"], ["a", "1"]]), "not in its canonical form"),
        ((2, []), "cannot be read"),
        ((1, 5, "x"), "cannot be read"),
        ((1, 8, "sometimes"), "cannot be read"),
        ((2, 2, 15, ["https://a/b"]), "is no origin"),
        ((2, 2, 17, -1), "agents.worker.http.timeout: must be a span"),
        ((2, 2, 17, 0), "agents.worker.http.timeout: must be 1 ms to 1 h"),
        ((2, 2, 18, 2**40), "agents.worker.http.max-response"),
        ((2, 2, 15, ["address:10.0.0.1/8"]), 'write "10.0.0.0/8"'),
        ((5, "agents", "worker", "http", "redirects", 11), "must be from 0 to 10"),
        ((5, "agents", "worker", "http", "allow", ["GET https://elsewhere"]), "no grant to ask"),
        ((5, "agents", "worker", "http", "redirects", 0), "not in its canonical form"),
        ((2, 2, 19, ["https://elsewhere"]), "no grant to ask https://elsewhere"),
    ],
)
def test_a_run_from_elsewhere_must_keep_the_rules(manifest, path_and_value, said):
    with pytest.raises(BadRunFile) as caught:
        from_canonical(edited(manifest, *path_and_value))
    assert said in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"\x90", b"\x01", b"\xc1", b"\x91\x01", b"\x91" * 5000])
def test_bytes_that_are_no_manifest(data):
    with pytest.raises(BadRunFile):
        from_canonical(data)
