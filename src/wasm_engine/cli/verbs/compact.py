"""`compact`: the same run without its distant past."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli import values
from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_run_file, add_verb

ABOUT = """\
Make a file of the same run that begins at a checkpoint, without what led to it.

`resume`, `replay` and `inspect` begin at that checkpoint then; the chain is verified from there on.
The old file stays as it is. Of the two go on with one: they are the same run."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "compact", act, ABOUT)
    add_run_file(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE2", help="nothing may be there"
    )
    parser.add_argument(
        "--step", type=values.step, metavar="N",
        help="leave out no step after N (as many as can be)",
    )  # fmt: skip


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Compacts."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.keeping import compact

    report = compact(arguments.file, arguments.out, step=arguments.step, observer=Watch(console))
    console.print(
        f"compacted: {escape(str(arguments.out))} begins after step {report.step:,}; "
        f"{report.left_out:,} entries left out"
    )
    console.print(f"  {report.bytes_before:,} bytes before, {report.bytes:,} now")
    console.print(f"  chain {report.chain}")
    console.result(report.as_json())
    return 0
