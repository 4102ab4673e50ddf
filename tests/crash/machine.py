"""A machine that can lose its power: a folder, the programs that write it, the disk below it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.crash import disk, preload, recording
from tests.crash.preload import Failure
from tests.crash.recording import Record

SOURCES = Path(__file__).parents[2] / "src"
_PATIENCE = 300
_STALE = 32768


class Ended(NamedTuple):
    """How a program ended.

    Attributes:
        status: Its exit status; negative: the signal that killed it.
        out: What it printed.
        err: What it said beside.
        records: What it did to the folder, in order.
    """

    status: int
    out: str
    err: str
    records: list[Record]

    @property
    def killed(self) -> bool:
        """Whether it was killed."""
        return self.status < 0

    def report(self) -> dict[str, Any]:
        """What it printed, asked for JSON."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


class Machine:
    """Runs the command line in a folder, and forgets what was not synced when it is told to.

    Attributes:
        root: The folder that is watched: `work` for run files, `data` for what our program keeps.
        work: Where the programs run.
    """

    def __init__(
        self, place: Path, cache: Path, data: Path | None = None, *, shares_data: bool = False
    ) -> None:
        """Makes the machine.

        Args:
            place: A folder of its own, made here.
            cache: Compiled code, which machines share.
            data: What our program keeps, as it is to be at first; None: nothing.
            shares_data: Use `data` itself, on a disk that forgets nothing: it is large.
        """
        self.place, self.root, self.work = place, place / "root", place / "root/work"
        self.work.mkdir(parents=True)
        kept = self.root / "data"
        if data is None:
            kept.mkdir()
        elif shares_data:
            kept = data
        else:
            shutil.copytree(data, kept)
        self._log = place / "log"
        self._seen = 0
        self._variables = {
            **{name: it for name, it in os.environ.items() if not name.startswith("CRASH_")},
            "XDG_CACHE_HOME": str(cache),
            "XDG_DATA_HOME": str(kept),
            "XDG_CONFIG_HOME": str(place / "config"),
            "PYTHONPATH": str(SOURCES),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._variables.pop("WASM_ENGINE_HOME", None)
        self.disk = disk.Disk(self.root)

    def command(
        self,
        *words: str,
        kill: int = preload.NEVER,
        after: float | None = None,
        failure: Failure | None = None,
        sync: str = "quick",
        tick: float = 0,
    ) -> Ended:
        """Runs a command of ours to its end.

        Args:
            words: Its arguments.
            kill: The number of the operation before which it is killed.
            after: Seconds after which it is killed, wherever it is.
            failure: What fails.
            sync: What syncs do, see `preload.environment`.
            tick: See there.
        """
        orders = preload.environment(
            self.root, self._log, kill=kill, failure=failure, sync=sync, tick=tick
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "wasm_engine.cli", *words],
            cwd=self.work,
            env=self._variables | orders,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            out, err = process.communicate(timeout=_PATIENCE if after is None else after)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            assert after is not None, f"it hangs: {words}\n{err}"
        records = self._fresh_records()
        return Ended(process.returncode, out, err, records)

    def _fresh_records(self) -> list[Record]:
        known = recording.read(self._log)
        fresh, self._seen = known[self._seen :], len(known)
        for record in fresh:
            self.disk.apply(record)
        return fresh

    def fail_power(self, flavour: str, seed: int = 0) -> None:
        """Leaves of the folder what a disk may have kept."""
        image = self.disk.after_failure(flavour, seed)
        self.lay_out(image, seed)

    def lay_out(self, image: dict[str, bytes | None], seed: int = 0) -> None:
        """Makes the folder what an image says; SQLite's index is what it may be: anything."""
        chance = random.Random(f"index {seed}")
        index = chance.choice((None, b"", chance.randbytes(_STALE)))
        disk.lay_out(image, self.root, index=index)
        self.disk = disk.Disk(self.root)

    @contextlib.contextmanager
    def held(self, name: str) -> Iterator[None]:
        """While another process writes a run file."""
        with (self.work / name).open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def files(self) -> dict[str, bytes | None]:
        """What is in the folder, for those who use it while it has power."""
        found: dict[str, bytes | None] = {"": None}
        for path in sorted(self.root.rglob("*")):
            if not path.name.endswith("-shm"):
                data = None if path.is_dir() else path.read_bytes()
                found[str(path.relative_to(self.root))] = data
        return found
