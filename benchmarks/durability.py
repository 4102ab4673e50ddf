"""What it costs that nothing is lost: messages and bytes on the disk.

The ping-pong of `pingpong.py` with resident agents in a real file: everything reaches the disk with
others (one fsync a second), checkpoints included, until the file is closed as one that is complete.
Beside it the same world with its journal in memory. CPU time of the process, all threads, from the
first step on, divided by the messages; the least of several runs, in turn. Wall time of the same
runs, since a disk is waited for without any CPU. Bytes are those of the closed file.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import Figure
from benchmarks.measuring import folder, pair, world
from wasm_engine.orchestrator.execution import Until

MESSAGES = 20_000
RUNS = 4


class Cost(NamedTuple):
    """Microseconds for a message, and the bytes that its run file holds for it."""

    cpu: float
    wall: float
    size: float


def measure() -> list[Figure]:
    runs = [(one_run(durable=False), one_run()) for _ in range(RUNS)]
    memory, durable = (least(found) for found in zip(*runs, strict=True))
    what = "a message, durable (floor: journal in memory)"
    return [
        Figure(f"{what}, CPU", durable.cpu, "us", floor=memory.cpu, times=1.5),
        Figure(f"{what}, wall", durable.wall, "us", floor=memory.wall, times=1.5),
        Figure("a small message on the disk", durable.size, "bytes", most=80),
    ]


def one_run(messages: int = MESSAGES, *, durable: bool = True) -> Cost:
    """What a message costs, up to the closed file."""
    with folder() as home:
        file: Path | None = home / "bench.run" if durable else None
        run = world(home, pair("resident", messages)).begin(file)
        began, wall = time.process_time(), time.perf_counter()
        run.execution.go(Until())
        run.close()
        took, waited = time.process_time() - began, time.perf_counter() - wall
        size = 0 if file is None else file.stat().st_size
    return Cost(took / messages * 1e6, waited / messages * 1e6, size / messages)


def least(runs: tuple[Cost, ...]) -> Cost:
    """The least of each."""
    return Cost(*(min(column) for column in zip(*runs, strict=True)))
