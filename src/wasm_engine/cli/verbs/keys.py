"""`keys`: keys to sign with, and keys of others that this machine's operator trusts."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_verb

ABOUT = "Make keys to sign with, and say whose signatures are believed here."
NEW = """\
Make a key pair of Ed25519: NAME.key, which only you may read, and NAME.pub for everybody.

They are kept in the data folder, or where --out says. The private key has no passphrase: whoever
reads the file signs as you. Nobody trusts the key yet, not even this machine (`keys trust`)."""
LIST = """\
List the keys that you sign with, and those that are trusted here."""
TRUST = """\
Believe from now on what a key signs, whose public half is in a file, under a name of yours.

Make sure by another way that the file is from whom you think: compare the id that is shown."""
DISTRUST = """\
Believe a key no longer."""


def add(verbs: Verbs) -> None:
    """Describes the verbs."""
    parser = verbs.add_parser("keys", help=ABOUT[:-1], description=ABOUT, allow_abbrev=False)
    inner = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    new = add_verb(inner, "new", act_new, NEW)
    new.add_argument("name", metavar="NAME", help="small letters, digits and . _ -")
    new.add_argument("--out", type=Path, metavar="FOLDER", help="where the two files go")
    add_verb(inner, "list", act_list, LIST)
    trust = add_verb(inner, "trust", act_trust, TRUST)
    trust.add_argument("file", metavar="FILE", type=Path, help="a public key: PEM, or base64")
    trust.add_argument(
        "--as", dest="name", required=True, metavar="NAME", help="what its owner is called here"
    )
    distrust = add_verb(inner, "distrust", act_distrust, DISTRUST)
    distrust.add_argument("name", metavar="NAME", help="the name that it was given here")


def act_new(arguments: argparse.Namespace, console: Console) -> int:
    """Makes a pair."""
    from wasm_engine.control.keyring import new

    report = new(arguments.name, folder=arguments.out)
    console.print(f"{report.key}  {escape(report.file)}")
    console.note(
        f"to believe it on a machine: wasm-engine keys trust {escape(report.file)} "
        f"--as {escape(report.name)}"
    )
    console.result(report.as_json())
    return 0


def act_list(_arguments: argparse.Namespace, console: Console) -> int:
    """Lists them."""
    from wasm_engine.control.keyring import listed

    report = listed()
    for key in report.keys:
        console.print(f"{key.key}  {key.role:<7}  {key.name}  {escape(key.file)}")
    if not report.keys:
        console.print("no keys yet: `wasm-engine keys new NAME` makes one")
    console.result(report.as_json())
    return 0


def act_trust(arguments: argparse.Namespace, console: Console) -> int:
    """Trusts one."""
    from wasm_engine.control.keyring import trust

    report = trust(arguments.file, arguments.name)
    console.print(f"{report.key}  is trusted as {report.name} from now on")
    console.result(report.as_json())
    return 0


def act_distrust(arguments: argparse.Namespace, console: Console) -> int:
    """Trusts one no longer."""
    from wasm_engine.control.keyring import distrust

    report = distrust(arguments.name)
    console.print(f"{report.key}  is no longer trusted as {report.name}")
    console.result(report.as_json())
    return 0
