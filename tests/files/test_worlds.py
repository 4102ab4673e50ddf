"""Worlds whose agents share folders, by wasi:filesystem alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.stores.worlds import GUESTS, Keeping, lines, service, wrapped
from wasm_engine.concepts.errors import BadComponent, BadManifest, Misuse
from wasm_engine.control import inspection, replays
from wasm_engine.control.inspection import Wanted
from wasm_engine.orchestrator.execution import Until
from wasm_engine.orchestrator.snapshot import encode as snapshot
from wasm_engine.world import LATEST, Edits, Run, World, fork
from wasm_engine.world.isolation import POLICY
from wasm_engine.world.services import shown_files

WRITES = ["mount-write:notes", "mount-write:empty"]


class Writing(Keeping):
    """A world of scribes. They see `notes`, which begins with a folder of the host, and `empty`.

    Args:
        folder: Where its run and the folder of the host are.
        scripts: What the agents are told.
        grants: What each may do, by its address; write both where nothing is said.
    """

    def __init__(
        self,
        folder: Path,
        scripts: dict[str, list[str]],
        grants: dict[str, list[str]] | None = None,
        *,
        bounds: dict[str, Any] | None = None,
        kind: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        self.seeds = folder / "seeds"
        self.seeds.mkdir()
        (self.seeds / "sub").mkdir()
        (self.seeds / "a.txt").write_text("hello")
        (self.seeds / "sub" / "b").write_text("bee")
        mounts = {
            "notes": {"path": str(self.seeds), "at": "/notes", "writable": True},
            "empty": {"at": "/deep/empty", "writable": True, **(bounds or {})},
            "shown": {"path": str(self.seeds), "at": "/shown"},
        }
        super().__init__(
            folder,
            scripts,
            dict.fromkeys(scripts, WRITES) | (grants or {}),
            guest="scribe",
            kind={"mounts": sorted(mounts), **(kind or {})},
            mounts=mounts,
            **more,
        )

    def held(self, run: Run) -> dict[str, dict[str, bytes | None]]:
        """What is in each folder."""
        return {
            name: {it.path: None if it.read is None else it.read() for it in rows}
            for name, rows in shown_files(run.execution.scheduler.world.services).items()
        }

    def at_the_end(self) -> dict[str, dict[str, bytes | None]]:
        """The same of the run, once it has ended."""
        found: dict[str, dict[str, bytes | None]] = wrapped(self.held, self)
        return found


def played(folder: Path, script: list[tuple[str, str]], **more: Any) -> Writing:
    """A world of one scribe that must be answered so."""
    writing = Writing(folder, {"scribe": [lines(*(do for do, _ in script))]}, **more)
    said = writing.run()["scribe"]
    assert list(zip((do for do, _ in script), said, strict=True)) == script
    assert replays.replay(writing.file).identical
    return writing


def test_every_operation_as_a_component_calls_it(tmp_path):
    writing = played(
        tmp_path,
        [
            ("list .", "list deep/ notes/ shown/"),
            ("base notes", "ok"),
            ("list .", "list a.txt sub/"),
            ("stat a.txt", "file 5 1735689600"),
            ("stat .", "directory 0 1735689600"),
            ("open a.txt r", "ok"),
            ("read 0 3", "data hel"),
            ("read 3 9", "end lo"),
            ("read 99 9", "end "),
            ("write 0 x", "error bad-descriptor"),
            ("size 1", "error bad-descriptor"),
            ("open a.txt rw", "ok"),
            ("write 1 EL", "= 2"),
            ("read 0 9", "end hELlo"),
            ("append more", "ok"),
            ("drain 3", "data lomore"),
            ("pour 8 -", "ok"),
            ("size 6", "ok"),
            ("zeroes 2", "ok"),
            ("read 0 9", "end hELlom\0\0"),
            ("size 9", "ok"),
            ("stat a.txt", "file 9 1735689600"),
            ("open new w", "error no-entry"),
            ("open new rwc", "ok"),
            ("open new wcx", "error exist"),
            ("fill 2 4", "= 4"),
            ("drain 0", "data \0\0xxxx"),
            ("copy sub/copied", "= 6"),
            ("open new rwt", "ok"),
            ("read 0 9", "end "),
            ("open sub w", "error is-directory"),
            ("open new d", "error not-directory"),
            ("open new/ r", "error not-directory"),
            ("open sub r", "ok"),
            ("read 0 1", "error is-directory"),
            ("same sub", "same"),
            ("same new", "other"),
            ("mkdir d", "ok"),
            ("mkdir d", "error exist"),
            ("mkdir d/e", "ok"),
            ("rename sub/copied d/e/it", "ok"),
            ("rename d d/e/d", "error invalid"),
            ("rename sub d", "error not-empty"),
            ("rmdir d", "error not-empty"),
            ("rmdir new", "error not-directory"),
            ("unlink d", "error is-directory"),
            ("unlink new", "ok"),
            ("unlink new", "error no-entry"),
            ("list d/e", "list it"),
            ("touch d/e/it", "ok"),
            ("stat d/e/it", "file 6 77"),
            ("base d/e", "ok"),
            ("list .", "list it"),
            ("rename it now", "ok"),
            ("open ../x wc", "error not-permitted"),
            ("also now deep/empty/now", "error cross-device"),
            ("also now notes/now", "ok"),
        ],
    )
    assert writing.at_the_end() == {
        "empty": {},
        "notes": {
            "a.txt": b"hELlom\0\0\0",
            "d": None,
            "d/e": None,
            "now": b"\0\0xxxx",
            "sub": None,
            "sub/b": b"bee",
        },
    }
    assert (writing.seeds / "a.txt").read_text() == "hello"
    assert sorted(it.name for it in writing.seeds.iterdir()) == ["a.txt", "sub"]


def test_a_path_leads_from_one_folder_into_another_only_by_names_that_are_there(tmp_path):
    played(
        tmp_path,
        [
            ("stat notes/../shown/a.txt", "file 5 1735689600"),
            ("stat notes/sub/../../deep/empty/../../notes/./a.txt", "file 5 1735689600"),
            ("stat notes/none/../../shown/a.txt", "error no-entry"),
            ("stat notes/a.txt/../../shown", "error not-directory"),
            ("stat notes/../../etc/passwd", "error not-permitted"),
            ("mkdir notes/../made", "ok"),
            ("symlink notes/sub made/way", "ok"),
            ("symlink ../notes/sub made/over", "ok"),
            ("list made/over", "list b"),
            ("symlink notes/../made/round made/round", "ok"),
            ("symlink notes/../again again", "ok"),
            ("stat again", "error loop"),
            ("rename made/over notes/over", "error cross-device"),
            ("link notes/a.txt made/a", "error cross-device"),
            ("link notes/a.txt notes/c", "error not-permitted"),
            ("symlink a.txt notes/c", "error not-permitted"),
            ("readlink notes/a.txt", "error invalid"),
            ("rmdir notes", "error busy"),
            ("rename notes other", "error cross-device"),
            ("unlink notes", "error is-directory"),
            ("mkdir notes", "error exist"),
            ("open notes rm", "ok"),
            ("open shown rm", "error read-only"),
        ],
    )


def test_writes_are_seen_from_the_next_step_on_and_ones_own_at_once(tmp_path):
    scripts = {
        "reader": [lines("open notes/a.txt r", "read 0 9", "mkdir deep/empty/wait", "read 0 9")],
        "writer": [lines("open notes/a.txt rw", "write 0 new", "read 0 9")],
    }
    writing = Writing(tmp_path, scripts)
    said = writing.run()
    # The writer opens in step 1, writes in step 2; the reader reads in step 1 and in step 2.
    assert said["writer"] == ["ok", "= 3", "end newlo"]
    assert said["reader"] == ["ok", "end hello", "ok", "end hello"]
    assert writing.at_the_end()["notes"]["a.txt"] == b"newlo"


def test_of_two_who_make_the_same_name_one_is_first(tmp_path):
    script = ["open notes/one wcx", "open notes/one w"]
    writing = Writing(tmp_path, {n: [lines(*script, f"append {n}")] for n in ("left", "right")})
    said = writing.run()
    assert sorted(said.values()) == [["error exist", "ok", "ok"], ["ok", "ok", "ok"]]
    assert writing.at_the_end()["notes"]["one"] in {b"leftright", b"rightleft"}


def test_appends_of_the_same_step_are_all_there(tmp_path):
    names = [f"agent-{n}" for n in range(4)]
    scripts = {name: [lines("open notes/log wc", *["append 1234,"] * 3)] for name in names}
    writing = Writing(tmp_path, scripts)
    writing.run(workers=2)
    assert writing.at_the_end()["notes"]["log"] == b"1234," * 12


def test_who_has_no_grant_sees_and_changes_nothing(tmp_path):
    tries = ["open a.txt w", "open new rwc", "open a.txt rwt", "open . rm", "mkdir d", "rmdir sub"]
    tries += ["unlink a.txt", "rename a.txt b", "touch a.txt"]
    script = ["base notes", "list .", "open a.txt r", "drain 0", *tries]
    writing = Writing(tmp_path, {"scribe": [lines(*script)]}, {"scribe": ["mount-write:empty"]})
    said = writing.run()["scribe"]
    # To open a folder, and say that one may change what is in it, is not to change it.
    assert said[:4] == ["ok", "list a.txt sub/", "ok", "data hello"]
    assert said[4:] == ["error read-only" if it != "open . rm" else "ok" for it in tries]
    assert sorted(writing.at_the_end()["notes"]) == ["a.txt", "sub", "sub/b"]


def test_a_folder_is_bounded_by_the_manifest(tmp_path):
    full = "error insufficient-space"
    writing = played(
        tmp_path,
        [
            ("base deep/empty", "ok"),
            ("open one rwc", "ok"),
            ("fill 0 60", "= 60"),
            ("fill 0 60", "= 60"),
            ("fill 60 41", full),
            ("pour 200 x", full),
            ("zeroes 41", full),
            ("append " + "x" * 41, full),
            ("size 101", full),
            ("size 9223372036854775807", full),
            ("size 9223372036854775808", "error invalid"),
            ("write 9223372036854775807 x", "error file-too-large"),
            ("write 9223372036854775808 x", "error invalid"),
            ("copy two", full),
            ("open two rwc", "ok"),
            ("mkdir three", "ok"),
            ("mkdir four", full),
            ("open four wc", full),
            ("rename two three/two", "ok"),
            ("unlink three/two", "ok"),
            ("mkdir four", "ok"),
            ("open one wt", "ok"),
            ("fill 0 100", "= 100"),
        ],
        bounds={"quota": 100, "max-files": 3},
    )
    assert sorted(writing.at_the_end()["empty"]) == ["four", "one", "three"]


def test_the_chain_is_the_same_however_a_world_is_run(tmp_path):
    """With one thread; with three, and no guest kept alive; stopped after each step."""
    script = ["base notes", "open log rwc", "append one,", "mkdir d", "list .", "drain 0"]
    script += ["rename a.txt d/a", "open d/a rw", "zeroes 3", "drain 0", "same d/a"]
    names = ("a", "b", "c")
    found = []
    for number, more in enumerate(({}, {"workers": 3, "max_live": 0}, {"stops": True})):
        folder = tmp_path / str(number)
        folder.mkdir()
        writing = Writing(folder, {name: [lines(*script)] for name in names})
        stops = more.pop("stops", False)
        said = writing.run(Until(max_steps=1) if stops else None, **more)
        while stops:
            with Run.open(writing.file, write=True, at=LATEST) as run:
                run.execution.checkpoints.make(anyhow=True)
                run.execution.replay()
                before = run.execution.scheduler.world.step
                run.execution.go(Until(max_steps=1))
                stops = run.execution.scheduler.world.step > before
            said = writing.said()
        report = replays.replay(writing.file)
        assert report.identical
        found.append((said, report.chain, writing.at_the_end()))
    assert found[1:] == found[:1] * 2
    assert found[0][2]["notes"]["log"] == b"one," * 3


def test_a_folder_is_there_again_after_a_resume_and_in_a_fork_and_needs_no_host(tmp_path):
    script = ["base notes", "open a.txt rw", "write 1 EL", "rename sub/b b", "append !", "list ."]
    writing = Writing(tmp_path, {"scribe": [lines(*script)] * 2})
    with writing.begin() as run:
        run.execution.go(Until(max_steps=4))
        run.execution.checkpoints.make(anyhow=True)
        half = service(run, "files").freeze()
        told = snapshot(run.execution.scheduler, lambda it: it.digest)
    for file in (writing.seeds / "a.txt", writing.seeds / "sub" / "b"):
        file.unlink()
    with Run.open(writing.file, write=True, at=LATEST) as run:
        run.execution.replay()
        assert snapshot(run.execution.scheduler, lambda it: it.digest) == told
        assert service(run, "files").freeze() == half
        run.execution.go(Until())
        end = service(run, "files").freeze()
    assert end != half
    assert writing.at_the_end()["notes"] == {"a.txt": b"hELlo!!", "b": b"bee", "sub": None}
    assert replays.replay(writing.file).identical
    with fork(writing.file, 4, tmp_path / "fork.run", Edits()) as other:
        assert service(other, "files").freeze() == half
        other.execution.go(Until())
        assert service(other, "files").freeze() == end


def test_a_resident_guest_has_open_what_it_had_after_its_memory_was_captured(tmp_path):
    kind = {"lifecycle": "resident"}
    opens = ["base notes", "open kept rwc", "append one"]
    scripts = [lines(*opens), lines("append two", "drain 0")]
    writing = Writing(tmp_path, {"scribe": scripts}, kind=kind)
    with writing.begin() as run:
        run.execution.go(Until(max_steps=3))
        run.execution.checkpoints.make(anyhow=True)
    said = writing.resume()["scribe"]
    assert said == ["ok", "ok", "ok", "ok", "data onetwo"]
    assert replays.replay(writing.file).identical


def test_a_python_agent_uses_open_and_only_once_it_is_an_agent(tmp_path):
    (tmp_path / "early.py").write_text(
        "import os\n"
        "try:\n    seen = os.listdir('/notes')\n"
        "except OSError as error:\n    seen = type(error).__name__\n"
        "from wasm_agent import log, on\n"
        "@on('go')\ndef go(message):\n"
        "    with open('/notes/new', 'w') as out:\n        out.write(seen)\n"
        "    with open('/notes/new') as back:\n        log.info(back.read())\n"
        "    os.replace('/notes/new', '/notes/newer')\n    log.info(str(os.listdir('/notes')))\n"
    )
    tables = {
        "agents": {
            "early": {
                "source": "early.py",
                "mounts": ["notes"],
                "grants": ["mount-write:notes"],
            }
        },
        "mounts": {"notes": {"at": "/notes", "writable": True}},
        "messages": [{"to": "early", "topic": "go"}],
    }
    file = tmp_path / "it.run"
    with World.from_mapping(tables, tmp_path).begin(file) as run:
        run.execution.go(Until())
    text = [row.text for row in inspection.inspect(file, wanted=Wanted(log=True)).log or ()]
    assert text == ["PermissionError", "['newer']"]
    assert replays.replay(file).identical


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"mounts": {"n": {"at": "/n"}}}, "mounts.n.path: is missing: The folder on this machine"),
        ({"mounts": {"n": {"path": ".", "at": "/n", "quota": 5}}}, "mounts.n.quota: is for writ"),
        ({"mounts": {"n": {"path": ".", "at": "/n", "max-files": 5}}}, "n.max-files: is for writ"),
        ({"mounts": {"n": {"at": "/n", "writable": True, "quota": "2 GiB"}}}, "0 B to 1 GiB"),
        ({"grants": ["mount-write:n"]}, 'grants: "mount-write:n": "n" is not among its `mounts`'),
        (
            {
                "mounts": {"n": {"path": ".", "at": "/n"}},
                "sees": ["n"],
                "grants": ["mount-write:n"],
            },
            'grants: "mount-write:n": mounts.n is read-only; it needs `writable = true`',
        ),
        (
            {
                "mounts": {"n": {"at": "/n", "writable": True}},
                "sees": ["n"],
                "isolation": "process",
            },
            'mounts: "n" is writable: what agents share is not in the processes of isolation',
        ),
    ],
)
def test_mistakes_are_named(tmp_path, tables, said):
    (tmp_path / "a.wasm").write_bytes(b"")
    agent = {"source": "a.wasm", "mounts": tables.pop("sees", [])}
    agent |= {key: tables.pop(key) for key in ("grants", "isolation") if key in tables}
    with pytest.raises(BadManifest) as caught:
        World.from_mapping({"agents": {"a": agent}, **tables}, tmp_path)
    assert said in str(caught.value)


def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(tmp_path):
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "way").symlink_to("/etc/passwd")
    scribe = str(GUESTS / "scribe" / "scribe.wasm")
    tables: dict[str, Any] = {
        "agents": {"a": {"source": scribe, "mounts": ["n"]}},
        "mounts": {"n": {"path": "seeds", "at": "/n", "writable": True}},
    }
    with pytest.raises(Misuse, match=r"mounts\.n: way is a link; a writable mount has none"):
        World.from_mapping(tables, tmp_path)
    (tmp_path / "seeds" / "way").unlink()
    (tmp_path / "seeds" / "large").write_bytes(bytes(11))
    tables["mounts"]["n"]["quota"] = 10
    with pytest.raises(Misuse, match=r"does not fit: more than its quota or its max-files"):
        World.from_mapping(tables, tmp_path)


def test_a_process_of_its_own_sees_no_shared_folder(tmp_path, monkeypatch):
    writing = Writing(tmp_path, {"scribe": [lines("list notes")]}, {"scribe": []})
    monkeypatch.setattr(POLICY, "everywhere", True)
    with pytest.raises(BadComponent, match='isolation = "process" it cannot see the mount'):
        writing.begin()
