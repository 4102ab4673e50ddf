"""Forks of a world of a hundred resident agents in Python, each in the middle of its life.

Of a run that was stopped, at its last step, where a checkpoint stands. First its fork as a file
that can be resumed (`branch`: what a fork without edits takes), then one that is open and stands
there, ready for edits (`fork`); and from there until each of the hundred has handled another
message in the fork, when it has a memory of its own again. CPU time; the least of three. Measured
where the interpreter component was built or imported before.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from benchmarks import python_agent
from benchmarks.figures import Figure
from benchmarks.measuring import folder, world
from wasm_engine.orchestrator.execution import Until
from wasm_engine.toolchain.interpreter import installed
from wasm_engine.world.branch import branch
from wasm_engine.world.fork import fork

AGENTS = 100
RUNS = 3


def measure() -> list[Figure]:
    if installed().current() is None:
        return []
    kind = {"source": "ping.py", "lifecycle": "resident", "count": AGENTS}
    with folder() as home:
        (home / "ping.py").write_text(python_agent.AGENT)
        file = home / "bench.run"
        with world(home, {"agents": {"ping": kind}}).begin(file) as run:
            last = _tell_all(run)
        found = [_forked(file, last, home, str(number)) for number in range(RUNS)]
    branched, forked, handled = (min(took) for took in zip(*found, strict=True))
    what = f"fork of a world of {AGENTS} Python agents"
    return [
        Figure(f"{what}, as a file", branched, "s", most=0.3),
        Figure(f"{what}, open", forked, "s", most=0.3),
        Figure("... until each handled a message in the fork", handled, "s"),
    ]


def _forked(file: Path, step: int, home: Path, name: str) -> tuple[float, float, float]:
    """Seconds: a fork as a file; an open one; from its beginning until all have handled one."""
    began = time.process_time()
    assert branch(file, step, home / f"{name}.branch.run")
    branched = time.process_time()
    forked = fork(file, step, home / f"{name}.fork.run")
    opened = time.process_time()
    with forked:
        _tell_all(forked)
        handled = time.process_time()
    return branched - began, opened - branched, handled - branched


def _tell_all(run: Any) -> int:
    """Each agent handles a message; the last step."""
    for address in run.execution.scheduler.world.agents:
        run.execution.receive(address, "ping", ("text", "0"), [])
    run.execution.go(Until())
    assert not run.execution.scheduler.world.ready
    step: int = run.execution.scheduler.world.step
    return step
