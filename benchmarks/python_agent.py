"""Messages between two agents in Python, journal on.

The ping-pong of `pingpong.py` as `.py` agents, 400 messages; 4,000 for resident agents, since a
run ends with a checkpoint, for which two whole interpreters are captured and compressed (0.3 s).
CPU time from the first step to the last one, divided by the messages, so that the first instance
and that checkpoint are in it; the least of two runs.
Measured where the interpreter component was built or imported before (`wasm-engine interpreter
build`), left out elsewhere: building takes a minute.
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks.figures import Figure
from benchmarks.measuring import folder, world
from wasm_engine.orchestrator.execution import Until
from wasm_engine.toolchain.interpreter import installed

MESSAGES = 400
RESIDENT_MESSAGES = 4_000
AGENT = """\
from wasm_agent import on, send

@on("ping")
def ping(message):
    if message.text != "0":
        send(message.sender, "ping", str(int(message.text) - 1))

@on("start")
def start(message):
    send("pong", "ping", message.text)
"""


def measure() -> list[Figure]:
    if installed().current() is None:
        return []
    return [
        Figure(f"a message between two agents in Python, CPU: {name}", took, "ms")
        for name, took in (
            ("resident", min(one_run("resident", RESIDENT_MESSAGES) for _ in range(2))),
            ("pristine", min(one_run("message") for _ in range(2))),
        )
    ]


def manifest_of(lifecycle: str, messages: int) -> dict[str, Any]:
    """The manifest of the two agents."""
    kind = {"source": "ping.py", "lifecycle": lifecycle}
    start = {"to": "ping", "topic": "start", "body": str(messages)}
    return {"agents": {"ping": kind, "pong": kind}, "messages": [start]}


def one_run(lifecycle: str, messages: int = MESSAGES) -> float:
    """Milliseconds for a message."""
    manifest = manifest_of(lifecycle, messages)
    with folder() as home:
        (home / "ping.py").write_text(AGENT)
        with world(home, manifest).begin(home / "bench.run") as run:
            began = time.process_time()
            run.execution.go(Until())
            took = time.process_time() - began
            assert run.execution.scheduler.world.last_message >= messages
    return took / messages * 1e3
