"""What agents that compute without end cost those that do not: the CPU time of a step, with them.

A hundred `ping.wasm` in pairs that send a number to and fro, one message each in each step; beside
them none, one or four agents that compute for as long as they are let. A hog is cut where it has
used up `step-fuel`, so a step takes what that takes, and no more: the ratio says how much of a step
that is. With a budget of fuel for the hogs' kind it is nothing, once that is spent.
"""

from __future__ import annotations

import shutil
import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.measuring import folder, world
from wasm_engine.orchestrator.execution import Until

AGENTS = 100
STEPS = 150
STEP_FUEL = 10_000_000
SCRIPTED = Path(__file__).parents[1] / "guests/testing/scripted/scripted.wasm"


def measure() -> list[Figure]:
    alone = steps(0)
    figures = [
        Figure("a step of 100 agents, CPU, p50", at(alone, 50), "ms"),
        Figure("a step of 100 agents, CPU, p99", at(alone, 99), "ms"),
    ]
    for hogs, budget in ((1, 0), (4, 0), (4, 400_000_000)):
        beside = steps(hogs, budget)
        what = f"the same beside {hogs} that compute without end"
        if budget:
            what = f"the same where these have a budget of {budget // 10**6} million"
        figures += [
            Figure(f"{what}, p50", at(beside, 50), "ms", floor=at(alone, 50)),
            Figure(f"{what}, p99", at(beside, 99), "ms", floor=at(alone, 99)),
        ]
    return figures


def at(values: list[float], percent: int) -> float:
    """A percentile."""
    return statistics.quantiles(values, n=100)[percent - 1]


def manifest(hogs: int, budget: int) -> dict[str, Any]:
    """A hundred agents in pairs, and hogs."""
    pairs = [(f"good/{n}", f"good/{n + 1}") for n in range(1, AGENTS, 2)]
    text = f"{STEPS + 10} "
    messages = [{"to": a, "topic": "start", "body": text + b} for a, b in pairs]
    messages += [{"to": b, "topic": "start", "body": text + a} for a, b in pairs]
    agents: dict[str, Any] = {
        "good": {"source": "ping.wasm", "count": AGENTS, "lifecycle": "resident"}
    }
    if hogs:
        agents["hog"] = {"source": "scripted.wasm", "count": max(hogs, 2), "fuel": 10**15}
        messages += [
            {"to": f"hog/{n}", "topic": "script", "body": "loop"} for n in range(1, hogs + 1)
        ]
    made = {"agents": agents, "messages": messages, "limits": {"step-fuel": STEP_FUEL}}
    if budget:
        made["budgets"] = {"hogs": {"kinds": ["hog"], "over": "kind", "fuel": budget}}
    return made


def steps(hogs: int, budget: int = 0) -> list[float]:
    """Milliseconds of CPU time, all threads, of each of the steps; the first ten are not told."""
    with folder() as home:
        shutil.copyfile(SCRIPTED, home / "scripted.wasm")
        loaded = world(home, manifest(hogs, budget))
        with loaded.begin(home / "bench.run") as run:
            took, last = [], time.process_time()

            def at_step(_step: int) -> None:
                nonlocal last
                now = time.process_time()
                took.append((now - last) * 1e3)
                last = now

            run.execution.go(Until(max_steps=STEPS, progress=at_step))
            return took[10:]
