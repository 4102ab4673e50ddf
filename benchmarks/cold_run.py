"""A whole process that runs a world of two small agents: `wasm-engine run`.

Wall time from start to exit, the median of nine; with an empty folder for compiled code (the
component is compiled in a child process), and with what the run before has left there. The floor is
a process that imports wasmtime and ends.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.measuring import folder, medians, process

SCRIPT = "from wasm_engine.cli.main import script; script()"
MANIFEST = """\
[agents.ping]
source = "ping.wasm"

[agents.pong]
source = "ping.wasm"

[[messages]]
to = "ping"
topic = "start"
body = "20 pong"
"""


def measure() -> list[Figure]:
    with folder() as home:
        manifest, private = home / "world.toml", home / "private"
        manifest.write_text(MANIFEST)
        command = ["-c", SCRIPT, "run", str(manifest)]
        process(command, private)
        rounds = [
            (
                process(["-c", "import wasmtime, wasmtime.component"]),
                process(command, private),
                process(command, empty(private)),
            )
            for _ in range(9)
        ]
    floor, warm, cold = (medians(runs).wall for runs in zip(*rounds, strict=True))
    what = "a process that runs two small agents"
    return [
        Figure(f"{what}, nothing compiled, wall", cold, "s", most=0.3, floor=floor),
        Figure(f"{what}, compiled before, wall", warm, "s", most=0.3, floor=floor),
    ]


def empty(private: Path) -> Path:
    """The private folder, emptied."""
    shutil.rmtree(private)
    return private
