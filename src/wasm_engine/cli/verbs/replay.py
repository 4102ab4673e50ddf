"""`replay`: a run, executed again from its file alone, and compared."""

from __future__ import annotations

import argparse

from wasm_engine.cli import values
from wasm_engine.cli.console import Console
from wasm_engine.cli.divergence import show_divergence
from wasm_engine.cli.terminal import counted, escape
from wasm_engine.cli.verb import Verbs, add_policy, add_run_file, add_verb
from wasm_engine.concepts.errors import Misuse, ReplayDivergence
from wasm_engine.control.reports import ReplayReport

ABOUT = """\
Execute a run again from its file alone, and compare every call and every step.

Needs no network, no manifest and no permission. `identical`: the same engine did the same, bit for
bit. `equivalent`: another engine did the same, with fuel taken as recorded; or another component.
Where it diverges, the step is executed once more to find out why."""

MOST_INPUTS = 20
"""Inputs that are listed; a replay takes them as given, so a reader has to see them."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "replay", act, ABOUT)
    add_run_file(parser)
    parser.add_argument(
        "--from", type=values.count, dest="start", metavar="STEP",
        help="only from this step on: begins with the newest checkpoint before it, taken as it is",
    )  # fmt: skip
    parser.add_argument("--to", type=values.step, metavar="STEP", help="only up to this step")
    parser.add_argument(
        "--component", type=values.component, action="append", default=[], metavar="KIND=FILE",
        help="what agents of a kind run instead of what they ran: a component, or their .py file",
    )  # fmt: skip
    add_policy(
        parser, "say which calls this policy would have refused; nothing is done otherwise for it"
    )
    parser.add_argument(
        "--head", type=values.digest, metavar="HEX",
        help="refuse a run whose chain never had this head, which you kept elsewhere",
    )  # fmt: skip
    parser.add_argument(
        "--workers", type=values.workers, default=1, metavar="N", help="threads (1)"
    )


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Replays it."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control import replays

    if arguments.start is not None and arguments.to is not None and arguments.start > arguments.to:
        raise Misuse(f"--from {arguments.start} is after --to {arguments.to}", code="usage")
    report = replays.replay(
        arguments.file,
        start=arguments.start,
        to=arguments.to,
        components=dict(arguments.component),
        policy=arguments.policy,
        head=arguments.head,
        workers=arguments.workers,
        observer=Watch(console),
    )
    show_replay(console, report)
    _show_inputs(console, report)
    _show_refusals(console, report)
    console.result(report.as_json())
    return 0 if report.divergence is None else ReplayDivergence.exit_status


def show_replay(console: Console, report: ReplayReport) -> None:
    """Prints what a replay found."""
    if report.divergence is None:
        word = "identical" if report.identical else "equivalent"
        console.print(f"replay: {console.paint('green', word)} ({counted(report.steps, 'step')})")
    else:
        console.print(
            f"replay: {console.paint('red', 'diverged')} at step {report.divergence.step:,}"
        )
        show_divergence(console, report.divergence)
    if report.since:
        console.print(f"  began with the checkpoint of step {report.since:,}, taken as it is")
    console.print(f"  chain {report.chain} (consistent, {_signed(report)})")
    if report.head is not None and report.head < report.steps + report.since:
        console.print(f"  the head you gave is that of step {report.head:,}; it has gone on since")
    elif report.head is not None:
        console.print("  it is the head you gave")


def _signed(report: ReplayReport) -> str:
    """Who vouches for the chain, in words: the best that can be said of its signatures."""
    rows = sorted(report.signatures, key=lambda s: (s.checked, s.whole, s.step), reverse=True)
    if not rows:
        return "unsigned"
    best = rows[0]
    key = escape(best.key)
    upto = "" if best.whole else f" up to step {best.step:,}"
    if best.checked:
        return f"signed{upto} by {escape(str(best.signer))} ({key})"
    if best.signer is not None:
        package = "pip install 'wasm-engine[signing]'"
        return f"signed{upto} as {escape(best.signer)} ({key}), not verified: {package}"
    return f"signed{upto} by {key}, a key nobody trusts here"


def _show_refusals(console: Console, report: ReplayReport) -> None:
    """Prints what a policy that was tried out would have refused."""
    if report.refusals is None:
        return
    word = counted(len(report.refusals), "call")
    console.print(f"  the policy would have refused {word}")
    for row in report.refusals:
        console.print(f"    step {row.step:,}  {escape(row.agent)}  {escape(row.words())}")


def _show_inputs(console: Console, report: ReplayReport) -> None:
    """Prints what the replay took as given."""
    for row in report.inputs[:MOST_INPUTS]:
        body = escape(row.body) if row.body else "(empty)"
        console.print(f"  input #{row.message} to {escape(row.to)}, {escape(row.topic)}: {body}")
    if len(report.inputs) > MOST_INPUTS:
        console.print(
            f"  and {len(report.inputs) - MOST_INPUTS:,} more inputs (inspect --messages)"
        )
