"""The engines that the package runs on, and how something is run on either in a process of its own.

The locked one is installed; the older one lies in a folder of the environment (`make test` puts it
there) and comes first where a child has that folder in front.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LOCKED, OLDER = "50.0.1", "49.0.0"
FOLDER = Path(sys.prefix) / "engine-49"


def environment(version: str, **more: str) -> dict[str, str]:
    """What a child needs to find this engine before any other."""
    front = {LOCKED: [], OLDER: [str(FOLDER)]}[version]
    assert all(Path(path).is_dir() for path in front), f"{front}: make test sets this up"
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return {**kept, "PYTHONPATH": os.pathsep.join(front), "NO_COLOR": "1", **more}


def command(version: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """A verb of the command line, on this engine."""
    return subprocess.run(
        [sys.executable, "-m", "wasm_engine.cli", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env=environment(version),
    )
