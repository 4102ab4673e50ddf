"""`check`: a manifest, its components and its grants, before anything is run."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import counted, escape
from wasm_engine.cli.verb import Verbs, add_allow, add_verb
from wasm_engine.concepts.errors import Refused

MOST_AGENTS = 12
"""Addresses that are listed."""

ABOUT = """\
Check a world's manifest, components and grants, before anything is run.

Says every mistake at once, each with file and line. Then begins each kind of agent once, in the
sandbox, so that a .py file with a mistake is found; no message is handled. Exit status 2 with
mistakes; 4 if the world wants more of this machine than it was given."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "check", act, ABOUT)
    parser.add_argument("world", metavar="WORLD.toml", type=Path, help="the world's manifest")
    add_allow(parser)


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Checks it."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.checks import check

    report = check(arguments.world, allow=arguments.allow, observer=Watch(console))
    console.print(f"{escape(report.world)}: {console.paint('green', 'no mistakes')}")
    more = ", ..." if len(report.agents) > MOST_AGENTS else ""
    names = escape(", ".join(report.agents[:MOST_AGENTS])) + more
    console.print(f"  {counted(len(report.agents), 'agent')}: {names}")
    for link in report.links:
        by = [*(f"{it} (linked)" for it in link.interfaces), *link.functions]
        console.print(
            f"  {escape(link.holder)} > tools.{escape(link.tool)}: {escape(', '.join(by))}"
        )
    for it in report.alternatives:
        who = f"by {', '.join(it.swappers)}" if it.swappers else "nobody may swap it in"
        what = f"{it.kind} {it.name}: {it.file} sha256:{it.digest[:16]}"
        console.print(f"  alternative {escape(what)} ({escape(who)})")
    for model in report.models:
        console.print(f"  {escape(str(model))}")
    for need in report.needs:
        given = "not given (--allow)" if need in report.missing else "given"
        console.print(f"  wants {escape(need)}: {given}")
    console.result(report.as_json())
    return Refused.exit_status if report.missing else 0
