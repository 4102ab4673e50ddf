"""`interpreter`: the component that runs `.py` agents: built once, known by digest, passed on."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_verb

ABOUT = "Show, build, export or import the component that runs .py agents."
SHOW = """\
Show which interpreter this installation uses, if it has one."""
BUILD = """\
Build the interpreter now, rather than when the first .py agent needs it.

No two builds are the same; for the same chains elsewhere, export this one and import it there."""
EXPORT = """\
Write the interpreter to a file, for another installation to import."""
IMPORT = """\
Use the interpreter in a file from now on, instead of building one."""


def add(verbs: Verbs) -> None:
    """Describes the verbs."""
    parser = verbs.add_parser("interpreter", help=ABOUT[:-1], description=ABOUT, allow_abbrev=False)
    inner = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    add_verb(inner, "show", act_show, SHOW)
    add_verb(inner, "build", act_build, BUILD)
    exported = add_verb(inner, "export", act_export, EXPORT)
    exported.add_argument("file", metavar="FILE", type=Path, help="a new file")
    imported = add_verb(inner, "import", act_import, IMPORT)
    imported.add_argument("file", metavar="FILE", type=Path, help="what `export` wrote")


def act_show(_arguments: argparse.Namespace, console: Console) -> int:
    """Shows it."""
    from wasm_engine.control.interpreters import show

    report = show()
    if report.digest is None:
        console.print("no interpreter yet: `wasm-engine interpreter build` makes one")
    else:
        console.print(f"{report.digest}  {report.size:,} bytes  {escape(str(report.file))}")
    console.result(report.as_json())
    return 0


def act_build(_arguments: argparse.Namespace, console: Console) -> int:
    """Builds it, if there is none."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.interpreters import build

    report = build(observer=Watch(console))
    console.print(f"{report.digest}  {report.size:,} bytes")
    console.result(report.as_json())
    return 0


def act_export(arguments: argparse.Namespace, console: Console) -> int:
    """Exports it."""
    from wasm_engine.control.interpreters import export

    report = export(arguments.file)
    console.print(f"{report.digest}  written to {escape(str(arguments.file))}")
    console.result(report.as_json())
    return 0


def act_import(arguments: argparse.Namespace, console: Console) -> int:
    """Imports one."""
    from wasm_engine.control.interpreters import import_from

    report = import_from(arguments.file)
    console.print(f"{report.digest}  is used from now on")
    console.result(report.as_json())
    return 0
