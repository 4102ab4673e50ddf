"""`resume`: a run goes on, from the last step that its file holds."""

from __future__ import annotations

import argparse

from wasm_engine.cli.console import Console
from wasm_engine.cli.verb import (
    Verbs,
    add_allow,
    add_policy,
    add_run_file,
    add_running,
    add_verb,
    add_watching,
)

ABOUT = """\
Go on with a run that was stopped, interrupted, killed, or got a message.

It begins at the newest checkpoint; what the file holds after that is first re-executed and
compared. A difference stops it; nothing is lost."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "resume", act, ABOUT)
    add_run_file(parser)
    add_running(parser)
    add_watching(parser)
    add_allow(parser)
    add_policy(
        parser,
        "a policy that is in force from here on: .cedar, or .toml with [[forbid]] and [labels]",
    )
    parser.add_argument(
        "--take-over", action="store_true", help="go on here with a run of another machine"
    )


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Resumes it."""
    from wasm_engine.cli.standing import exit_status, show_standing
    from wasm_engine.cli.watch import watching
    from wasm_engine.control import runs
    from wasm_engine.control.orders import Pace
    from wasm_engine.host.interrupts import interrupt_asks

    watch = watching(console, listens=arguments.watch)
    with interrupt_asks(watch.ask_to_stop):
        report = runs.resume(
            arguments.file,
            take_over=arguments.take_over,
            allow=arguments.allow,
            policy=arguments.policy,
            pace=Pace(arguments.workers, arguments.max_steps, arguments.until),
            observer=watch,
        )
    show_standing(console, report, arguments.file)
    console.result(report.as_json())
    return exit_status(report, watch)
