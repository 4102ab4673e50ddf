"""Run in a process of its own: a world on a machine that cannot give what its limits promise.

    python -m tests.hostile.poor_machine RUN_FILE LIMIT EXTRA WORKERS

LIMIT is the name of a resource limit, set once the world is loaded to what the process uses then
and EXTRA MiB more (of FSIZE: to EXTRA KiB); `none` for a machine that has everything. Exits as the
command line would.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from pathlib import Path

from tests.hostile import footprint
from tests.hostile.attack import GUESTS, MIB, SCRIPTED, attacker, give, manifest
from wasm_engine.concepts.errors import EngineError
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import Run, World

GROW = ";".join(["grow 160", "set done 1"])
HEAVY = {
    "heavy": attacker(SCRIPTED, count=4, memory=32 * MIB, fuel=100_000_000, work=1_000_000_000)
}
MESSAGES = [
    *((f"heavy/{n}", "script", "set small 1;send heavy/1 t x") for n in range(1, 5)),
    *((f"heavy/{n}", "script", GROW) for n in range(1, 5)),
    *(
        (f"heavy/{n}", "script", "set-size k 2000000;send-size heavy/1 t 1000000")
        for n in range(1, 5)
    ),
]
NOBODY = 65534
FIELDS = {"DATA": "VmData", "AS": "VmSize"}


def limit(name: str, extra: int) -> None:
    """Takes from this process all but a little."""
    kind = getattr(resource, f"RLIMIT_{name}")
    bound = extra << (10 if name == "FSIZE" else 20)
    if name in FIELDS:
        bound += footprint.kilobytes(FIELDS[name]) << 10
    if name == "NPROC" and not os.getuid():
        # For root no limit of processes holds; files stay root's.
        os.setresuid(NOBODY, NOBODY, 0)
        ctypes.CDLL(None).setfsuid(0)
    resource.setrlimit(kind, (bound, resource.getrlimit(kind)[1]))


def main() -> int:
    file, name, extra, workers = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    try:
        if file.exists():
            with Run.open(file, write=True, workers=workers) as run:
                run.execution.replay()
                run.execution.go(Until())
                print(run.file.chain)
            return 0
        world = World.from_mapping(manifest(HEAVY), GUESTS)
        with world.begin(file, workers=workers) as run:
            give(run, MESSAGES)
            run.file.flush()
            if name != "none":
                limit(name, extra)
            run.execution.go(Until())
            print(run.file.chain)
    except EngineError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
