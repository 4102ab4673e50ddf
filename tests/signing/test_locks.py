"""A lock holds a world to what it was made of when it was locked."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.control.conftest import SCRIPTED, WORLD
from tests.signing import golden_world
from wasm_engine.agents.lock import (
    Lock,
    LockedFile,
    LockedKind,
    LockedModel,
    LockedMount,
    LockedTool,
)
from wasm_engine.agents.read_lock import BadLock, read_lock
from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.errors import Refused
from wasm_engine.control.checks import check
from wasm_engine.control.locks import lock
from wasm_engine.control.runs import run

GOLDENS = Path(__file__).parents[1] / "goldens/signing"
INTERPRETER = "wasm_engine.world.world.interpreter_for"
DIGESTS = st.binary(min_size=32, max_size=32).map(bytes.hex)
NAMES = st.text("az09.-_", min_size=1, max_size=8)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
KINDS = st.dictionaries(NAMES, st.builds(LockedKind, TEXTS, DIGESTS), max_size=3)
MOUNTS = st.dictionaries(
    NAMES, st.builds(LockedMount, TEXTS, st.integers(0, 9), DIGESTS), max_size=3
)
FUNCTIONS = st.dictionaries(TEXTS, DIGESTS, min_size=1, max_size=2)
TOOLS = st.dictionaries(NAMES, st.builds(LockedTool, TEXTS, DIGESTS, FUNCTIONS), max_size=2)
DIGEST = st.none() | DIGESTS
OTHERS = st.dictionaries(
    NAMES.map("kind@{}".format), st.builds(LockedKind, TEXTS, DIGESTS), max_size=2
)
OLD_LOCKS = st.builds(
    Lock, TEXTS, KINDS, DIGEST, st.none() | MOUNTS, DIGEST, TOOLS, OTHERS, st.none(), st.just({})
)
MODELS = st.dictionaries(NAMES, st.builds(LockedModel, TEXTS, DIGEST), max_size=2)
FILES = st.dictionaries(NAMES, st.builds(LockedFile, TEXTS, DIGESTS), max_size=2)
LOCKS = OLD_LOCKS | st.builds(
    lambda old, models, files: old._replace(models=models, instructions=files),
    OLD_LOCKS, MODELS, FILES,
)  # fmt: skip

MOUNTED = (
    WORLD.replace('source = "ping.wasm"', 'source = "ping.wasm"\nmounts = ["docs"]', 1)
    + '\n[mounts.docs]\npath = "docs"\nat = "/docs"\n'
)


@pytest.fixture
def mounted(world):
    """The world with a folder."""
    (world.parent / "docs").mkdir()
    (world.parent / "docs/a.txt").write_text("a")
    world.write_text(MOUNTED)
    return world


@given(LOCKS)
def test_a_lock_comes_back_as_it_was(made):
    assert read_lock(made.text(), "x.lock") == made
    assert made.differences(made) == []


@given(LOCKS, LOCKS)
def test_two_locks_differ_or_are_the_same(one, other):
    same = one._replace(mounts=None, models=None) == other._replace(mounts=None, models=None)
    same &= one.mounts is None or dict(one.mounts) == dict(other.mounts or {})
    same &= one.models is None or dict(one.models) == dict(other.models or {})
    assert (one.differences(other) == []) == same


@given(st.text('version=1\n[kinds.a]{}"world', max_size=40))
def test_any_text_is_a_lock_or_bad(text):
    with contextlib.suppress(BadLock):
        read_lock(text, "x.lock")


@pytest.fixture
def golden(tmp_path, monkeypatch):
    """The golden world's manifest, on a machine whose interpreter is known."""
    monkeypatch.setattr(INTERPRETER, lambda _manifest, _note: lambda _language: b"an interpreter")
    return golden_world.write(tmp_path)


def test_the_lock_of_a_world_is_the_golden_one(values, golden):
    golden_world.add_models(golden)
    status, report = values("lock", golden)
    file = golden.with_suffix(".lock")
    more = {"reader": LockedFile("reader.md", "0a" * 32)}
    text = read_lock(file.read_text(), "x")._replace(instructions=more).text()
    assert text == (GOLDENS / "world-2.lock").read_text()
    assert (status, report["digest"]) == (0, sha256_hex(file.read_bytes()))
    assert [report[k] for k in ("kinds", "mounts", "models", "written")] == [2, 1, 4, True]
    assert report["interpreter"] == sha256_hex(b"an interpreter")
    assert values("lock", golden)[1]["written"] is False


def test_a_lock_of_version_1_holds_its_world_and_nobody_to_models(values, golden):
    shutil.copyfile(GOLDENS / "world.lock", golden.with_suffix(".lock"))
    old = (GOLDENS / "world.lock").read_text()
    assert read_lock(old, "x").text() == old
    golden_world.add_models(golden)
    status, report = values("lock", golden, "--check")
    assert (status, report["models"], report["written"]) == (0, None, False)
    assert golden.with_suffix(".lock").read_text() == old
    (golden.parent / "sum.wasm").write_bytes(b"another")
    assert values("lock", golden, "--check")[0] == 4
    assert values("lock", golden)[1]["models"] == 4


def test_a_world_that_is_as_it_was_runs(mounted):
    lock(mounted)
    assert run(mounted).status == "idle"
    assert check(mounted).missing == ()
    assert lock(mounted, check=True).written is False


def test_a_component_that_differs_is_refused_with_both_digests(command, mounted):
    lock(mounted)
    old = sha256_hex((mounted.parent / "ping.wasm").read_bytes())
    shutil.copyfile(SCRIPTED, mounted.parent / "ping.wasm")
    now = sha256_hex(SCRIPTED.read_bytes())
    before = mounted.with_suffix(".lock").read_bytes()
    for words in (["run", mounted, "--run", mounted.parent / "x.run"], ["check", mounted],
                  ["lock", mounted, "--check"]):  # fmt: skip
        status, out, err = command(*words)
        assert (status, out) == (4, "")
        assert f"a: locked ping.wasm sha256:{old}, now ping.wasm sha256:{now}" in err
        assert f"wasm-engine lock {mounted}" in err
    assert not (mounted.parent / "x.run").exists()
    assert mounted.with_suffix(".lock").read_bytes() == before
    assert command("lock", mounted)[0] == 0
    assert command("run", mounted)[0] == 0


def test_whatever_agents_can_see_of_a_folder_is_locked(mounted):
    lock(mounted)
    docs = mounted.parent / "docs"
    (docs / "a.txt").touch()
    assert lock(mounted, check=True).mounts == 1
    for change in (
        lambda: (docs / "a.txt").write_text("b"),
        lambda: (docs / "b.txt").write_text("new"),
        lambda: (docs / "a.txt").rename(docs / "c.txt"),
        lambda: (docs / "link").symlink_to("c.txt"),
    ):
        change()
        with pytest.raises(Refused, match="mount docs: locked docs"):
            check(mounted)
        lock(mounted)
        check(mounted)


def test_folders_can_be_left_out(mounted):
    report = lock(mounted, mounts=False)
    assert report.mounts is None
    (mounted.parent / "docs/a.txt").write_text("other")
    assert run(mounted).status == "idle"


def test_kinds_that_come_and_go_are_named(mounted):
    lock(mounted)
    mounted.write_text(MOUNTED.replace("[agents.b]", "[agents.c]"))
    with pytest.raises(Refused) as caught:
        check(mounted)
    text = str(caught.value)
    assert "b: locked ping.wasm sha256:" in text
    assert "and no longer in the world" in text
    assert "c: not locked, now ping.wasm sha256:" in text
    assert caught.value.code == "locked"


def test_an_agents_own_file_and_its_interpreter_are_locked(tmp_path, monkeypatch):
    (tmp_path / "a.py").write_text("import wasm_agent\n")
    manifest = tmp_path / "world.toml"
    manifest.write_text('[agents.a]\nsource = "a.py"\n')
    monkeypatch.setattr(INTERPRETER, lambda _manifest, _note: lambda _language: b"an interpreter")
    report = lock(manifest)
    assert report.interpreter == sha256_hex(b"an interpreter")
    text = manifest.with_suffix(".lock").read_text()
    assert sha256_hex((tmp_path / "a.py").read_bytes()) in text
    monkeypatch.setattr(INTERPRETER, lambda _manifest, _note: lambda _language: b"another")
    with pytest.raises(Refused) as caught:
        run(manifest)
    assert f"the Python interpreter: locked sha256:{report.interpreter}, now sha256:" in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = 3", "world.lock:1: version: must be 1 to 2"),
        ("version = 1.0", "world.lock:1: version: must be 1 to 2"),
        (
            'version = 1\nworld = "w"\ncovers = ["kinds", "interpreter", "models"]',
            "world.lock:3: covers: must be",
        ),
        (
            'version = 2\nworld = "w"\ncovers = ["kinds", "interpreter"]',
            'world.lock:3: covers: must be ["kinds", "interpreter", "models"], and "mounts"',
        ),
        (
            'version = 2\nworld = "w"\ncovers = ["kinds", "interpreter", "models"]\n'
            '[models.m]\nsource = "m.onnx"\nsha256 = "AB"',
            "world.lock:6: models.m.sha256: must be 64",
        ),
        (
            'version = 2\nworld = "w"\ncovers = ["kinds", "interpreter", "models"]\n'
            "[instructions.a]\npath = 3",
            "world.lock:4: instructions: must be here if, and only if, `covers` names it",
        ),
        ("", "world.lock:1: version: must be 1"),
        ("x x", "world.lock:1: is not TOML"),
        (
            'version = 1\nworld = 3\ncovers = ["kinds", "interpreter"]',
            "lock:2: world: must be text",
        ),
        ('version = 1\nworld = "w"\ncovers = ["all"]', "world.lock:3: covers: must be"),
        ('version = 1\nworld = "w"\ncovers = 1\nkinds = 1', "world.lock:4: kinds: must be a table"),
        (
            'version = 1\nworld = "w"\n[kinds.a]\nsha256 = "AB"',
            "world.lock:4: kinds.a.sha256: must",
        ),
        ('version = 1\nworld = "w"\n[mounts.a]\nentries = true', "lock:4: mounts.a.entries: must"),
        ('version = 1\nworld = "w"\nmore = 1', "world.lock:3: more: unknown key"),
    ],
)
def test_a_lock_with_mistakes_is_refused_with_their_lines(command, world, text, said):
    world.with_suffix(".lock").write_text(text)
    status, _, err = command("run", world)
    assert (status, said in err, "Traceback" in err) == (2, True, False)


def test_a_lock_that_is_no_text_or_no_file_is_refused(command, world):
    path = world.with_suffix(".lock")
    path.write_bytes(b"\xff")
    assert command("run", world)[0] == 2
    path.unlink()
    path.mkdir()
    assert command("check", world)[0] == 2
    assert command("lock", path)[0] == 2


def test_there_must_be_a_lock_to_be_checked(values, world):
    status, report = values("lock", world, "--check")
    assert (status, report["error"]["code"]) == (4, "locked")


def test_a_folder_outside_is_locked_with_the_operators_word_only(command, mounted, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    mounted.write_text(MOUNTED.replace('path = "docs"', f'path = "{outside}"'))
    status, _, err = command("lock", mounted)
    assert (status, f"--allow mount:{outside}" in err) == (4, True)
    assert command("lock", mounted, "--allow", f"mount:{outside}")[0] == 0
