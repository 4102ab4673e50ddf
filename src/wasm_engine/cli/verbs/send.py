"""`send`: a message from outside into a run."""

from __future__ import annotations

import argparse

from wasm_engine.cli import values
from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_run_file, add_verb
from wasm_engine.control.orders import Outside

ABOUT = """\
Put a message into a run; `resume` then delivers it.

It is recorded as an input: a replay gives the world the same message at the same step. What the
file holds after its newest checkpoint is re-executed and compared first."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "send", act, ABOUT)
    add_run_file(parser)
    parser.add_argument("address", metavar="ADDRESS", type=values.address, help="who gets it")
    parser.add_argument("topic", metavar="TOPIC", type=values.topic, help="what it is about")
    parser.add_argument("body", metavar="BODY", type=values.body, help="text")


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Sends it."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control import runs

    message = Outside(arguments.address, arguments.topic, arguments.body)
    report = runs.send(arguments.file, message, observer=Watch(console))
    console.print(f"message {report.message} waits for {report.to}")
    console.note(f"wasm-engine resume {escape(str(arguments.file))} delivers it")
    console.result(report.as_json())
    return 0
