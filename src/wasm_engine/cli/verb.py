"""What every verb has in common: its parser, --json, and options that several share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from wasm_engine.cli import values
from wasm_engine.cli.console import Console

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 (it has no other name)
Act: TypeAlias = Callable[[argparse.Namespace, Console], int]


def add_verb(verbs: Verbs, name: str, act: Act, about: str) -> argparse.ArgumentParser:
    """Adds a verb. `about` begins with the line that lists it."""
    parser = verbs.add_parser(
        name,
        help=about.split("\n", 1)[0].rstrip("."),
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--json", action="store_true", help="one JSON object on stdout, nothing else"
    )
    parser.set_defaults(act=act)
    return parser


def add_run_file(parser: argparse.ArgumentParser) -> None:
    """The run file that the verb is about."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a run file")


def add_running(parser: argparse.ArgumentParser) -> None:
    """Options of everything that runs a world."""
    parser.add_argument(
        "--workers", type=values.workers, default=1, metavar="N",
        help="threads for a step's activations; the history is the same for every N (1)",
    )  # fmt: skip
    parser.add_argument(
        "--max-steps", type=values.count, metavar="N", help="stop after N steps (of this command)"
    )
    parser.add_argument(
        "--until", type=values.moment, metavar="TIME",
        help="stop before world time passes TIME: 2025-01-01T00:10:00Z, or +10m after the epoch",
    )  # fmt: skip


def add_watching(parser: argparse.ArgumentParser) -> None:
    """Whether to show what language models say while they say it."""
    parser.add_argument(
        "--watch", action="store_true", help="show what language models answer, as it comes"
    )


def add_allow(parser: argparse.ArgumentParser) -> None:
    """What the operator gives a world on this machine."""
    parser.add_argument(
        "--allow", action="append", default=[], metavar="GRANT",
        help="let the world out of its own folder: mount:/folder, mount:/folder/*, source:/file; "
        "or ask a server: https://host, https://*.host",
    )  # fmt: skip


def add_policy(parser: argparse.ArgumentParser, what: str) -> None:
    """Policies in files of their own."""
    parser.add_argument(
        "--policy", type=Path, action="append", default=[], metavar="FILE", help=what
    )
