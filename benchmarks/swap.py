"""One kind of agent is swapped in a world of a thousand agents of it.

To a component with the same code, and to one that takes over what the agents keep. The component
was compiled before; loading it, trying it out, storing it and the sync are measured, too: what a
world waits for. CPU time, for the disk is somebody else's; the least of five.
"""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.measuring import folder, world
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import Run

AGENTS = 1_000
RUNS = 5
_TESTING = Path(__file__).parents[1] / "guests/testing"


def measure() -> list[Figure]:
    with folder() as home:
        for name in ("tokenizer", "tokenizer-next"):
            wasm = (_TESTING / name / f"{name}.wasm").read_bytes()
            (home / f"{name}.wasm").write_bytes(wasm)
            (home / f"{name}-again.wasm").write_bytes(wasm + b"\0\6\5again")  # another digest
        same = min(_swapped(home, "tokenizer-again") for _ in range(RUNS))
        migrated = min(_swapped(home, "tokenizer-next") for _ in range(RUNS))
    what = f"swap of a kind of {AGENTS:,} agents"
    return [
        Figure(what, same * 1e3, "ms", most=50),
        Figure(f"{what}, their state migrated", migrated * 1e3, "ms"),
    ]


def _swapped(home: Path, name: str) -> float:
    """Seconds that a swap takes of agents that each have handled a message."""
    agents = {"tokenizer": {"source": "tokenizer.wasm", "count": AGENTS}}
    sender = {"feeder": {"source": "ping.wasm"}}
    file = home / "bench.run"
    with world(home, {"agents": {**agents, **sender}}).begin(file) as run:
        _tell_all(run)
        began = time.process_time()
        run.swap("tokenizer", home / f"{name}.wasm")
        took = time.process_time() - began
    file.unlink()
    return took


def _tell_all(run: Run) -> None:
    for number in range(1, AGENTS + 1):
        told = ("text", f"0 tokenizer/{number}")
        run.execution.receive("feeder", "start", told, [])
    run.execution.go(Until())
    agents = run.execution.scheduler.world.agents
    assert agents[f"tokenizer/{AGENTS}"].state == {"count": "1"}
