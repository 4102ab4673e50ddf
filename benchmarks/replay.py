"""Replay: a run executed again from its file, every call and every step compared.

The run is the ping-pong of `pingpong.py`. CPU time of opening the file (which verifies its chain
and all digests), re-execution and comparison, divided by the messages; the least of three replays.
Beside it the live run, as durable as runs are: from loading the world to the closed file. Once more
for agents in Python, where the interpreter component was built or imported before.

Guests do the same work both times, so how much faster a replay can be is bounded by what else the
live run does; `live, guests alone` is the share of it that is inside of calls of guests.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import wasm_engine
from benchmarks import python_agent
from benchmarks.figures import Figure
from benchmarks.measuring import folder, pair, world
from wasm_engine.orchestrator.execution import Until
from wasm_engine.runtime.instance import Instance, Polled
from wasm_engine.toolchain.interpreter import installed

MESSAGES = 20_000
PYTHON_MESSAGES = 2_000
RUNS = 3
WANTED = 1 / 3
"""Of what the live run took."""


def measure() -> list[Figure]:
    figures = _figures("a message", pair("resident", MESSAGES), MESSAGES)
    if installed().current() is not None:
        agents = python_agent.manifest_of("message", PYTHON_MESSAGES)
        figures += _figures("a message of Python agents", agents, PYTHON_MESSAGES)
    return figures


def _figures(what: str, manifest: dict[str, Any], messages: int) -> list[Figure]:
    live, again = [], []
    with folder() as home:
        (home / "ping.py").write_text(python_agent.AGENT)
        for number in range(RUNS):
            file = home / f"{number}.run"
            live.append(_live(home, manifest, file) / messages * 1e6)
            began = time.process_time()
            assert wasm_engine.replay(file).identical
            again.append((time.process_time() - began) / messages * 1e6)
        spent: list[float] = []
        with _calls(spent):
            _live(home, manifest, home / "calls.run")
        calls = sum(spent) / messages * 1e6
    fastest = min(live)
    return [
        Figure(f"{what}, replayed (floor: live)", min(again), "us", None, fastest, WANTED),
        Figure(f"{what}, live, guests alone (floor: all)", calls, "us", floor=fastest),
    ]


def _live(home: Path, manifest: dict[str, Any], file: Path) -> float:
    began = time.process_time()
    with world(home, manifest).begin(file) as run:
        run.execution.go(Until())
    return time.process_time() - began


@contextmanager
def _calls(spent: list[float]) -> Iterator[None]:
    """Notes the CPU time inside of calls of guests: their code, and the host functions they use."""
    call = Instance.call

    def noted(instance: Instance, interface: str, function: str, args: tuple[Any, ...]) -> Polled:
        began = time.thread_time()
        ended = call(instance, interface, function, args)
        spent.append(time.thread_time() - began)
        return ended

    Instance.call = noted  # type: ignore[method-assign]
    try:
        yield
    finally:
        Instance.call = call  # type: ignore[method-assign]
