"""Ten thousand live agents in one world.

Resident agents of one small component; each gets one message from outside, so that its instance
is made and stays; a hundred of them in a step, for what a step takes does not live on. Memory is
what the process takes more than before the run began (RSS, from /proc/self/statm), divided by the
agents: instance, agent, journal and all. In a process of its own, so that nothing that was freed
before is counted as room. CPU time is that of giving the messages and of the steps in which the
agents are born.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.measuring import folder, world
from wasm_engine.orchestrator.execution import Until

AGENTS = 10_000
EACH_STEP = 100


def measure() -> list[Figure]:
    words = [sys.executable, "-m", "benchmarks.live_agents"]
    output = subprocess.run(words, check=True, capture_output=True).stdout
    memory, cpu = json.loads(output)
    return [
        Figure(f"a live agent, {AGENTS:,} in one world, memory", memory / 1024, "KiB", most=20),
        Figure("a live agent, from nothing to its first answer, CPU", cpu * 1e6, "us"),
    ]


def births() -> tuple[float, float]:
    """Bytes and seconds for each agent."""
    kind = {"source": "ping.wasm", "lifecycle": "resident", "count": AGENTS}
    with folder() as home:
        loaded = world(home, {"agents": {"a": kind}})
        gc.collect()
        before = resident()
        with loaded.begin(home / "bench.run") as run:
            began = time.process_time()
            for number in range(1, AGENTS + 1):
                run.execution.receive(f"a/{number}", "ping", ("text", "0"), [])
                if not number % EACH_STEP:
                    run.execution.go(Until())
            took = time.process_time() - began
            gc.collect()
            agents = run.execution.scheduler.world.agents.values()
            assert all(agent.resident is not None for agent in agents)
            return (resident() - before) / AGENTS, took / AGENTS


def resident() -> int:
    """Bytes of memory that this process takes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    print(json.dumps(births()))
