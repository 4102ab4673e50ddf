"""`import`: the run that lines of JSON were made of."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_verb

ABOUT = """\
Make a run file of what `export` wrote: the same run, with the same chain.

With --verify only the chain is computed anew, which works for redacted ones, too."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "import", act, ABOUT)
    parser.add_argument("file", metavar="LINES", type=Path, help="what `export` wrote")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, metavar="FILE", help="the run; nothing may be there")
    what.add_argument("--verify", action="store_true", help="only compute the chain anew")


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Imports, or verifies."""
    from wasm_engine.control.keeping import import_run, verify_export

    if arguments.verify:
        report = verify_export(arguments.file)
        kind = " (redacted)" if report.redacted else ""
        console.print(f"verified{kind}: {report.entries:,} entries of run {escape(report.run)}")
    else:
        report = import_run(arguments.file, arguments.out)
        console.print(f"imported: {report.entries:,} entries to {escape(str(arguments.out))}")
    console.print(f"  chain {escape(report.chain)}")
    console.result(report.as_json())
    return 0
