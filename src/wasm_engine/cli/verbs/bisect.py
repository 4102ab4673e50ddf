"""`bisect`: the first step of a long run that diverges, by few replays."""

from __future__ import annotations

import argparse

from wasm_engine.cli import values
from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import counted
from wasm_engine.cli.verb import Verbs, add_run_file, add_verb
from wasm_engine.concepts.errors import ReplayDivergence

ABOUT = """\
Find the first divergent step of a long run, by replays that begin at its checkpoints.

Halves the run again and again. For that it takes for granted that a run which has diverged once
does so from then on, as with another component, another engine or determinism that was lost. A
single altered step in the middle is found by `replay`, which looks at every one. Exit status 3 if
there is a divergence."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "bisect", act, ABOUT)
    add_run_file(parser)
    parser.add_argument(
        "--workers", type=values.workers, default=1, metavar="N", help="threads (1)"
    )


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Searches."""
    from wasm_engine.cli.divergence import show_divergence
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.bisection import bisect

    report = bisect(arguments.file, workers=arguments.workers, observer=Watch(console))
    if report.divergence is None:
        console.print("bisect: no divergence at the end of the run (replay looks at every step)")
    else:
        word = console.paint("red", "diverged")
        console.print(f"bisect: {word} first at step {report.divergence.step:,}")
        show_divergence(console, report.divergence)
    took = f"{counted(report.replays, 'replay')} of {counted(report.executed, 'step')}"
    console.print(f"  took {took}; the run has {report.steps:,}, and {_marks(report.checkpoints)}")
    console.result(report.as_json())
    return 0 if report.divergence is None else ReplayDivergence.exit_status


def _marks(checkpoints: int) -> str:
    return counted(checkpoints, "checkpoint") if checkpoints else "no checkpoint to begin at"
