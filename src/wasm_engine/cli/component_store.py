"""`component add`, `pull`, `list`, `remove`: the components that are kept on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_verb

if TYPE_CHECKING:
    from wasm_engine.control.store import StoredReport

ADD = """\
Keep a component on this machine: a file, or a folder that is an OCI layout.

It is compiled (in a child process, with limits), and nothing of it is run. Manifests of this
machine may then name it: source = "NAME@sha256:DIGEST". A signature beside a file (FILE.sig)
comes along."""
PULL = """\
Keep a component of an OCI registry: host/path:tag, or host/path@sha256:DIGEST.

Every digest on the way to it is verified; which manifest a tag stands for is the registry's word.
No credentials are sent. A registry on this machine is asked without TLS."""
LIST = """\
List the components that are kept here."""
REMOVE = """\
Keep a component no longer. Runs that have it keep it: it is in their files."""


def add(inner: Verbs) -> None:
    """Describes the verbs."""
    added = add_verb(inner, "add", act_add, ADD)
    added.add_argument("path", metavar="PATH", type=Path, help="a .wasm file, or an OCI layout")
    added.add_argument("--name", default="", metavar="NAME", help="what it is called here")
    added.add_argument("--tag", default="", metavar="TAG", help="which one of an OCI layout")
    pulled = add_verb(inner, "pull", act_pull, PULL)
    pulled.add_argument("remote", metavar="REMOTE", help="host/path:tag, or host/path@sha256:...")
    pulled.add_argument("--name", default="", metavar="NAME", help="what it is called here")
    add_verb(inner, "list", act_list, LIST)
    removed = add_verb(inner, "remove", act_remove, REMOVE)
    removed.add_argument("reference", metavar="NAME", help="name@sha256:..., or a name alone")


def act_add(arguments: argparse.Namespace, console: Console) -> int:
    """Keeps one."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.store import add as keep

    tag = arguments.tag
    report = keep(arguments.path, arguments.name, tag=tag, observer=Watch(console))
    return _kept(report, console)


def act_pull(arguments: argparse.Namespace, console: Console) -> int:
    """Keeps one of a registry."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.store import pull

    return _kept(pull(arguments.remote, arguments.name, observer=Watch(console)), console)


def act_list(_arguments: argparse.Namespace, console: Console) -> int:
    """Lists them."""
    from wasm_engine.control.store import listed

    report = listed()
    for row in report.components:
        note = "  signed" if row.signed else ""
        console.print(f"{row.reference}  {row.size:,} bytes{note}  {escape(row.origin)}")
    if not report.components:
        console.print("no components yet: `wasm-engine component add FILE` keeps one")
    console.result(report.as_json())
    return 0


def act_remove(arguments: argparse.Namespace, console: Console) -> int:
    """Removes one."""
    from wasm_engine.control.store import remove

    report = remove(arguments.reference)
    console.print(f"{report.reference}  is no longer kept")
    console.result(report.as_json())
    return 0


def _kept(report: StoredReport, console: Console) -> int:
    console.print(report.reference)
    console.note(f'in a manifest: source = "{report.reference}"')
    console.result(report.as_json())
    return 0
