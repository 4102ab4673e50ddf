"""Replay: a run executed again from its file, every call and every step compared.

The run is the ping-pong of `pingpong.py`. CPU time of opening the file (which verifies its chain
and all digests), re-execution and comparison, divided by the messages; the least of three replays.
"""

from __future__ import annotations

import time

import wasm_engine
from benchmarks.figures import Figure
from benchmarks.measuring import folder, pair, world
from wasm_engine.orchestrator.execution import Until

MESSAGES = 20_000


def measure() -> list[Figure]:
    with folder() as home:
        file = home / "bench.run"
        with world(home, pair("resident", MESSAGES)).begin(file) as run:
            run.execution.go(Until())
        found = []
        for _ in range(3):
            began = time.process_time()
            assert wasm_engine.replay(file).identical
            found.append((time.process_time() - began) / MESSAGES * 1e6)
    return [Figure("a message replayed and compared, CPU", min(found), "us")]
