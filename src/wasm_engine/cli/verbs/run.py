"""`run`: a world, from its manifest, until there is nothing left to do."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli import values
from wasm_engine.cli.console import Console
from wasm_engine.cli.verb import Verbs, add_allow, add_policy, add_running, add_verb, add_watching

ABOUT = """\
Run a world until it is idle, or waits for time that no step can pass.

Same world, same seed, same inputs: the same chain, in any number of workers, on any machine. (Of
worlds with .py agents the interpreter is a part: `interpreter export` takes it to another machine.)
With --run all that happens is kept in one file, to be resumed, inspected and replayed there."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "run", act, ABOUT)
    parser.add_argument("world", metavar="WORLD.toml", type=Path, help="the world's manifest")
    parser.add_argument("--run", metavar="FILE", type=Path, help="keep the run in a new file")
    parser.add_argument("--seed", type=values.seed, metavar="N", help="instead of the manifest's")
    add_running(parser)
    add_watching(parser)
    add_allow(parser)
    add_policy(
        parser,
        "a policy that is in force from here on: .cedar, or .toml with [[forbid]] and [labels]",
    )
    parser.add_argument(
        "--cassette", type=Path, metavar="FILE",
        help="a run whose answers are given in place of the world's language models",
    )  # fmt: skip
    parser.add_argument(
        "--send", nargs=3, action="append", default=[], metavar=("ADDRESS", "TOPIC", "BODY"),
        help="a message that is there when the world begins; may be given many times",
    )  # fmt: skip


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Runs it."""
    from wasm_engine.cli.standing import exit_status, show_standing
    from wasm_engine.cli.watch import watching
    from wasm_engine.control import runs
    from wasm_engine.control.orders import Pace, Rehearsal
    from wasm_engine.host.interrupts import interrupt_asks

    watch = watching(console, listens=arguments.watch)
    with interrupt_asks(watch.ask_to_stop):
        report = runs.run(
            Rehearsal(arguments.world, arguments.cassette),
            file=arguments.run,
            seed=arguments.seed,
            send=[values.message(*words) for words in arguments.send],
            pace=Pace(arguments.workers, arguments.max_steps, arguments.until),
            allow=arguments.allow,
            policy=arguments.policy,
            observer=watch,
        )
    show_standing(console, report, arguments.run)
    console.result(report.as_json())
    return exit_status(report, watch)
