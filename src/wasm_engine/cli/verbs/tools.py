"""`tools`: what a world's tools are, or what a component offers as tools."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_allow, add_verb

ABOUT = """\
Show the tools of a world, or what a component offers as tools.

Each function that a component exports is one: its name, its type, what its WIT says of it, who may
call it in the world, and the digest of its descriptor. With --json also the JSON Schemas of its
arguments and its result. Nothing is run."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "tools", act, ABOUT)
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="a world's manifest, a .wasm component, or std:NAME"
    )
    add_allow(parser)


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Shows them."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.tools import tools

    report = tools(arguments.file, allow=arguments.allow, observer=Watch(console))
    if not report.tools:
        console.print(f"{escape(str(arguments.file))}: no tools")
    for row in report.tools:
        console.print(f"{escape(row.name)}: {escape(row.type)}")
        if row.description:
            console.print(f"  {escape(' '.join(row.description.split()))}")
        if row.refusal is not None:
            console.print(f"  cannot be called with JSON: {escape(row.refusal)}")
        else:
            console.print(f"  sha256:{row.digest}  {escape(row.function)}")
        if row.callers:
            console.print(f"  for {escape(', '.join(row.callers))}")
    console.result(report.as_json())
    return 0
