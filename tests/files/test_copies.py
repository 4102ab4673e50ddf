"""What is copied out of a run: all of it, into a new folder, and nowhere else."""

from __future__ import annotations

import gc
import json
from pathlib import Path

import pytest

from tests.files.test_worlds import Writing
from tests.stores.worlds import lines
from wasm_engine import files
from wasm_engine.cli.main import main
from wasm_engine.concepts.errors import Misuse
from wasm_engine.host.new_folder import write_new_folder

SCRIPT = [
    "base notes",
    "mkdir d",
    "mkdir d/e",
    "open d/e/f wc",
    "append %1b[2Jdata",
    "open d/%1b[2J wc",
    "open d-x wc",
    "unlink a.txt",
]


@pytest.fixture(scope="module")
def writing(tmp_path_factory):
    """A run with something in its folders."""
    it = Writing(tmp_path_factory.mktemp("world"), {"scribe": [lines(*SCRIPT)]})
    it.run()
    return it


def all_in(folder: Path) -> dict[str, bytes | None]:
    return {
        str(it.relative_to(folder)): None if it.is_dir() else it.read_bytes()
        for it in sorted(folder.rglob("*"))
    }


def test_what_is_there_is_listed_and_copied_as_of_any_step(writing, tmp_path):
    report = files(writing.file, out=tmp_path / "copy")
    assert (report.step, report.steps) == (8, 8)
    assert [(it.name, it.at, it.files, it.bytes) for it in report.mounts] == [
        ("empty", "/deep/empty", 0, 0),
        ("notes", "/notes", 7, 11),
    ]
    assert [(it.path, it.kind, it.size) for it in report.files] == [
        ("d", "directory", 0),
        ("d-x", "file", 0),
        ("d/\x1b[2J", "file", 0),
        ("d/e", "directory", 0),
        ("d/e/f", "file", 8),
        ("sub", "directory", 0),
        ("sub/b", "file", 3),
    ]
    assert all_in(tmp_path / "copy") == {
        "empty": None,
        "notes": None,
        "notes/d": None,
        "notes/d-x": b"",
        "notes/d/\x1b[2J": b"",
        "notes/d/e": None,
        "notes/d/e/f": b"\x1b[2Jdata",
        "notes/sub": None,
        "notes/sub/b": b"bee",
    }
    modes = {oct(it.stat().st_mode & 0o777) for it in (tmp_path / "copy").rglob("*")}
    assert modes == {"0o700", "0o600"}
    early = files(writing.file, step=1, mount="notes", out=tmp_path / "early")
    assert [(it.path, it.size) for it in early.files if it.kind == "file"] == [
        ("a.txt", 5),
        ("sub/b", 3),
    ]
    assert sorted(all_in(tmp_path / "early")) == [
        "notes", "notes/a.txt", "notes/d", "notes/sub", "notes/sub/b",
    ]  # fmt: skip


def test_the_verb_says_what_the_function_does(writing, tmp_path, capsys):
    out = tmp_path / "copy"
    assert main(["files", str(writing.file), "--mount", "notes", "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert "notes at /notes: 7 files of 10,000, 11 bytes of 67,108,864" in said.out
    assert "8  d/e/f" in said.out
    assert "\x1b" not in said.out
    assert said.err == f"copied to {out}\n"
    assert main(["files", str(writing.file), "--json", "--step", "2"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["step"], told["steps"], told["out"]) == (2, 8, None)
    assert told == files(writing.file, step=2).as_json() | {
        "mounts": told["mounts"],
        "files": told["files"],
    }
    assert main(["files", str(writing.file), "--out", str(out)]) == 2
    assert "File exists" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"step": 9}, "there is no step 9"),
        ({"step": -1}, "step"),
        ({"mount": "shown"}, "'shown' is no writable mount of it; there are: empty, notes"),
    ],
)
def test_what_there_is_not_is_told(writing, asked, said):
    with pytest.raises(Misuse, match=said):
        files(writing.file, **asked)


def test_nothing_is_written_where_something_is(writing, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "file").write_text("kept")
    (tmp_path / "nowhere").symlink_to(tmp_path / "made")
    for name in ("there", "file", "nowhere", "no/such/folder"):
        with pytest.raises(Misuse, match="name a folder that is not there yet"):
            files(writing.file, out=tmp_path / name)
    assert not (tmp_path / "made").exists()
    assert (tmp_path / "file").read_text() == "kept"
    assert list((tmp_path / "there").iterdir()) == []


def _bytes() -> bytes:
    return b"x"


@pytest.mark.parametrize(
    "entries",
    [
        [("a", _bytes), ("a", _bytes)],
        [("a", None), ("a", None)],
        [("..", _bytes)],
        [("../out", _bytes)],
        [("d", None), ("d/../../out", _bytes)],
        [("/out", _bytes)],
        [("d", None), ("d/", _bytes)],
        [("a\0b", _bytes)],
        [("n" * 256, _bytes)],
        [("missing/a", _bytes)],
        [("a", _bytes), ("a/b", _bytes)],
    ],
)
def test_what_cannot_be_had_leaves_nothing_behind(tmp_path, entries):
    with pytest.raises(Misuse, match="cannot make"):
        write_new_folder(tmp_path / "new", entries)
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_somebody_puts_in_the_way_is_not_followed(tmp_path):
    new = tmp_path / "new"
    (tmp_path / "else").mkdir()

    def swapped():
        yield "d", None
        yield "d/first", _bytes
        yield "e", None
        (new / "d").rename(new / "was")
        (new / "d").symlink_to(tmp_path / "else")
        yield "d/second", _bytes

    with pytest.raises(Misuse, match="cannot make"):
        write_new_folder(new, swapped())
    assert list((tmp_path / "else").iterdir()) == []
    assert not new.exists()


def open_now() -> int:
    gc.collect()  # what others left open in circles is closed at some time or other
    return len(list(Path("/proc/self/fd").iterdir()))


def test_no_more_folders_are_open_than_are_inside_each_other(tmp_path):
    entries = [("d", None), ("d/e", None), ("d/e/f", _bytes)]
    entries += [(f"d/{n}", None) for n in range(50)] + [(f"d/{n}/x", _bytes) for n in range(50)]
    entries += [("last", _bytes)]
    before = open_now()
    write_new_folder(tmp_path / "new", entries)
    assert open_now() == before
    assert len(all_in(tmp_path / "new")) == len(entries)
