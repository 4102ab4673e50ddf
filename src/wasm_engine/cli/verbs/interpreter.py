"""`interpreter`: the components that run `.py` and `.js` agents: built once, known by digest."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_verb

ABOUT = "Show, build, export or import the component that runs .py or .js agents."
SHOW = """\
Show which interpreter this installation uses, if it has one."""
BUILD = """\
Build the interpreter now, rather than when the first .py or .js agent needs it.

No two builds of the one for Python are the same; for the same chains elsewhere, export this one and
import it there. Those of the one for JavaScript are. It is made of QuickJS, which npm fetches: that
takes Node and the network, once."""
EXPORT = """\
Write the interpreter to a file, for another installation to import."""
IMPORT = """\
Use the interpreter in a file from now on, instead of building one."""


def add(verbs: Verbs) -> None:
    """Describes the verbs."""
    parser = verbs.add_parser("interpreter", help=ABOUT[:-1], description=ABOUT, allow_abbrev=False)
    inner = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    shown = add_verb(inner, "show", act_show, SHOW)
    built = add_verb(inner, "build", act_build, BUILD)
    exported = add_verb(inner, "export", act_export, EXPORT)
    exported.add_argument("file", metavar="FILE", type=Path, help="a new file")
    imported = add_verb(inner, "import", act_import, IMPORT)
    imported.add_argument("file", metavar="FILE", type=Path, help="what `export` wrote")
    for verb in (shown, built, exported, imported):
        verb.add_argument(
            "--language",
            choices=("python", "javascript"),
            default="python",
            help="of which agents: python (.py, the default) or javascript (.js)",
        )


def act_show(arguments: argparse.Namespace, console: Console) -> int:
    """Shows it."""
    from wasm_engine.control.interpreters import show

    report = show(arguments.language)
    if report.digest is None:
        option = "" if arguments.language == "python" else f" --language {arguments.language}"
        console.print(f"no interpreter yet: `wasm-engine interpreter build{option}` makes one")
    else:
        console.print(f"{report.digest}  {report.size:,} bytes  {escape(str(report.file))}")
    console.result(report.as_json())
    return 0


def act_build(arguments: argparse.Namespace, console: Console) -> int:
    """Builds it, if there is none."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.interpreters import build

    report = build(arguments.language, observer=Watch(console))
    console.print(f"{report.digest}  {report.size:,} bytes")
    console.result(report.as_json())
    return 0


def act_export(arguments: argparse.Namespace, console: Console) -> int:
    """Exports it."""
    from wasm_engine.control.interpreters import export

    report = export(arguments.file, arguments.language)
    console.print(f"{report.digest}  written to {escape(str(arguments.file))}")
    console.result(report.as_json())
    return 0


def act_import(arguments: argparse.Namespace, console: Console) -> int:
    """Imports one."""
    from wasm_engine.control.interpreters import import_from

    report = import_from(arguments.file, arguments.language)
    console.print(f"{report.digest}  is used from now on")
    console.result(report.as_json())
    return 0
