"""What it costs that agents run in processes of their own, beside the same in threads.

The ping-pong of `pingpong.py`, with both kinds isolated: each message crosses to a worker process
and back, once. CPU time of this process and its children together, divided by the messages; what
worker processes take to begin is measured by itself, in a run of two messages, and taken off.
"""

from __future__ import annotations

import resource
import time
from typing import NamedTuple

from benchmarks.figures import Figure
from benchmarks.measuring import folder, pair, world
from wasm_engine.orchestrator.execution import Until

MESSAGES = 2_000
FEW = 2


class Took(NamedTuple):
    """Seconds: CPU of all processes, and wall."""

    cpu: float
    wall: float


def measure() -> list[Figure]:
    figures = []
    for name, lifecycle in (("resident", "resident"), ("pristine", "message")):
        here, there = each(lifecycle, "thread"), each(lifecycle, "process")
        what = f"a message between two agents in processes of their own: {name}"
        figures.append(Figure(f"{what}, CPU", there.cpu, "us", floor=here.cpu))
        figures.append(Figure(f"{what}, wall", there.wall, "us", floor=here.wall))
    begun = min(one_run("message", "process", FEW).wall for _ in range(3))
    figures.append(Figure("two worker processes begin, wall", begun * 1e3, "ms"))
    return figures


def each(lifecycle: str, isolation: str) -> Took:
    """Microseconds for a message, the least of three runs each."""
    whole = [one_run(lifecycle, isolation, MESSAGES) for _ in range(3)]
    beginning = [one_run(lifecycle, isolation, FEW) for _ in range(3)]
    scale = 1e6 / (MESSAGES - FEW)
    return Took(
        (min(it.cpu for it in whole) - min(it.cpu for it in beginning)) * scale,
        (min(it.wall for it in whole) - min(it.wall for it in beginning)) * scale,
    )


def one_run(lifecycle: str, isolation: str, messages: int) -> Took:
    """What a run of so many messages takes, until its worker processes have ended."""
    manifest = pair(lifecycle, messages)
    manifest["agents"] = {
        name: {**kind, "isolation": isolation} for name, kind in manifest["agents"].items()
    }
    with folder() as home:
        loaded = world(home, manifest)
        cpu, wall = _cpu(), time.perf_counter()
        with loaded.begin(home / "bench.run") as run:
            run.execution.go(Until())
        return Took(_cpu() - cpu, time.perf_counter() - wall)


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
