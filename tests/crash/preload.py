"""The shim that is loaded before the C library: built once, and given its orders."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
SOURCES = (HERE / "shim.c", HERE / "shim_record.c", HERE / "shim.h")
FLAGS = ("-shared", "-fPIC", "-O2", "-std=c11", "-Wall", "-Wextra", "-Werror")
NEVER = 0
"""Instead of the number of an operation: do not die."""
ALWAYS = 1 << 40
"""As a count: from there on all of them."""


class Failure(NamedTuple):
    """Operations that are refused: `count` of them from the n-th (from 1) of a class.

    Attributes:
        of: `changes` (writes and truncations), `syncs` or `names`.
        first: The first one.
        error: What they fail with, a number of `errno`.
        count: How many.
    """

    of: str
    first: int
    error: int
    count: int = 1


@cache
def library() -> Path:
    """Where the shim lies, built from the sources as they are now."""
    said = hashlib.sha256(repr(FLAGS).encode())
    for source in SOURCES:
        said.update(source.read_bytes())
    folder = Path(tempfile.gettempdir()) / f"wasm-engine-crash-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"shim-{said.hexdigest()[:16]}.so"
    # Several test processes start together; one builds.
    with (folder / "turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not path.exists():
            _build(path)
    return path


def _build(path: Path) -> None:
    unfinished = path.with_suffix(".unfinished")
    sources = [str(source) for source in SOURCES if source.suffix == ".c"]
    command = [sys.executable, "-m", "ziglang", "cc", *FLAGS, "-o", str(unfinished), *sources]
    caches = {"ZIG_GLOBAL_CACHE_DIR": str(path.parent), "ZIG_LOCAL_CACHE_DIR": str(path.parent)}
    subprocess.run(command, check=True, env=os.environ | caches)
    unfinished.rename(path)


def environment(
    root: Path,
    log: Path,
    *,
    kill: int = NEVER,
    failure: Failure | None = None,
    sync: str = "quick",
    tick: float = 0,
) -> dict[str, str]:
    """The variables that make a process load the shim and obey.

    Args:
        root: The folder that is watched.
        log: Where the records go.
        kill: The number of the operation before which it kills itself.
        failure: What fails.
        sync: `real`; `quick`: noted and not made; `lie`: neither.
        tick: Seconds that its steady clock gains with each reading, so that what is done "every
            second" is done at the same operation each time.
    """
    orders = {
        "LD_PRELOAD": str(library()),
        "CRASH_ROOT": str(root),
        "CRASH_LOG": str(log),
        "CRASH_KILL": str(kill),
        "CRASH_SYNC": sync,
        "CRASH_TICK": str(int(tick * 1e9)),
    }
    if failure is not None:
        orders["CRASH_FAIL"] = ":".join(map(str, failure))
    return orders
