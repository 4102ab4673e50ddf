"""Every benchmark, one table: `make bench`, or `python -m benchmarks pingpong replay`.

Nothing here is a test: figures depend on the machine and on who else uses it. CPU time is compared
with a floor measured in the same minute; the last line says how fast the machine was meanwhile.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from benchmarks import (
    autogen,
    binding,
    chat,
    cold_run,
    durability,
    forks,
    hog,
    images,
    import_time,
    inference,
    isolation,
    live_agents,
    peers,
    pingpong,
    policy,
    python_agent,
    replay,
    resume,
    swap,
    tools,
)
from benchmarks.figures import Figure, heading, line, summary
from benchmarks.measuring import pace
from wasm_engine.host import signals

QUIET = 24.0
"""Milliseconds of `pace` on the machine that the wanted figures were written for, left alone."""


def boundary() -> list[Figure]:
    """The rows of `binding.py`, whose wishes are of the ratio, or of microseconds."""
    figures = []
    with signals.deferred():
        rows = binding.rows()
    for what, floor, ours, wanted in rows:
        words = wanted.removeprefix("<= ").split()
        most = float(words[0]) if len(words) > 1 else None
        times = float(words[0]) if len(words) == 1 else None
        figures.append(Figure(what, ours, "us", most, floor, times))
    return figures


BENCHMARKS: dict[str, Callable[[], list[Figure]]] = {
    "binding": boundary,
    "chat": chat.measure,
    "pingpong": pingpong.measure,
    "policy": policy.measure,
    "autogen": autogen.measure,
    "durability": durability.measure,
    "peers": peers.measure,
    "replay": replay.measure,
    "resume": resume.measure,
    "live_agents": live_agents.measure,
    "import_time": import_time.measure,
    "cold_run": cold_run.measure,
    "python_agent": python_agent.measure,
    "images": images.measure,
    "forks": forks.measure,
    "swap": swap.measure,
    "tools": tools.measure,
    "hog": hog.measure,
    "isolation": isolation.measure,
    "inference": inference.measure,
}
LONG: dict[str, Callable[[], list[Figure]]] = {"resume_million": resume.measure_million}
"""Those that are measured only by name."""


def main(names: Sequence[str]) -> int:
    """Prints the table of the benchmarks of these names; where none is given, of all usual ones."""
    known = BENCHMARKS | LONG
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no benchmark {unknown[0]!r}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    print(heading(), flush=True)
    figures, paces = [], [pace()]
    for name in names or BENCHMARKS:
        for figure in known[name]():
            print(line(figure), flush=True)
            figures.append(figure)
        paces.append(pace())
    print(f"\n{summary(figures)}; a loop of a million took {min(paces):.0f} to {max(paces):.0f} ms")
    print(f"of CPU meanwhile ({QUIET:.0f} ms where the wanted figures were written)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
