"""Many agents as WebAssembly components: sandboxed, deterministic, replayable.

The public API is what `__all__` names, and nothing else; it is loaded when first used. `check`,
`run`, `send`, `resume`, `replay`, `inspect`, `bisect`, `fork`, `diff` and `swap` are verbs of the
command line; a `Journey` looks at a run step by step; `World` and `Run` are what they are made of.

    >>> import wasm_engine
    >>> report = wasm_engine.run("world.toml", file="first.run", send=[("a", "start", "20 b")])
    >>> report.status, report.messages
    ('idle', 22)
    >>> wasm_engine.replay("first.run").identical
    True

Layers, each may use what is below it (kept by import-linter, see pyproject.toml):

    cli            the command line
    control        the operator's API
    world          composition root: the only module that knows everything
    toolchain      builds the interpreters for .py and .js agents
    orchestrator   steps, requests, deadlocks; execution and re-execution
    agents         manifests, programs, the contract
    runtime        the gate, guests, metering, virtual WASI, the binding to wasmtime
    capabilities | journal | policy
    host           the only code that touches the machine
    concepts       the words: names, messages, errors, canonical bytes
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wasm_engine.concepts.errors import (
        BadComponent,
        BadManifest,
        BadRunFile,
        Bug,
        EngineError,
        HostFault,
        Interrupted,
        Misuse,
        Refused,
        ReplayDivergence,
    )
    from wasm_engine.control.bisection import bisect
    from wasm_engine.control.checks import check
    from wasm_engine.control.differences import diff
    from wasm_engine.control.forks import Edits, fork
    from wasm_engine.control.inspection import InspectReport, Wanted, inspect
    from wasm_engine.control.moment import Moment
    from wasm_engine.control.observer import Observer
    from wasm_engine.control.orders import Outside, Pace
    from wasm_engine.control.people import answer, pending
    from wasm_engine.control.replays import replay
    from wasm_engine.control.reports import (
        CheckReport,
        DiffReport,
        Divergence,
        ReplayReport,
        RunReport,
        SendReport,
        WaitsFor,
    )
    from wasm_engine.control.runs import load, resume, run, send
    from wasm_engine.control.shared_files import files
    from wasm_engine.control.travel import Journey
    from wasm_engine.world import Run, World

__version__ = "0.1.0"

__all__ = [
    "BadComponent",
    "BadManifest",
    "BadRunFile",
    "Bug",
    "CheckReport",
    "DiffReport",
    "Divergence",
    "Edits",
    "EngineError",
    "HostFault",
    "InspectReport",
    "Interrupted",
    "Journey",
    "Misuse",
    "Moment",
    "Observer",
    "Outside",
    "Pace",
    "Refused",
    "ReplayDivergence",
    "ReplayReport",
    "Run",
    "RunReport",
    "SendReport",
    "WaitsFor",
    "Wanted",
    "World",
    "answer",
    "bisect",
    "check",
    "diff",
    "files",
    "fork",
    "inspect",
    "load",
    "pending",
    "replay",
    "resume",
    "run",
    "send",
]

_HOMES = {
    "concepts.errors": (
        "BadComponent", "BadManifest", "BadRunFile", "Bug", "EngineError", "HostFault",
        "Interrupted", "Misuse", "Refused", "ReplayDivergence",
    ),
    "control.bisection": ("bisect",),
    "control.checks": ("check",),
    "control.differences": ("diff",),
    "control.forks": ("Edits", "fork"),
    "control.inspection": ("InspectReport", "Wanted", "inspect"),
    "control.moment": ("Moment",),
    "control.observer": ("Observer",),
    "control.orders": ("Outside", "Pace"),
    "control.people": ("answer", "pending"),
    "control.replays": ("replay",),
    "control.reports": (
        "CheckReport", "DiffReport", "Divergence", "ReplayReport", "RunReport", "SendReport",
        "WaitsFor",
    ),
    "control.runs": ("load", "resume", "run", "send"),
    "control.shared_files": ("files",),
    "control.travel": ("Journey",),
    "world": ("Run", "World"),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first used: importing the package costs nothing."""
    for home, names in _HOMES.items():
        if name in names:
            found = getattr(import_module(f"{__name__}.{home}"), name)
            globals()[name] = found
            return found
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    """The public names."""
    return [*__all__, "__version__"]
