"""What importing the package adds to importing wasmtime.

Each in a process of its own, turn by turn, nine times; the difference of the medians of CPU time.
The package loads its parts when they are first used, and wasmtime with them, so that the second
figure is the one that counts: all that it takes to have `World`.
"""

from __future__ import annotations

from benchmarks.figures import Figure
from benchmarks.measuring import medians, process

WASMTIME = "import wasmtime"
PACKAGE = "import wasm_engine"
WORLD = "import wasm_engine; wasm_engine.World"


def measure() -> list[Figure]:
    codes = (WASMTIME, PACKAGE, WORLD)
    for code in codes:
        process(["-c", code])  # its modules are compiled
    rounds = [[process(["-c", code]) for code in codes] for _ in range(9)]
    floor, package, engine = (medians(runs).cpu for runs in zip(*rounds, strict=True))
    return [
        Figure("import wasm_engine, beyond import wasmtime", package - floor, "s", most=0.1),
        Figure("the same with its World", engine - floor, "s", most=0.1),
    ]
