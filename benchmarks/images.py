"""Instances used again, taken back and made anew from what was captured of them.

CPU time of this thread, the least of several runs. The old way, in the same run: every instance is
made by instantiating its component and running `init`, as is done where nothing can be captured.
Of a rollback the floor is one copy of as many pages as the guest wrote, from one place to another.
Python agents are measured where the interpreter component was built or imported before.
"""

from __future__ import annotations

import ctypes
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks import pingpong, python_agent
from benchmarks.figures import Figure
from benchmarks.measuring import folder, world
from wasm_engine.agents import pristine
from wasm_engine.agents.pristine import Policy
from wasm_engine.agents.program import Program
from wasm_engine.host.mappings import PAGE
from wasm_engine.orchestrator.execution import Until
from wasm_engine.runtime.instance import Image, Instance
from wasm_engine.toolchain.interpreter import installed

MESSAGES = 4_000
ROUNDS = 200


def measure() -> list[Figure]:
    figures = _messages("components", 1e-3, lambda: pingpong.one_run("message", MESSAGES))
    figures += _instances("a component", "ping.wasm")
    if installed().current() is not None:
        run = python_agent.one_run
        figures += _messages("agents in Python", 1, lambda: run("message"), most=0.5)
        figures += _instances("an agent in Python", "ping.py")
    return figures


def _messages(
    what: str, unit: float, one_run: Callable[[], float], most: float | None = None
) -> list[Figure]:
    """A message, and of it what taking the instance back takes: the middle one of a run."""
    took: list[float] = []
    pages: list[int] = []
    with _rollbacks(took, pages):
        whole = min(one_run() for _ in range(3)) * unit
    with policy(Policy(images=False)):
        old = min(one_run() for _ in range(2)) * unit
    count = statistics.median_low(pages)
    return [
        Figure(f"a message between {what}, pristine (floor: old way)", whole, "ms", most, old),
        Figure(
            f"its rollback, {count} pages (floor: one copy)",
            statistics.median(took) * 1e6,
            "us",
            20,
            _copy(count) * 1e6,
        ),
    ]


@contextmanager
def _rollbacks(took: list[float], pages: list[int]) -> Iterator[None]:
    """Notes what rolling back takes, and how many pages it copies."""
    rollback = Instance.rollback

    def noted(instance: Instance, image: Image, guest: Any = None) -> bool:
        began = time.perf_counter()
        done = rollback(instance, image, guest)
        took.append(time.perf_counter() - began)
        memories = instance._slot.memories  # noqa: SLF001
        runs = [run for memory in memories for run in memory.written or ()]
        pages.append(sum(count for _, count in runs))
        return done

    Instance.rollback = noted  # type: ignore[method-assign]
    try:
        yield
    finally:
        Instance.rollback = rollback  # type: ignore[method-assign]


def _instances(what: str, source: str) -> list[Figure]:
    """Of one resident agent: what is done with its instance between two messages."""
    kind = {"source": source, "lifecycle": "resident"}
    start = {"to": "ping", "topic": "ping", "body": "0"}
    manifest: dict[str, Any] = {"agents": {"ping": kind}, "messages": [start]}
    with folder() as home:
        (home / "ping.py").write_text(python_agent.AGENT)
        with world(home, manifest).begin(home / "bench.run") as run:
            execution = run.execution
            execution.go(Until())
            agent = execution.scheduler.world.agents["ping"]
            program, captured = agent.program, agent.program.capture(agent.resident)
            assert captured is not None
            _live_over_the_image(agent, captured)

            def handle() -> None:
                execution.receive("ping", "ping", ("text", "0"), [])
                execution.go(Until())

            return [
                _capture(what, program, agent, handle),
                _restore(what, program, captured),
            ]


def _live_over_the_image(agent: Any, captured: bytes) -> None:
    restored = agent.program.restore(captured)
    agent.resident.close()
    agent.resident = restored


def _copy(pages: int) -> float:
    """Seconds for one copy of so many pages."""
    here, there = (ctypes.create_string_buffer(pages * PAGE) for _ in range(2))
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ctypes.memmove(there, here, pages * PAGE)
        took.append(time.perf_counter() - began)
    return min(took)


def _capture(what: str, program: Program, agent: Any, handle: Callable[[], None]) -> Figure:
    took, size = [], 0
    for _ in range(ROUNDS // 10):
        handle()
        began = time.perf_counter()
        captured = program.capture(agent.resident)
        took.append(time.perf_counter() - began)
        size = len(captured or b"")
    return Figure(f"capture of {what}, {size >> 10} KiB", min(took) * 1e3, "ms")


def _restore(what: str, program: Program, captured: bytes) -> Figure:
    restored = _least(lambda: program.restore(captured))
    anew = _least(lambda: program._instantiate()[0])  # noqa: SLF001
    return Figure(f"restore of {what} (floor: made anew)", restored * 1e3, "ms", 1, anew * 1e3)


def _least(make: Callable[[], Instance]) -> float:
    took = []
    for _ in range(ROUNDS // 10):
        began = time.thread_time()
        instance = make()
        took.append(time.thread_time() - began)
        instance.close()
    return min(took)


@contextmanager
def policy(chosen: Policy) -> Iterator[None]:
    """Another policy, for a while."""
    usual, pristine.POLICY = pristine.POLICY, chosen
    try:
        yield
    finally:
        pristine.POLICY = usual
