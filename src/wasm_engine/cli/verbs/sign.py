"""`sign`: a component, an agent's file, a lock or a run, with a key of one's own."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_verb

ABOUT = """\
Sign a component, a .py agent, a world.lock or a run with a key of yours.

The signature of a file lies beside it, in FILE.sig. A run carries its own within itself, so that it
is still one file: of its chain as it stands, its id and its engine. A signature says that you stand
for these bytes, not that they are harmless: replay a run, and read a component's source, before."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "sign", act, ABOUT)
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="a component, .py file, world.lock or run"
    )
    parser.add_argument(
        "--key", required=True, metavar="KEY", help="a name of `keys list`, or a private key's file"
    )


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Signs it."""
    from wasm_engine.control.signing import sign

    report = sign(arguments.file, key=arguments.key)
    what = {"run": "chain ", "lock": "sha256:", "agent": "sha256:", "component": "sha256:"}
    console.print(f"signed with {report.key}: {report.what} {what[report.what]}{report.digest}")
    console.print(f"  in {escape(report.signature)}")
    console.result(report.as_json())
    return 0
