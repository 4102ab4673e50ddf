"""`component`: what one is, one built from source, a command run, and those that are kept here."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wasm_engine.cli import component_store, values
from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_verb

if TYPE_CHECKING:
    from wasm_engine.control.components import InterfaceRow

SHOW = """\
Show what a component is, needs and offers.

Compiles it (in a child process, with limits) and runs nothing of it."""

BUILD = """\
Build a component from source in Python, JavaScript, C, C++, Rust or Go, or from a core module.

The language is told by the file's name. What compiles it has to be installed; what is missing is
named, with how to come by it. The compiler's own messages are shown. Prints digest, size and what
the component wants."""

WORLDS = ("agent", "pure-agent", "command")

RUN = """\
Run a command component (wasi:cli/run) in the sandbox, once, outside of any world.

It sees no clock, network or file of this machine: time is virtual, randomness comes from --seed,
and a folder given with --dir is copied in; what it writes there is discarded. Its exit status is
ours."""


def add(verbs: Verbs) -> None:
    """Describes the verbs."""
    about = "Show what a component is, build one, run a command, keep some by name and digest."
    parser = verbs.add_parser("component", help=about[:-1], description=about, allow_abbrev=False)
    inner = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    shown = add_verb(inner, "show", act_show, SHOW)
    shown.add_argument("file", metavar="FILE", help="a .wasm component, or name@sha256:...")
    built = add_verb(inner, "build", act_build, BUILD)
    built.add_argument(
        "files", metavar="FILE", type=Path, nargs="+", help="sources of one component"
    )
    built.add_argument("--out", metavar="FILE2", type=Path, help="the component (FILE as .wasm)")
    built.add_argument(
        "--world", choices=WORLDS, default="agent", metavar="WORLD",
        help=f"what it is to be: {', '.join(WORLDS)} (agent)",
    )  # fmt: skip
    ran = add_verb(inner, "run", act_run, RUN)
    ran.add_argument(
        "--dir", action="append", default=[], type=values.mapping, metavar="HOST::GUEST",
        help="a folder to copy in, and where the program sees it",
    )  # fmt: skip
    ran.add_argument(
        "--env", action="append", default=[], type=values.setting, metavar="NAME=VALUE",
        help="an environment variable",
    )  # fmt: skip
    ran.add_argument("--seed", type=values.seed, default=0, metavar="N", help="of its entropy (0)")
    ran.add_argument("--stdin", action="store_true", help="give it our standard input")
    ran.add_argument("file", metavar="FILE", help="a .wasm component, or name@sha256:...")
    ran.add_argument("args", metavar="ARG", nargs=argparse.REMAINDER, help="its arguments")
    component_store.add(inner)


def act_show(arguments: argparse.Namespace, console: Console) -> int:
    """Shows it."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.components import show
    from wasm_engine.control.store import place

    report = show(place(arguments.file), observer=Watch(console))
    console.print(f"{escape(arguments.file)}: {report.size:,} bytes, sha256 {report.digest}")
    console.print(f"  can be: {', '.join(report.roles) or 'no agent'}")
    _interfaces(console, "wants", report.imports)
    _interfaces(console, "offers", report.exports)
    console.result(report.as_json())
    return 0


def _interfaces(console: Console, title: str, rows: tuple[InterfaceRow, ...]) -> None:
    for row in rows:
        note = "" if row.known is None else f"  [{row.known}]"
        console.print(f"  {title} {escape(row.name)}{note}")
        for function in row.functions:
            console.print(f"    {escape(function)}")


def act_build(arguments: argparse.Namespace, console: Console) -> int:
    """Builds one."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.building import build

    report = build(
        arguments.files, out=arguments.out, world=arguments.world, observer=Watch(console)
    )
    console.print(f"{escape(report.file)}: {report.size:,} bytes, sha256 {report.digest}")
    console.print(f"  from {report.language}, can be: {', '.join(report.roles) or 'no agent'}")
    for name in report.imports:
        console.print(f"  wants {escape(name)}")
    if not report.reproducible:
        console.print("  another build has other bytes: keep this one, and its digest")
    console.result(report.as_json())
    return 0


def act_run(arguments: argparse.Namespace, console: Console) -> int:
    """Runs it."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.components import Command, run
    from wasm_engine.control.store import place

    command = Command(
        args=tuple(arguments.args),
        env=tuple(arguments.env),
        folders=tuple(arguments.dir),
        stdin=sys.stdin.buffer.read() if arguments.stdin else b"",
        seed=arguments.seed,
    )
    report = run(place(arguments.file), command, observer=Watch(console))
    if console.json:
        console.result(report.as_json())
    else:
        # The program's own bytes, as they are: a pipe wants them so; a terminal gets them escaped.
        console.write_bytes(report.stdout)
        console.write_bytes(report.stderr, error=True)
    if report.trap:
        console.note(f"wasm-engine: the program failed: {escape(report.trap)}")
    return report.status
