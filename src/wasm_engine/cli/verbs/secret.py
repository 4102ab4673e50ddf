"""`secret`: the secrets that this machine has for worlds. What they are is never shown again."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_verb
from wasm_engine.concepts.errors import Misuse

ABOUT = "Keep, list or remove secrets that agents may use and never see."
SET = """\
Keep a secret on this machine, for worlds whose agents may use it.

It is read from standard input (on a terminal: asked for, and not shown), or from a file; never
given as an argument, where every program could read it. A world uses it where its manifest
declares it, and you give it: `run --allow secret:NAME`."""
LIST = """\
List the names of the secrets that this machine has."""
REMOVE = """\
Remove a secret from this machine."""
_MOST = 1 << 16


def add(verbs: Verbs) -> None:
    """Describes the verbs."""
    parser = verbs.add_parser("secret", help=ABOUT[:-1], description=ABOUT, allow_abbrev=False)
    inner = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    given = add_verb(inner, "set", act_set, SET)
    _add_name(given)
    given.add_argument("--file", type=Path, metavar="FILE", help="read it from a file")
    add_verb(inner, "list", act_list, LIST)
    _add_name(add_verb(inner, "remove", act_remove, REMOVE))


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what manifests call it")
    parser.add_argument("--world", metavar="WORLD", help="for the world of this name only")


def act_set(arguments: argparse.Namespace, console: Console) -> int:
    """Keeps one."""
    from wasm_engine.control.secrets import set_secret

    row = set_secret(arguments.name, _value(arguments.file), world=arguments.world)
    console.print(f"{row.name}{_of(row.world)}: kept")
    console.result(row.as_json())
    return 0


def act_list(_arguments: argparse.Namespace, console: Console) -> int:
    """Lists them."""
    from wasm_engine.control.secrets import list_secrets

    report = list_secrets()
    for row in report.secrets:
        where = "" if row.variable is None else f" (the variable {escape(row.variable)})"
        console.print(f"{escape(row.name)}{_of(row.world)}{where}")
    if not report.secrets:
        console.print("no secrets: `wasm-engine secret set NAME` keeps one")
    console.result(report.as_json())
    return 0


def act_remove(arguments: argparse.Namespace, console: Console) -> int:
    """Removes one."""
    from wasm_engine.control.secrets import remove_secret

    row = remove_secret(arguments.name, world=arguments.world)
    console.print(f"{row.name}{_of(row.world)}: removed")
    console.result(row.as_json())
    return 0


def _of(world: str | None) -> str:
    return "" if world is None else f" for {escape(world)}"


def _value(file: Path | None) -> str:
    """The secret; a line's end behind it is no part of it."""
    if file is None and sys.stdin.isatty():
        return getpass.getpass("the secret (not shown): ", sys.stderr)
    try:
        if file is None:
            data = sys.stdin.buffer.read(_MOST)
        else:
            with file.open("rb") as opened:
                data = opened.read(_MOST)
        return data.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise Misuse("the secret is not UTF-8 text", code="bad-secret") from None
    except OSError as error:
        raise Misuse(f"{file}: cannot be read: {error.strerror}") from None
