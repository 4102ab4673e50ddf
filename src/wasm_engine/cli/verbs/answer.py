"""`answer`, `approve` and `deny`: what a person says to a question of a run."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from wasm_engine.cli import values
from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import counted, escape
from wasm_engine.cli.verb import Verbs, add_run_file, add_verb
from wasm_engine.concepts.names import OPERATOR

_THEN = """\
It is durable, once: a replay takes it as given, and asks nobody. `resume` goes on with it."""
ANSWER = f"""\
Answer what a run asks a person (`pending` lists it).

{_THEN} Where there are choices, TEXT is one of them."""
APPROVE = f"""\
Approve what a run lays before a person (`pending` lists it).

{_THEN}"""
DENY = f"""\
Refuse what a run lays before a person (`pending` lists it).

{_THEN}"""


def add(verbs: Verbs) -> None:
    """Describes the verbs."""
    answer = add_verb(verbs, "answer", act_answer, ANSWER)
    _add_question(answer)
    answer.add_argument("text", metavar="TEXT", type=values.body, help="the answer")
    for name, decision, about in (("approve", True, APPROVE), ("deny", False, DENY)):
        parser = add_verb(verbs, name, partial(act_decide, decision), about)
        _add_question(parser)
        parser.add_argument(
            "--comment",
            dest="text",
            type=values.body,
            default="",
            metavar="TEXT",
            help="what to add",
        )


def _add_question(parser: argparse.ArgumentParser) -> None:
    add_run_file(parser)
    parser.add_argument("number", metavar="NUMBER", type=values.count, help="the question's")
    parser.add_argument(
        "--by",
        default=OPERATOR,
        metavar="NAME",
        help=f"who answers ({OPERATOR}); the agent is told",
    )


def act_answer(arguments: argparse.Namespace, console: Console) -> int:
    """Answers."""
    return _put(arguments, console, None)


def act_decide(decision: bool, arguments: argparse.Namespace, console: Console) -> int:  # noqa: FBT001
    """Decides."""
    return _put(arguments, console, decision)


def _put(arguments: argparse.Namespace, console: Console, decision: bool | None) -> int:  # noqa: FBT001
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.people import answer

    file: Path = arguments.file
    report = answer(
        file, arguments.number, arguments.text, approved=decision, by=arguments.by,
        observer=Watch(console),
    )  # fmt: skip
    said = {None: "answered", True: "approved", False: "denied"}[report.approved]
    console.print(f"{report.number} of {escape(report.agent)}: {said} by {escape(report.by)}")
    if report.left:
        console.print(f"  {counted(report.left, 'question')} open still")
    console.note(f"wasm-engine resume {escape(str(file))} goes on with it")
    console.result(report.as_json())
    return 0
