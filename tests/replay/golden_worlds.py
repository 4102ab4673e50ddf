"""Worlds whose runs are kept as goldens: `python -m tests.replay.golden_worlds` makes missing ones.

A golden is never made again: a run that was recorded once replays for ever, or the engine's
`SEMANTICS` number was raised and the golden moves to the versions that can only be told apart.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

HERE = Path(__file__).parent
GOLDENS = HERE.parent / "goldens/runs"
NEWEST = GOLDENS / "v2"
GUESTS = HERE.parents[1] / "guests/testing"


def _script(text: str, to: str = "asker") -> dict[str, str]:
    return {"to": to, "topic": "script", "body": text}


WORLDS: dict[str, dict[str, Any]] = {
    "conversation": {
        "agents": {
            "asker": {"source": "scripted.wasm", "subscribe": ["news"], "grants": ["spawn:worker"]},
            "answerer": {"source": "scripted.wasm", "count": 3, "subscribe": ["news"]},
            "worker": {"source": "scripted.wasm", "count": 0},
            "sum": {"source": "tally.wasm"},
        },
        "messages": [
            _script("publish news 5:hello; send sum add 40; send sum add 2; send sum tell 0:"),
            _script("ask answerer/1 script 11:reply 2:hi ; ask answerer/2 script 4:trap"),
            _script(
                "spawn worker one {}; send worker/one script 9:set k v ; now; random; "
                "schedule t 5000000 later 0:"
            ),
            _script("ask asker script 0:", to="answerer/3"),
            _script("ask-timeout 2000000 answerer/3 script 0:"),
        ],
    },
    "pingpong": {
        "agents": {
            "a": {"source": "ping.wasm", "lifecycle": "resident"},
            "b": {"source": "ping.wasm"},
        },
        "messages": [{"to": "a", "topic": "start", "body": "25 b"}],
    },
    "long-computation": {
        "agents": {"asker": {"source": "scripted.wasm", "fuel": 300_000_000}},
        "messages": [_script("burn 40000000; set done yes"), _script("loop"), _script("touch")],
    },
}
"""What is recorded, by name."""


def record(name: str, file: Path, workers: int = 1) -> str:
    """Runs a golden world to its end and keeps the run; answers its chain."""
    with tempfile.TemporaryDirectory() as folder:
        for guest in ("scripted", "tally", "ping"):
            shutil.copyfile(GUESTS / guest / f"{guest}.wasm", Path(folder) / f"{guest}.wasm")
        with World.from_mapping(WORLDS[name], folder).begin(file, workers=workers) as run:
            run.execution.go(Until())
            return run.file.chain


def main() -> None:
    """Makes the goldens that are not there yet."""
    NEWEST.mkdir(parents=True, exist_ok=True)
    for name in WORLDS:
        kept = NEWEST / f"{name}.sqlite"
        if not kept.exists():
            sys.stdout.write(f"{name} {record(name, kept)}\n")


if __name__ == "__main__":
    main()
