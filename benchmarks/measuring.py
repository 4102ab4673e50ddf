"""What the benchmarks of worlds share: worlds of the cheapest agent there is, clocks, processes."""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import wasm_engine

PING = Path(__file__).parents[1] / "guests/testing/ping/ping.wasm"
PACE = compile("for i in range(10**6): pass", "pace", "exec")


def pace() -> float:
    """Milliseconds of CPU time of a fixed loop: how fast this machine is now, for comparisons."""
    found = []
    for _ in range(5):
        began = time.process_time()
        exec(PACE, {})
        found.append(time.process_time() - began)
    return min(found) * 1e3


@contextmanager
def folder() -> Iterator[Path]:
    """A folder with the cheapest agent in it, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="wasm-engine-bench-") as name:
        shutil.copyfile(PING, Path(name, "ping.wasm"))
        yield Path(name)


def pair(lifecycle: str, messages: int) -> dict[str, Any]:
    """The manifest of two agents that send a number to and fro until it is 0."""
    kind = {"source": "ping.wasm", "lifecycle": lifecycle}
    start = {"to": "ping", "topic": "start", "body": f"{messages} pong"}
    return {"agents": {"ping": kind, "pong": kind}, "messages": [start]}


def world(home: Path, manifest: Mapping[str, Any]) -> wasm_engine.World:
    """A world of components in the folder."""
    return wasm_engine.World.from_mapping(manifest, home)


class Took(NamedTuple):
    """Seconds that a process took."""

    wall: float
    cpu: float


def process(words: Sequence[str], home: Path | None = None) -> Took:
    """Runs this Python in a process of its own, as users have it: with compiled modules kept.

    Args:
        words: Its arguments.
        home: The engine's private folders; its usual ones where not given.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    if home is not None:
        environment["WASM_ENGINE_HOME"] = str(home)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *words], env=environment, check=True, capture_output=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    return Took(wall, user + system)


def medians(runs: Sequence[Took]) -> Took:
    """The middle one of several, wall and CPU time each for itself."""
    return Took(statistics.median(r.wall for r in runs), statistics.median(r.cpu for r in runs))
