"""`pending`: what people are asked by a run."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape, escape_lines
from wasm_engine.cli.verb import Verbs, add_run_file, add_verb

if TYPE_CHECKING:
    from wasm_engine.control.people import Question

ABOUT = """\
List what people are asked by a run, and have not answered.

Changes nothing. `answer` answers a question, `approve` and `deny` decide; `resume` then goes on."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    add_run_file(add_verb(verbs, "pending", act, ABOUT))


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Lists them."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.people import pending

    report = pending(arguments.file, observer=Watch(console))
    for question in report.questions:
        show(console, question)
    if not report.questions:
        console.print("nobody is asked anything")
    console.result(report.as_json())
    return 0


def show(console: Console, question: Question) -> None:
    """Prints a question, with all that a person needs to answer it."""
    from wasm_engine.control.moment import utc_text

    since = "" if question.since is None else f", since step {question.since:,}"
    until = "" if question.until is None else f", until {utc_text(question.until)}"
    head = f"{escape(question.agent)} asks {escape(question.role)}{since}{until}"
    console.print(f"{console.paint('bold', str(question.number))}  {head}")
    asked = "approve" if question.form == "approve" else "answer"
    console.print(f"    {asked}: {escape(question.question)}")
    for line in escape_lines(question.details).split("\n") if question.details else ():
        console.print(f"        | {line}".rstrip())
    for choice in question.choices:
        console.print(f"      - {escape(choice)}")
