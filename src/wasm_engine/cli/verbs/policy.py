"""`policy`: what agents of a world can ever do under a policy."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import counted, escape
from wasm_engine.cli.verb import Verbs, add_verb

ABOUT = """\
Say what the agents of a world can ever do under a policy.

Holds what the manifest grants against this machine's policy and the files that are named, without
running anything: what each kind of agent may do, may never do, and may do only while it does not
know something with a label; and what the world asks for of what the operator bounds. A policy that
names what the world has not, or can never match, is refused with file, line and the name that was
probably meant. To try a policy on a run that is there already: replay RUN --policy FILE."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "policy", act, ABOUT)
    parser.add_argument("world", metavar="WORLD.toml", type=Path, help="the world's manifest")
    parser.add_argument(
        "policies", metavar="POLICY", type=Path, nargs="*",
        help="policies: .cedar, or .toml with [[forbid]], [labels], [bounds]",
    )  # fmt: skip


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Says it."""
    from wasm_engine.control.powers import powers

    report = powers(arguments.world, arguments.policies)
    console.print(f"{escape(report.world)}: {counted(len(report.learns), 'kind')} of agents")
    for kind, labels in report.learns.items():
        learns = f", and may come to know {', '.join(labels)}" if labels else ""
        console.print(f"{escape(kind)} by itself{learns}:")
        rows = [power for power in report.powers if power.kind == kind]
        for power in rows:
            console.print(f"  {escape(power.words())}")
        if not rows:
            console.print("  answers messages, and nothing else")
    if report.bounds:
        console.print("of this machine it may have:")
    for bound in report.bounds:
        console.print(f"  {escape(bound.words())}")
    console.result(report.as_json())
    return 0
