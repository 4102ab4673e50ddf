"""Files of ours in the hands of others: runs that were edited, code that was planted in the cache."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.binding.components import ENGINE, PLENTY, HostGuest, call, link, wasm_of
from tests.hostile.attack import GUESTS, SCRIPTED
from tests.hostile.catalogue.acts import deed
from tests.hostile.catalogue.entry import Attack, Control, Scene
from wasm_engine.concepts.errors import EngineError
from wasm_engine.control import replays
from wasm_engine.orchestrator.execution import Until
from wasm_engine.runtime._wasmtime.compile import Compiler
from wasm_engine.world import World

# What is done to a run, in SQL.
_EDITS = {
    "chain": ("puts another chain in", "UPDATE block SET chain = zeroblob(32)"),
    "entries": ("overwrites what happened", "UPDATE block SET data = zeroblob(size)"),
    "cut-off": ("takes the end off", "DELETE FROM block WHERE first = (SELECT max(first) FROM block)"),
    "beginning": ("takes the beginning off", "DELETE FROM block WHERE first = 1"),
    "components": ("puts another component in", "UPDATE content SET data = zeroblob(size)"),
    "digests": ("calls a component by another digest", "UPDATE content SET digest = zeroblob(32)"),
    "huge": ("says that a block is a petabyte", "UPDATE block SET size = 1 << 50"),
    "head": ("says that there was more", "UPDATE head SET entries = entries + 1"),
    "seal": ("breaks the seal", "UPDATE head SET seal = zeroblob(32)"),
    "trigger": (
        "hides a trigger in it",
        "CREATE TRIGGER t AFTER INSERT ON block BEGIN DELETE FROM block; END",
    ),
    "view": ("hides a view in it", "CREATE VIEW v AS SELECT 1"),
    "table": (
        "puts a table of orders for terminals in", 'CREATE TABLE "\x1b[2J" (x)'),
    "application": ("says that it is something else", "PRAGMA application_id = 1"),
}  # fmt: skip


def _replayed(*statements: str, also: Callable[[Path], None] = lambda _: None) -> str:
    """What a replay says of a run that was edited."""
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / "it.run"
        agents = {"a": {"source": SCRIPTED}}
        world = World.from_mapping({"world": {"name": "kept"}, "agents": agents}, GUESTS)
        with world.begin(file) as run:
            run.execution.receive("a", "script", ("text", "set k v;random;log hello"), [])
            run.execution.go(Until(max_steps=10))
        with closing(sqlite3.connect(file, isolation_level=None)) as db:
            for statement in statements:
                db.execute(statement)
        also(file)
        try:
            return "identical" if replays.replay(file).identical else "differs"
        except EngineError as error:
            return error.code


def _cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _noise(file: Path) -> None:
    data = bytearray(file.read_bytes())
    for place in range(4096, len(data), 512):
        data[place] ^= 0xFF
    file.write_bytes(data)


_UNTOUCHED = Control("untouched", deed(_replayed), "identical")
_RUNS = [
    *(
        Attack(f"run-{name}", f"{tries}, in a run", deed(lambda edit=edit: _replayed(edit)),
               "bad-run-file", _UNTOUCHED)
        for name, (tries, edit) in _EDITS.items()
    ),
    Attack("run-truncated", "cuts a run in two", deed(lambda: _replayed(also=_cut)),
           "bad-run-file", _UNTOUCHED),
    Attack("run-noise", "changes a byte in each half KiB", deed(lambda: _replayed(also=_noise)),
           "bad-run-file", _UNTOUCHED),
]  # fmt: skip


def _answering(number: int) -> bytes:
    text = f"""(component (core module $m (func (export "f") (result i32) (i32.const {number})))
      (core instance $i (instantiate $m))
      (func (export "f") (result u32) (canon lift (core func $i "f"))))"""
    return wasm_of(text)


def _planted(spoil: Callable[[Path, Path], None]) -> str:
    """What a component answers whose compiled code somebody spoiled; it answers 7."""
    with tempfile.TemporaryDirectory() as made:
        folder, other = Path(made) / "cache", Path(made) / "other"
        _ask(folder, 7)
        _ask(other, 8)
        spoil(folder, other)
        try:
            return str(_ask(folder, 7))
        except EngineError as error:
            return error.code


def _ask(folder: Path, number: int) -> int:
    compiler = Compiler(ENGINE, folder, key_file=folder.with_suffix(".key"))
    loaded = compiler.load_many([("x", _answering(number))], lambda _: None)[0]
    return call(link(loaded, {}, set()).instantiate(HostGuest(), PLENTY), "", "f")


def _entry(folder: Path) -> Path:
    (found,) = folder.glob("*.cwasm")
    return found


def _of_another(folder: Path, other: Path) -> None:
    shutil.copyfile(_entry(other), _entry(folder))


def _linked(folder: Path, other: Path) -> None:
    at = _entry(folder)
    at.unlink()
    at.symlink_to(_entry(other))


def _changed(folder: Path, _: Path) -> None:
    data = bytearray(_entry(folder).read_bytes())
    data[len(data) // 2] ^= 1
    _entry(folder).write_bytes(data)


def _shortened(folder: Path, _: Path) -> None:
    os.truncate(_entry(folder), 100)


def _piped(folder: Path, _: Path) -> None:
    at = _entry(folder)
    at.unlink()
    os.mkfifo(at)


def _opened(folder: Path, _: Path) -> None:
    folder.chmod(0o777)


def _replaced(folder: Path, other: Path) -> None:
    shutil.rmtree(folder)
    folder.symlink_to(other)


_WELL = Control("nothing", deed(lambda: _planted(lambda *_: None)), "7")
_SPOILS = {
    "other": ("the code of another component in its place", _of_another, "7"),
    "link": ("a link to the code of another one", _linked, "7"),
    "changed": ("code of which one bit is another", _changed, "7"),
    "shortened": ("a piece of the code", _shortened, "7"),
    "pipe": ("a pipe, which never ends", _piped, "7"),
    "open-folder": ("a folder that everybody may write to", _opened, "misuse"),
    "linked-folder": ("a link in place of the folder", _replaced, "misuse"),
}
_CACHE = [
    Attack(f"cache-{name}", f"puts into the cache {what}",
           deed(lambda spoil=spoil: _planted(spoil)), must, _WELL)
    for name, (what, spoil, must) in _SPOILS.items()
]  # fmt: skip
SCENES = [Scene("history", [*_RUNS, *_CACHE], {})]
