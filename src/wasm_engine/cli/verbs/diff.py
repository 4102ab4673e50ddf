"""`diff`: the first step, agent, call and byte in which two runs differ."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_verb

ABOUT = """\
Find the first step, agent, call and byte in which two runs differ.

Reads the two files and runs nothing. Exit status 0 if they are the same, 1 if they differ."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "diff", act, ABOUT)
    parser.add_argument("a", metavar="FILE_A", type=Path, help="a run file")
    parser.add_argument("b", metavar="FILE_B", type=Path, help="another")


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Compares them."""
    from wasm_engine.control.differences import diff

    report = diff(arguments.a, arguments.b)
    if report.made_of:
        console.print(f"made of different things: {', '.join(map(_named, report.made_of))}")
    if report.step is None:
        console.print("the same history")
    else:
        who = "" if report.agent is None else f", agent {escape(report.agent)}"
        call = "" if report.call is None else f", call {report.call}"
        byte = "" if report.byte is None else f", byte {report.byte:,}"
        console.print(f"first difference: step {report.step:,}{who}{call}{byte}: {report.what}")
        console.print(f"  {escape(str(arguments.a))}: {escape(str(report.a))}")
        console.print(f"  {escape(str(arguments.b))}: {escape(str(report.b))}")
    console.result(report.as_json())
    return 0 if report.same else 1


def _named(field: str) -> str:
    return "orders (edits of forks, take-overs)" if field == "control" else field
