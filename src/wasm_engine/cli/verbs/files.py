"""`files`: what agents keep in writable mounts, and a copy of it."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli import values
from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import counted, escape
from wasm_engine.cli.verb import Verbs, add_run_file, add_verb

ABOUT = """\
List what agents keep in writable mounts, and copy it out.

Runs the world again, offline, up to that step. The folders that the mounts began with are not
touched: --out makes a folder of its own, in which each mount is a folder, and refuses one that is
there already."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "files", act, ABOUT)
    add_run_file(parser)
    parser.add_argument("--step", type=values.step, metavar="N", help="as of the end of step N")
    parser.add_argument("--mount", metavar="NAME", help="one mount only")
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="copy them into a new folder, by mount"
    )


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Lists, and copies."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.shared_files import files

    report = files(
        arguments.file,
        step=arguments.step,
        mount=arguments.mount,
        out=arguments.out,
        observer=Watch(console),
    )
    console.print(f"{escape(report.world)}: step {report.step:,} of {report.steps:,}")
    for mount in report.mounts:
        console.print(
            f"  {escape(mount.name)} at {escape(mount.at)}: {counted(mount.files, 'file')} of "
            f"{mount.max_files:,}, {mount.bytes:,} bytes of {mount.quota:,}"
        )
        for row in report.files:
            if row.mount == mount.name:
                size = "-" if row.kind == "directory" else f"{row.size:,}"
                slash = "/" if row.kind == "directory" else ""
                console.print(f"    {size:>13}  {escape(row.path)}{slash}")
    if not report.mounts:
        console.print("no mount of it can be written")
    if report.out is not None:
        console.note(f"copied to {escape(report.out)}")
    console.result(report.as_json())
    return 0
