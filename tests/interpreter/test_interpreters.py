"""Interpreters are built once, kept by digest, pinned, exported and imported, and never trusted."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.toolchain import python_guest
from wasm_engine.toolchain.guest_sources import GuestSources, guest_sources
from wasm_engine.toolchain.interpreter import RECIPE_LABEL, Interpreters
from wasm_engine.toolchain.labels import label, labelled

COMPONENT = b"\0asm\x0d\x00\x01\x00"


@pytest.fixture
def sources(tmp_path):
    """Sources of an installation that can be edited."""
    folders = GuestSources(*(tmp_path / name for name in ("wit", "sdk", "interpreter")))
    for folder, file in zip(
        folders,
        ("wasm-engine-agent@0.1.0/agent.wit", "wasm_agent/__init__.py", "app.py"),
        strict=True,
    ):
        (folder / file).parent.mkdir(parents=True)
        (folder / file).write_text("first\n")
    return folders


@pytest.fixture
def built():
    """What was built, one after another: no two are the same."""
    return []


@pytest.fixture
def interpreters(tmp_path, sources, built):
    """Makes an installation that keeps its interpreters in a folder of that name."""

    def build(_sources, note):
        built.append(len(built) + 1)
        note("building")
        return labelled(COMPONENT, "build", str(built[-1]))

    def make(name="home", carried=None):
        return Interpreters(tmp_path / name, sources, carried, build)

    return make


def quiet(_text):
    pass


def test_the_first_use_builds_and_every_other_finds_it(interpreters, built):
    notes = []
    assert interpreters().current() is None
    first = interpreters().provide(None, notes.append)
    assert notes[0] == "building"
    assert interpreters().provide(None, notes.append) == first
    assert interpreters().build(notes.append).digest == sha256_hex(first)
    assert len(built) == 1
    assert len(notes) == 2


def test_the_folder_is_private_and_names_the_interpreter_by_its_digest(interpreters, tmp_path):
    made = interpreters().build(quiet)
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
    assert made.file == tmp_path / "home" / f"{made.digest}.wasm"
    assert made.size == made.file.stat().st_size
    assert not list((tmp_path / "home").glob(".*"))


def test_other_sources_need_another_interpreter(interpreters, sources, built):
    before = interpreters().build(quiet)
    (sources.sdk / "wasm_agent/__init__.py").write_text("second\n")
    after = interpreters().build(quiet)
    assert len(built) == 2
    assert before.digest != after.digest
    # The old one stays, for worlds that pin it.
    assert sha256_hex(interpreters().provide(before.digest, quiet)) == before.digest


def test_what_is_no_source_changes_nothing(interpreters, sources, built):
    interpreters().build(quiet)
    (sources.sdk / "wasm_agent/__init__.pyc").write_text("noise")
    (sources.sdk / "README.md").write_text("noise")
    interpreters().build(quiet)
    assert len(built) == 1


def test_another_installation_uses_the_exported_one_instead_of_building(
    interpreters, tmp_path, built
):
    ours = interpreters("ours").build(quiet)
    exported = interpreters("ours").export(tmp_path / "interpreter.wasm")
    assert exported == ours
    theirs = interpreters("theirs").import_from(tmp_path / "interpreter.wasm")
    assert theirs.digest == ours.digest
    assert sha256_hex(interpreters("theirs").provide(None, quiet)) == ours.digest
    assert len(built) == 1


def test_an_imported_interpreter_takes_the_place_of_a_built_one(interpreters, tmp_path):
    ours = interpreters("ours").build(quiet)
    interpreters("theirs").build(quiet)
    interpreters("ours").export(tmp_path / "interpreter.wasm")
    interpreters("theirs").import_from(tmp_path / "interpreter.wasm")
    assert interpreters("theirs").current().digest == ours.digest


def test_a_release_carries_one_and_nothing_is_built_or_written(interpreters, tmp_path, built):
    ours = interpreters("ours").build(quiet)
    carried = tmp_path / "python.wasm"
    interpreters("ours").export(carried)
    installation = interpreters("other", carried)
    assert sha256_hex(installation.provide(None, quiet)) == ours.digest
    assert sha256_hex(installation.provide(ours.digest, quiet)) == ours.digest
    assert installation.current().file == carried
    assert len(built) == 1
    assert not (tmp_path / "other").exists()


def test_a_carried_one_of_other_sources_is_passed_over(interpreters, tmp_path, sources, built):
    carried = tmp_path / "python.wasm"
    interpreters("ours").build(quiet)
    interpreters("ours").export(carried)
    (sources.interpreter / "app.py").write_text("second\n")
    interpreters("other", carried).build(quiet)
    assert len(built) == 2


def test_a_pin_that_is_not_here_is_refused_and_nothing_is_built(interpreters, built):
    with pytest.raises(Misuse, match="that the manifest pins is not on this machine") as refused:
        interpreters().provide("ab" * 32, quiet)
    assert "interpreter import FILE" in refused.value.hint
    assert not built


@pytest.mark.parametrize("damage", ["cut", "emptied", "longer"])
@pytest.mark.parametrize("pinned", [False, True])
def test_a_damaged_interpreter_is_refused_by_name(interpreters, damage, pinned):
    made = interpreters().build(quiet)
    data = made.file.read_bytes()
    made.file.write_bytes({"cut": data[:-1], "emptied": b"", "longer": data + b"x"}[damage])
    with pytest.raises(Misuse, match="damaged or gone") as refused:
        interpreters().provide(made.digest if pinned else None, quiet)
    assert str(made.file) in str(refused.value)


@pytest.mark.parametrize("text", ["", "../../etc/passwd", "zz" * 32, "é"])
def test_a_damaged_index_is_refused(interpreters, tmp_path, text):
    made = interpreters().build(quiet)
    next((tmp_path / "home").glob("built-*")).write_text(text, encoding="utf-8")
    with pytest.raises(Misuse, match="damaged or gone"):
        interpreters().provide(None, quiet)
    assert made.file.exists()


def test_an_interpreter_that_vanished_is_said_to_be_gone(interpreters):
    interpreters().build(quiet).file.unlink()
    with pytest.raises(Misuse, match="damaged or gone"):
        interpreters().current()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not a component"),
        (b"\0asm\x01\x00\x00\x00", "not a component"),
        (b"PK\x03\x04", "not a component"),
        (COMPONENT, "not an interpreter"),
        (labelled(COMPONENT, RECIPE_LABEL, "ab" * 32)[:-1], "not an interpreter"),
        (labelled(COMPONENT, RECIPE_LABEL, "ab" * 32), "built from other sources"),
    ],
)
def test_what_is_no_interpreter_of_ours_is_not_imported(interpreters, tmp_path, data, why):
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(Misuse, match=why):
        interpreters().import_from(tmp_path / "file")
    assert not (tmp_path / "home").exists()


def test_import_and_export_name_what_is_wrong_with_the_path(interpreters, tmp_path):
    with pytest.raises(Misuse, match="there is no such file"):
        interpreters().import_from(tmp_path / "nowhere")
    with pytest.raises(Misuse, match="not a file"):
        interpreters().import_from(tmp_path)
    with pytest.raises(Misuse, match="no interpreter to export"):
        interpreters().export(tmp_path / "out")
    interpreters().build(quiet)
    (tmp_path / "out").write_text("precious")
    with pytest.raises(Misuse, match="there is something already"):
        interpreters().export(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "precious"


def test_of_two_that_build_at_once_the_second_takes_what_the_first_built(tmp_path):
    program = (
        "import sys, pathlib\n"
        "from wasm_engine.toolchain.interpreter import Interpreters\n"
        "from wasm_engine.toolchain.guest_sources import guest_sources\n"
        "def build(sources, note):\n"
        "    note('building'); sys.stdin.read()\n"
        f"    return {COMPONENT!r}\n"
        "home = Interpreters(pathlib.Path(sys.argv[1]), guest_sources(), None, build)\n"
        "print(home.build(lambda text: print(text, flush=True)).digest)\n"
    )

    def begin():
        return subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "home")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
        )

    with begin() as first:
        assert first.stdout.readline() == "building\n"
        with begin() as second:
            assert second.stdout.readline() == "another process builds the interpreter\n"
            digest = first.communicate()[0].split()[-1]
            assert second.communicate()[0].split() == [digest]


def test_without_the_builder_the_user_is_told_what_to_install(monkeypatch):
    def missing(_name):
        raise python_guest.importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(python_guest.importlib.metadata, "version", missing)
    with pytest.raises(Misuse, match="it is not installed") as refused:
        python_guest.build_python_guest(guest_sources(), quiet)
    assert "pip install 'wasm-engine[python]'" in refused.value.hint
    monkeypatch.setattr(python_guest.importlib.metadata, "version", lambda _name: "0.1")
    with pytest.raises(Misuse, match=r"0\.1 is installed"):
        python_guest.build_python_guest(guest_sources(), quiet)


def test_a_build_that_fails_is_the_machines_failure_with_the_builders_words(monkeypatch, sources):
    monkeypatch.setattr(python_guest, "_require_builder", lambda: None)
    monkeypatch.setattr(python_guest, "_RUN", "import sys; print('disk on fire'); sys.exit(1)")
    with pytest.raises(HostFault, match="disk on fire") as failed:
        python_guest.build_python_guest(sources, quiet)
    assert failed.value.code == "interpreter-build"


def test_a_label_is_read_back_whatever_its_length():
    for size in (0, 1, 127, 128, 20_000):
        text = "x" * size
        data = labelled(labelled(COMPONENT, "other", "y"), "name", text)
        assert label(data, "name") == text
        assert label(data, "none") is None
        assert label(data[:-1], "name") is None
    assert label(b"no component", "name") is None
