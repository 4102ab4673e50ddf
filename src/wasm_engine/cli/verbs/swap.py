"""`swap`: a kind of agent runs another component from the next step on."""

from __future__ import annotations

import argparse

from wasm_engine.cli import values
from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_run_file, add_verb

KEEP_OLD = 3
ABOUT = """\
Let a kind of agent run another component (or another .py file) from the next step on.

Agents in the middle of a message end it on the old one. A component that does not fit the world, or
cannot take what an agent keeps, is refused, and nothing is changed. If a message fails with the new
one before it has handled --keep-old of them well, the old one comes back by itself, and handles
that message. `resume` goes on with the run."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "swap", act, ABOUT)
    add_run_file(parser)
    parser.add_argument(
        "component", type=values.component, metavar="KIND=FILE", help="which kind, and what it runs"
    )
    parser.add_argument(
        "--verify", action="store_true",
        help="execute the run's history with it first; refuse it where its agents do otherwise",
    )  # fmt: skip
    parser.add_argument(
        "--keep-old", type=values.step, default=KEEP_OLD, metavar="N",
        help=f"messages that it has to handle well before the old one is given up (0: none; "
        f"{KEEP_OLD})",
    )  # fmt: skip


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Swaps."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.swap import swap
    from wasm_engine.host.interrupts import interrupt_asks

    kind, component = arguments.component
    watch = Watch(console)
    with interrupt_asks(watch.ask_to_stop):
        report = swap(
            arguments.file,
            kind,
            component,
            keep_old=arguments.keep_old,
            verify=arguments.verify,
            observer=watch,
        )
    agents = "1 agent" if report.over == 1 else f"{report.over:,} agents"
    console.print(
        f"swapped: from step {report.step + 1:,} on {agents} of {report.kind} "
        f"{'runs' if report.over == 1 else 'run'} {report.now[:16]}, not {report.before[:16]}"
    )
    if report.later:
        console.print(f"  {report.later:,} in the middle of a message will, when that has ended")
    if report.migrated:
        console.print(f"  the state of {report.migrated:,} was migrated")
    if report.keep_old:
        console.print(
            f"  the old one comes back if a message fails before {report.keep_old:,} went well"
        )
    console.print(f"  chain {report.chain}")
    console.note(f"wasm-engine resume {escape(str(arguments.file))} goes on with it")
    console.result(report.as_json())
    return 0
