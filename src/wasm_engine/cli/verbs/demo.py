"""`demo`: the flagship world: answers from real documents, contains an intruder, replays itself."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from wasm_engine.cli import values
from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import counted, escape, escape_lines
from wasm_engine.cli.verb import Verbs, add_verb

if TYPE_CHECKING:
    from wasm_engine.control.demo import DemoReport

ABOUT = """\
Watch agents answer a question from the Python language reference, offline.

A librarian, indexers, a searcher, a writer and a checker, none of whom trusts another; and an
intruder among them, who tries what intruders try. Then the run is replayed from its file."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "demo", act, ABOUT)
    parser.add_argument(
        "question",
        metavar="QUESTION",
        nargs="?",
        type=values.body,
        help="about Python the language",
    )
    parser.add_argument("--run", metavar="FILE", type=Path, help="keep the run in a new file")
    parser.add_argument("--seed", type=values.seed, metavar="N", help="instead of the manifest's")
    parser.add_argument(
        "--workers", type=values.workers, default=1, metavar="N", help="threads (1)"
    )


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Shows it."""
    from wasm_engine.cli.standing import exit_status, show_standing
    from wasm_engine.cli.verbs.replay import show_replay
    from wasm_engine.cli.watch import Watch
    from wasm_engine.concepts.errors import ReplayDivergence
    from wasm_engine.control.demo import demo
    from wasm_engine.host.interrupts import interrupt_asks

    watch = Watch(console)
    with interrupt_asks(watch.ask_to_stop):
        report = demo(
            arguments.question,
            file=arguments.run,
            seed=arguments.seed,
            workers=arguments.workers,
            observer=watch,
        )
    if report.run.status != "stopped":
        _answer(console, report)
        _intruder(console, report)
        console.print()
    show_standing(console, report.run, arguments.run)
    if report.replay is not None:
        show_replay(console, report.replay)
    console.result(report.as_json())
    if report.replay is not None and report.replay.divergence is not None:
        return ReplayDivergence.exit_status
    status = exit_status(report.run, watch)
    return status if report.succeeded or status else 1


def _answer(console: Console, report: DemoReport) -> None:
    console.print(console.paint("bold", escape(report.question)))
    console.print()
    console.print(escape_lines(report.answer or "(no answer)"))
    if report.quotations:
        console.print()
        sent_back = counted(report.sent_back, "quotation")
        said = (
            f"sent back {sent_back} of earlier drafts" if report.sent_back else "sent nothing back"
        )
        console.print(f"the checker {said}; these are word for word in the documents")


def _intruder(console: Console, report: DemoReport) -> None:
    console.print()
    console.print(console.paint("bold", "the intruder tried, and got"))
    width = max((len(row.attempt) for row in report.intruder), default=0)
    for row in report.intruder:
        colour, word = ("green", "contained") if row.contained else ("red", "ESCAPED")
        got = f"{console.paint(colour, word)}  {escape(row.outcome)}"
        console.print(f"  {escape(row.attempt):<{width}}  {got}")
