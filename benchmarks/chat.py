"""Questions to a language model that answers at once: by three small components, by assistants.

Three `talker.wasm` pass a message on, one to the other, 2,000 times: with a question to a scripted
model each time, and without. CPU time of the whole process from the first step to the last, divided
by the times; the least of three runs. The floor is the plain message of the same
minute: what is beyond it is the question, its intent, its answer, and the step in which it comes.
Three assistants do the same by what a manifest says (`then`), each task in pristine memory.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.measuring import folder, world
from wasm_engine.orchestrator.execution import Until

TALKER = Path(__file__).parents[1] / "guests/testing/talker/talker.wasm"
TIMES = 2_000
SCRIPT = '[[answer]]\ncontent = "Yes: that is what I would have said, too."\n'


def measure() -> list[Figure]:
    plain = min(one_run("send") for _ in range(3))
    asked = min(one_run("pass") for _ in range(3))
    crew = min(one_crew() for _ in range(3))
    what = "a question to a scripted model, three components, journal on, CPU"
    return [
        Figure(f"{what}: with its message", asked, "us", floor=plain),
        Figure(f"{what}: by itself", asked - plain, "us", most=250),
        Figure("a task of an assistant with its message, three of them", crew, "us", floor=plain),
    ]


def one_run(topic: str) -> float:
    """Microseconds for a message, with its question on topic `pass`."""
    with folder() as home:
        shutil.copyfile(TALKER, home / "talker.wasm")
        (home / "m.toml").write_text(SCRIPT, encoding="utf-8")
        kind = {"source": "talker.wasm", "lifecycle": "resident", "grants": ["model:m"]}
        start = {"to": "a", "topic": topic, "body": f"m {TIMES - 1} b c a"}
        manifest = {
            "agents": {"a": kind, "b": kind, "c": kind},
            "models": {"m": {"script": "m.toml"}},
            "messages": [start],
        }
        with world(home, manifest).begin(home / "bench.run") as run:
            began = time.process_time()
            run.execution.go(Until())
            took = time.process_time() - began
            assert run.execution.scheduler.totals.messages == TIMES
            return took / TIMES * 1e6


def one_crew() -> float:
    """Microseconds for a message between assistants, and the question that each asks."""
    with folder() as home:
        (home / "m.toml").write_text(SCRIPT, encoding="utf-8")
        start = {"to": "a", "topic": "t", "body": "Go."}
        manifest = {
            "agents": {"a": _assistant("b"), "b": _assistant("c"), "c": _assistant("a")},
            "models": {"m": {"script": "m.toml"}},
            "messages": [start],
        }
        with world(home, manifest).begin(home / "bench.run") as run:
            began = time.process_time()
            run.execution.go(Until())
            took = time.process_time() - began
            assert run.execution.scheduler.totals.messages == TIMES
            return took / TIMES * 1e6


def _assistant(then: str) -> dict[str, object]:
    table = {"model": "m", "then": then, "passes": "answer", "conversation": "none"}
    return {"kind": "assistant", "assistant": {**table, "max-rounds": TIMES - 1}}
