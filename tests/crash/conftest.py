"""Stories, how they go undisturbed, and machines to tell them on."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.crash import worlds
from tests.crash.disk import Disk
from tests.crash.machine import Machine
from tests.crash.recording import Kind, Record, operations
from tests.crash.trial import Told, look, tell
from tests.crash.worlds import RUN, Story

TICK = 0.25


class Bench(NamedTuple):
    """What the trials of a session share.

    Attributes:
        place: A folder.
        cache: Compiled code.
        data: What our program keeps, as it is before anything was run.
    """

    place: Path
    cache: Path
    data: Path

    def machine(self, place: Path) -> Machine:
        """A new machine."""
        return Machine(place, self.cache, self.data)


class Undisturbed(NamedTuple):
    """A story that nothing was in the way of.

    Attributes:
        story: The story.
        told: How it went.
        idle: The chain once the first two commands were done.
        beginning: The disk before the first command.
        records: What the first two commands did.
        first: What the first one did.
        killed: The folder after the first was killed, with much in SQLite's log only.
        closed: The folder after both: a run in one single file.
    """

    story: Story
    told: Told
    idle: str
    beginning: Disk
    records: list[Record]
    first: list[Record]
    killed: dict[str, bytes | None]
    closed: dict[str, bytes | None]

    @property
    def amid(self) -> int:
        """An operation of the first command to die before: much is in SQLite's log only."""
        return operations(self.first).index(_last_sync_of_the_log(self.first)) + 1


def _last_sync_of_the_log(records: list[Record]) -> int:
    """The place of the last sync of SQLite's log before it is copied into the file."""
    logs = {it.file for it in records if it.name == f"{RUN}-wal"}
    closing = next(place for place, it in enumerate(records) if it.kind == Kind.TRUNCATE)
    syncs = (Kind.SYNC_BEGIN,)
    return max(n for n, it in enumerate(records[:closing]) if it.kind in syncs and it.file in logs)


@pytest.fixture(scope="session")
def bench(tmp_path_factory) -> Bench:
    """The components compiled, and the key of what was compiled kept."""
    place = tmp_path_factory.mktemp("crash")
    story = worlds.short().lay_out(place / "first")
    machine = Machine(place / "machine", place / "cache")
    assert machine.command("check", story.commands[0][1]).status == 0
    shutil.copytree(machine.root / "data", place / "data")
    return Bench(place, place / "cache", place / "data")


@pytest.fixture(scope="session")
def short(bench) -> Undisturbed:
    """The short story."""
    story = worlds.short().lay_out(bench.place / "short")
    told = tell(bench.machine(bench.place / "undisturbed"), story, tick=TICK)
    machine = bench.machine(bench.place / "recorded")
    beginning = Disk(machine.root)
    first, second = (machine.command(*it, tick=TICK).records for it in story.commands[:2])
    killed = copy.deepcopy(beginning)
    for record in first[: _last_sync_of_the_log(first)]:
        killed.apply(record)
    return Undisturbed(
        *(story, told, look(machine).chain, beginning, first + second, first),
        killed=killed.after_failure("kept"),
        closed=machine.files(),
    )


@pytest.fixture
def machine(bench, tmp_path) -> Machine:
    """A machine of the test's own."""
    return bench.machine(tmp_path / "machine")


@pytest.fixture
def home(monkeypatch, bench, machine) -> Path:
    """The root of the test's machine, on which this very process works too."""
    root = machine.root
    monkeypatch.delenv("WASM_ENGINE_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(bench.cache))
    monkeypatch.setenv("XDG_DATA_HOME", str(root / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(machine.place / "config"))
    return root


__all__ = ["RUN", "TICK", "Bench", "Undisturbed"]
