"""`new`: a world with one agent in a language of your choice, which runs as it is written."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_verb

ABOUT = """\
Begin a world: a new folder with a manifest and one agent, in the language of --lang; or without
code, as an assistant.

It says what to type next."""
LANGUAGES = ("python", "javascript", "c", "cpp", "rust", "go", "assistant")


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "new", act, ABOUT)
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="a new folder")
    parser.add_argument(
        "--lang", choices=LANGUAGES, default="python", metavar="LANG",
        help=f"of the agent: {', '.join(LANGUAGES)} (python)",
    )  # fmt: skip


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Writes it."""
    from wasm_engine.control.building import begin

    report = begin(arguments.folder, arguments.lang)
    console.print(f"{escape(report.folder)}: {', '.join(report.files)}")
    for command in report.commands:
        console.print(f"  {escape(command)}")
    console.result(report.as_json())
    return 0
