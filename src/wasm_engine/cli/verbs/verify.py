"""`verify`: who signed a file, and whether it is still what they signed."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_verb

ABOUT = """\
Say who signed a file, and whether it is still what they signed.

Exit status 0 where somebody signed all of it whom this machine's operator trusts (`keys trust`),
4 where not, with the reason. Runs nothing: whether a run comes out the same `replay` says."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "verify", act, ABOUT)
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="a component, .py file, world.lock or run"
    )
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="trust this public key, and no other"
    )


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Verifies it."""
    from wasm_engine.control.signing import verify

    report = verify(arguments.file, key=arguments.key)
    by = ", ".join(
        f"{escape(name)} ({key})" for name, key in zip(report.signers, report.keys, strict=True)
    )
    console.print(f"{escape(report.file)}: {console.paint('green', 'signed')} by {by}")
    word = "chain " if report.what == "run" else "sha256:"
    console.print(f"  {report.what} {word}{report.digest}")
    console.result(report.as_json())
    return 0
