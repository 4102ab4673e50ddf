"""Calls of tools: with JSON, through a linked import, and code that is run once.

An agent in C calls a tool with JSON; a tool in text calls another one that it is linked to. Every
call meets a pristine instance of the tool and is metered and recorded. CPU time of the process from
the first step to the last one, divided by the calls; loops take turns, so that noise hits all
alike, and of each the least of several runs counts.

The floor of a call with JSON and of a linked one is a host function that answers a number, called
through the gate in the same way. That of a snippet of Python is the least message between two
agents in Python, which meets a pristine interpreter, too. Snippets are measured where the
interpreter component was built or imported before.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import wasmtime

from benchmarks import python_agent
from benchmarks.figures import Figure
from benchmarks.measuring import PING, folder, world
from wasm_engine.orchestrator.execution import Until
from wasm_engine.toolchain.interpreter import installed

HANDY = PING.parents[1] / "handy/handy.wasm"
CALLS, SNIPPETS, RUNS = 4_000, 200, 5
PLENTY = 10**15
LOOPS = {
    "host": "(drop (call $now))",
    "nothing": "(call $nothing)",
    "add": "(drop (call $add (i32.const 1) (i32.const 2)))",
}
"""What a command does again and again."""
LINES = {
    "add": 'calc.add {"a": 1, "b": 2}',
    "record": 'calc.echo {"it": {"name": "six of one", "lines": [1, 2, 3], "total": 12}}',
    "snippet": 'python.run {"source": "1 + 1", "input": ""}',
}
"""What an agent calls again and again."""


def measure() -> list[Figure]:
    with folder() as home:
        _lay_out(home)
        loops, lines = (dict.fromkeys(names, float("inf")) for names in (LOOPS, ("add", "record")))
        for _ in range(RUNS):
            for name in loops:
                loops[name] = min(loops[name], looped(home, name))
            for name in lines:
                lines[name] = min(lines[name], called(home, name, CALLS))
        host = loops["host"]
        linked, json = "a call of a linked tool", "a call of a tool with JSON"
        figures = [
            Figure("a call of a host function", host, "us"),
            Figure(f"{linked}: nothing", loops["nothing"], "us", 15, host),
            Figure(f"{linked}: two numbers", loops["add"], "us", 15, host),
            Figure(f"{json}: two numbers", lines["add"], "us", 60, host),
            Figure(f"{json}: a record both ways", lines["record"], "us", 60, host),
        ]
        if installed().current() is not None:
            figures.append(_snippet(home))
    return figures


def _snippet(home: Path) -> Figure:
    took = floor = float("inf")
    for _ in range(RUNS):
        took = min(took, called(home, "snippet", SNIPPETS) / 1e3)
        floor = min(floor, python_agent.one_run("message"))
    return Figure("a snippet of Python, in a fresh interpreter", took, "ms", 1, floor)


def _lay_out(home: Path) -> None:
    here = Path(__file__).parent
    calc = here.joinpath("calc.wat").read_text(encoding="utf-8")
    (home / "calc.wasm").write_bytes(wasmtime.wat2wasm(calc))
    command = here.joinpath("tools.wat").read_text(encoding="utf-8")
    for name, call in LOOPS.items():
        text = command.replace("TIMES", str(CALLS)).replace("CALL", call)
        (home / f"{name}.wasm").write_bytes(wasmtime.wat2wasm(text))
    shutil.copyfile(HANDY, home / "handy.wasm")


CALC = {"component": "calc.wasm", "fuel": PLENTY, "work": PLENTY}


def looped(home: Path, name: str) -> float:
    """Microseconds for what a command does again and again."""
    agent = {"source": f"{name}.wasm", "link": ["calc"], "fuel": PLENTY, "work": PLENTY}
    return _run(home, agent, {"calc": CALC}, ["", ""]) / CALLS * 1e6


def called(home: Path, name: str, times: int) -> float:
    """Microseconds for a call of a tool with JSON."""
    agent = {"source": "handy.wasm", "tools": ["tool"], "fuel": PLENTY, "work": PLENTY}
    tool = CALC if name != "snippet" else {**CALC, "component": "", "language": "python"}
    line = LINES[name]
    tools = {line.partition(".")[0]: {key: it for key, it in tool.items() if it}}
    agent["tools"] = list(tools)
    return _run(home, agent, tools, [f"*1 {line}", f"*{times} {line}"]) / times * 1e6


def _run(home: Path, agent: dict[str, Any], tools: dict[str, Any], bodies: list[str]) -> float:
    """Seconds of CPU for the last message; the first one makes what is made once."""
    limits = {"step-fuel": PLENTY}
    manifest = {"agents": {"a": agent}, "tools": tools, "limits": limits}
    with world(home, manifest).begin() as run:
        execution, ended = run.execution, list[str]()
        execution.scheduler.observe = lambda ran: ended.extend(it.part.status for it in ran)
        for body in bodies:
            execution.receive("a", "do", ("text", body), [])
            began = time.process_time()
            assert execution.go(Until()) == "idle"
            took = time.process_time() - began
        assert ended == ["done", "done"], ended
        assert "err:" not in execution.scheduler.world.agents["a"].state.get("trace", "")
        return took
