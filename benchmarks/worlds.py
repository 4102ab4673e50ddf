"""What worlds cost: a message, a live agent, the start of a process. Each beside what is wanted.

CPU time where a figure says CPU, else wall time; the least of several runs.
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import wasm_engine
from wasm_engine.orchestrator.execution import Until

PING = Path(__file__).parents[1] / "guests/testing/ping/ping.wasm"
MESSAGES = 20_000
AGENTS = 10_000
TWO = "[agents.a]\nsource = 'ping.wasm'\n\n[agents.b]\nsource = 'ping.wasm'\n"
LIVING = TWO.replace("'ping.wasm'\n", "'ping.wasm'\nlifecycle = 'resident'\n")
MANY = f"[agents.a]\nsource = 'ping.wasm'\ncount = {AGENTS}\nlifecycle = 'resident'\n"


@contextmanager
def world(manifest: str) -> Iterator[Path]:
    """The manifest of a world, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="wasm-engine-bench-") as folder:
        shutil.copyfile(PING, Path(folder, "ping.wasm"))
        path = Path(folder, "world.toml")
        path.write_text(manifest)
        yield path


def message(manifest_text: str) -> str:
    """CPU time of one message between two small components, journal on."""
    found = []
    with world(manifest_text) as manifest:
        for number in range(3):
            start = time.process_time()
            report = wasm_engine.run(
                manifest,
                file=manifest.parent / f"{number}.run",
                send=[("a", "start", f"{MESSAGES} b")],
            )
            found.append((time.process_time() - start) / report.messages)
    return f"{min(found) * 1e6:.1f} us CPU"


def agent() -> str:
    """Memory of one live small agent, of ten thousand in one world."""
    with world(MANY) as manifest:
        loaded = wasm_engine.load(manifest)
        gc.collect()
        before = resident()
        with loaded.begin() as run:
            for number in range(1, AGENTS + 1):
                run.execution.receive(f"a/{number}", "ping", ("text", "0"), [])
            run.execution.go(Until())
            gc.collect()
            return f"{(resident() - before) / AGENTS / 1024:.1f} KiB"


def resident() -> int:
    """Bytes of memory that this process takes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def loading() -> str:
    """What importing the package, and its engine, adds to importing wasmtime."""
    floor = least(lambda: python("import wasmtime, wasmtime.component"))
    package = least(lambda: python("import wasm_engine"))
    engine = least(lambda: python("import wasm_engine; wasm_engine.World"))
    return f"{package - floor:+.3f} s, with its engine {engine - floor:+.3f} s"


def cold() -> str:
    """A whole process that runs a world of two agents: the first time, and every other time."""
    run = "from wasm_engine.cli.main import script; script()"
    with world(TWO) as manifest, tempfile.TemporaryDirectory() as home:
        words = ["run", str(manifest), "--send", "a", "start", "10 b"]
        start = time.perf_counter()
        python(run, *words, home=home)
        first = time.perf_counter() - start
        later = least(lambda: python(run, *words, home=home))
    return f"{later:.3f} s, the first time {first:.3f} s (compiles)"


def python(code: str, *words: str, home: str | None = None) -> None:
    """Runs code in a process of its own."""
    environment = {**os.environ, **({"WASM_ENGINE_HOME": home} if home else {})}
    subprocess.run(
        [sys.executable, "-c", code, *words], env=environment, check=True, capture_output=True
    )


def least(do: Callable[[], None], repeats: int = 5) -> float:
    """Seconds of wall time, the least of several."""
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        do()
        found.append(time.perf_counter() - start)
    return min(found)


ROWS: tuple[tuple[str, Callable[[], str], str], ...] = (
    (f"a message, {MESSAGES:,} to and fro, journal on", lambda: message(LIVING), "<= 30 us CPU"),
    ("the same, pristine memory for each", lambda: message(TWO), ""),
    (f"a live agent, {AGENTS:,} in one world", agent, "<= 20 KiB"),
    ("import wasm_engine, beyond import wasmtime", loading, "<= 0.1 s"),
    ("a process that runs two agents", cold, "<= 0.3 s"),
)


def main() -> None:
    """Prints the table."""
    print(f"{'worlds':52}{'wanted':>14}  measured")
    for name, measure, wanted in ROWS:
        print(f"{name:52}{wanted:>14}  {measure()}", flush=True)


if __name__ == "__main__":
    main()
