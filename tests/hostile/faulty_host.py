"""Run in a process of its own: a host function raises, and the process says what came of it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from tests.hostile.attack import GOOD_MESSAGES, GUESTS, SCRIPTED, attacker, give, manifest, told
from wasm_engine.concepts.errors import EngineError
from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import Run, World, assembly
from wasm_engine.world import run as opened


class Own(BaseException):
    """An exception that nobody knows."""


KINDS: dict[str, type[BaseException]] = {
    kind.__name__: kind
    for kind in (
        *(ValueError, OSError, RecursionError, StopIteration, AssertionError, SystemExit),
        *(GeneratorExit, asyncio.CancelledError, Own, KeyboardInterrupt, MemoryError),
    )
}
FAULTY = {"at once": "log#write", "that may suspend": "messaging#ask"}
SCRIPTS = ("set a 1;log now;ask good/2 t x;set b 1", "set c 1")


def faulty(function: HostFunction, armed: list[type[BaseException]]) -> HostFunction:
    """The same function, which raises for the attacker while it is armed."""

    def call(guest: Any, *arguments: Any) -> Any:
        if armed and guest.agent.address == "evil":
            raise armed[0]("made up")
        return function.call(guest, *arguments)

    return msgspec.structs.replace(function, call=call)


def went(file: Path, armed: list[type[BaseException]], workers: int) -> dict[str, Any]:
    """What came of a run with the faulty function, and of going on without the fault."""
    world = World.from_mapping(manifest({"evil": attacker(SCRIPTED)}), GUESTS)
    found: dict[str, Any] = {}
    with world.begin(file, workers=workers) as run:
        give(run, [*GOOD_MESSAGES, *(("evil", "script", script) for script in SCRIPTS)])
        try:
            run.execution.go(Until(max_steps=100))
        except EngineError as error:
            found["error"] = type(error).__name__
        armed.clear()
        if "error" not in found:
            return summary(run)
    with Run.open(file, write=True, workers=workers) as run:
        run.execution.replay()
        run.execution.go(Until(max_steps=100))
        return {**found, **summary(run)}


def summary(run: Run) -> dict[str, Any]:
    outcome = told(run, "")
    return {"codes": outcome.codes, "good": outcome.good, "chain": outcome.chain}


def main() -> None:
    folder = Path(sys.argv[1])
    results: dict[str, Any] = {}
    functions = dict(assembly.host_functions())
    whole = {}
    for how, name in FAULTY.items():
        full, armed = f"wasm-engine:agent/{name}", []
        patched = {**functions, full: faulty(functions[full], armed)}
        for module in (assembly, opened):
            module.host_functions = lambda patched=patched: patched
        for workers in (1, 3):
            whole[workers] = went(folder / f"{name[:3]}{workers}.run", armed, workers)
            for kind, raised in KINDS.items():
                armed[:] = [raised]
                file = folder / f"{name[:3]}-{kind}-{workers}.run"
                results[f"{how} {kind} {workers}"] = went(file, armed, workers)
    print(json.dumps({"results": results, "whole": whole[1]}))


if __name__ == "__main__":
    main()
