"""Resume: a long run that was killed between two checkpoints goes on.

A process of its own runs the ping-pong of `pingpong.py` in a file, with checkpoints at their usual
interval, until so many messages were sent, and then kills itself with SIGKILL in the middle. What
is measured is from opening what it left to the first new step: the file is verified, the newest
checkpoint taken, the rest done again. CPU time, and wall time beside it: the least of three copies
of what was left, since the first one resumed is no killed run any more.

The time does not grow with the run, so 200,000 messages are the usual figure; a million, which take
a minute to be sent, are `python -m benchmarks resume_million`.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.measuring import PING, Took, folder
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import LATEST, Run

MESSAGES = 200_000
MILLION = 1_000_000
RUNS = 3

KILLED = """
import os, signal, sys
from pathlib import Path
from benchmarks.measuring import pair, world
from wasm_engine.orchestrator.execution import Until

home, messages = Path(sys.argv[1]), int(sys.argv[2])
run = world(home, pair("resident", 2 * messages)).begin(home / "bench.run")
state = run.execution.scheduler.world

def stop():
    if state.last_message >= messages:
        os.kill(os.getpid(), signal.SIGKILL)
    return False

run.execution.go(Until(stop=stop))
"""


def measure() -> list[Figure]:
    return _figures(MESSAGES)


def measure_million() -> list[Figure]:
    return _figures(MILLION)


def _figures(messages: int) -> list[Figure]:
    with folder() as home:
        _killed(home, messages)
        found = [_resumed(home, number) for number in range(RUNS)]
    what = f"resume of a killed run of {messages:,} messages"
    return [
        Figure(f"{what}, CPU", min(took.cpu for took in found), "s", most=2),
        Figure(f"{what}, wall", min(took.wall for took in found), "s", most=2),
    ]


def _killed(home: Path, messages: int) -> None:
    """Leaves the file of a run whose process was killed."""
    words = [sys.executable, "-c", KILLED, str(home), str(messages)]
    ended = subprocess.run(words, cwd=PING.parents[3], capture_output=True, check=False)
    if ended.returncode != -signal.SIGKILL:
        raise SystemExit(ended.stderr.decode())


def _resumed(home: Path, number: int) -> Took:
    """From opening a copy of what was left to its first new step."""
    for beside in ("", "-wal", "-shm"):
        left = home / f"bench.run{beside}"
        if left.exists():
            shutil.copyfile(left, home / f"{number}.run{beside}")
    wall, cpu = time.perf_counter(), time.process_time()
    with Run.open(home / f"{number}.run", write=True, at=LATEST) as run:
        run.execution.replay()
        run.execution.go(Until(max_steps=1))
        return Took(time.perf_counter() - wall, time.process_time() - cpu)
