"""The process in which a decoder is fuzzed: a crash of it is a finding, not the end of the rest."""

from __future__ import annotations

import faulthandler
import json
import mmap
import re
import resource
import sys
from pathlib import Path
from time import monotonic

from fuzz.session import Session
from fuzz.target import MIB, load

ROOM = 4 * MIB
"""Bytes of the file in which a worker says what it does."""
_HEAD = 16


class Now:
    """A file in memory: how many inputs were tried, and the one that is being tried.

    It outlives whoever writes it.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(ROOM))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), ROOM)

    def write(self, count: int, data: bytes) -> None:
        """Says what is tried next."""
        self._map[:_HEAD] = count.to_bytes(8, "big") + len(data).to_bytes(8, "big")
        self._map[_HEAD : _HEAD + len(data)] = data

    def read(self) -> tuple[int, bytes]:
        """What was said last."""
        count, size = (int.from_bytes(self._map[at : at + 8], "big") for at in (0, 8))
        return count, self._map[_HEAD : _HEAD + size]


def work(name: str, seconds: float, seed: int, now: Path) -> int:
    """Fuzzes for so long; each finding, and at the end the figures, are a line of JSON."""
    faulthandler.enable()
    target, said = load(name), Now(now)
    told: dict[str, bytes] = {}
    session = Session(target, seed, lambda data: said.write(session.figures.executions, data))
    begun = monotonic()
    end = begun + seconds
    session.seeds()
    _bound(target.memory)
    while monotonic() < end:
        for _ in range(16):
            session.step()
        for key, finding in session.findings.items():
            if told.get(key) != finding.data:
                told[key] = finding.data
                _say({"finding": key, "data": finding.data.hex(), "text": finding.text})
    figures = session.figures
    _say(
        {
            "executions": figures.executions,
            "accepted": figures.accepted,
            "kept": figures.kept,
            "seconds": monotonic() - begun,
        }
    )
    return 0


def _bound(memory: int) -> None:
    """What is asked for beyond the bound fails, which is a finding."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmData:\s+([0-9]+) kB", status)
    assert found is not None
    bound = int(found[1]) * 1024 + memory * MIB
    resource.setrlimit(resource.RLIMIT_DATA, (bound, bound))


def _say(row: dict[str, object]) -> None:
    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    sys.exit(work(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])))
