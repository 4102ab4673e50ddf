"""`export`: a run as lines of JSON."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_run_file, add_verb

ABOUT = """\
Write a run as lines of JSON, one for each content, checkpoint and entry.

`import` makes the same run of it again. With --redact digests stand in place of what messages,
effects, log, files and the manifest hold: it still shows who did what when, and its chain can be
verified (`import --verify`), but the run cannot be had back."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "export", act, ABOUT)
    add_run_file(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="LINES", help="nothing may be there"
    )
    parser.add_argument("--redact", action="store_true", help="digests in place of what is private")


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Exports."""
    from wasm_engine.control.keeping import export

    report = export(arguments.file, arguments.out, redact=arguments.redact)
    how = "exported, redacted" if report.redacted else "exported"
    console.print(f"{how}: {report.entries:,} entries to {escape(str(arguments.out))}")
    console.print(f"  chain {report.chain}")
    console.result(report.as_json())
    return 0
