"""`inspect`: a look at a run, as of any step."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from wasm_engine.cli import values
from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape, shorten
from wasm_engine.cli.verb import Verbs, add_run_file, add_verb

if TYPE_CHECKING:
    from wasm_engine.control.inspection import InspectReport

ABOUT = """\
Look at a run: who did what, and what was said, up to any step.

Reads the file; only --state runs the world again (offline, up to that step)."""

_BODY = 60


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "inspect", act, ABOUT)
    add_run_file(parser)
    parser.add_argument("--step", type=values.step, metavar="N", help="as of the end of step N")
    parser.add_argument("--agent", type=values.address, metavar="A", help="one agent only")
    parser.add_argument("--messages", action="store_true", help="messages, in their total order")
    parser.add_argument("--state", action="store_true", help="what the agents keep")
    parser.add_argument("--calls", action="store_true", help="calls of host functions")
    parser.add_argument("--log", action="store_true", help="what the agents logged and printed")


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Looks."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.inspection import Wanted, inspect

    wanted = Wanted(arguments.messages, arguments.state, arguments.calls, arguments.log)
    report = inspect(
        arguments.file,
        step=arguments.step,
        agent=arguments.agent,
        wanted=wanted,
        observer=Watch(console),
    )
    show(console, report)
    console.result(report.as_json())
    return 0


def show(console: Console, report: InspectReport) -> None:
    """Prints what was asked for; the agents if nothing was."""
    console.print(
        f"{escape(report.world)}: step {report.step:,} of {report.steps:,}, {report.time}, "
        f"seed {report.seed}"
    )
    wanted = (report.messages, report.state, report.calls, report.log)
    if all(part is None for part in wanted):
        _agents(console, report)
    for row in report.messages or ():
        request = "" if row.request is None else " (request)"
        body = shorten(json.dumps(next(iter(row.body.values()), ""), ensure_ascii=False), _BODY)
        console.print(
            f"  {row.step:>6}  #{row.id}  {escape(row.sender)} -> {escape(row.to)}  "
            f"{escape(row.topic)}{request}  {escape(body)}"
        )
    for agent, state in (report.state or {}).items():
        console.print(f"  {escape(agent)}")
        for key, value in state.items():
            text = json.dumps(value, ensure_ascii=False)
            console.print(f"    {escape(key)} = {escape(text)}")
    for call in report.calls or ():
        rest = shorten(json.dumps(call.arguments, ensure_ascii=False)[1:-1], _BODY * 2)
        agent = escape(call.agent)
        console.print(f"  {call.step:>6}  {agent}  {escape(call.name)}({escape(rest)})")
    for line in report.log or ():
        source = f"{escape(line.agent)}  {escape(line.level)}"
        console.print(f"  {line.step:>6}  {source}  {escape(line.text)}")


def _agents(console: Console, report: InspectReport) -> None:
    console.print(f"  chain {report.chain}")
    width = max((len(row.address) for row in report.agents), default=0)
    for row in report.agents:
        console.print(
            f"  {escape(row.address):<{width}}  {row.received:,} received, {row.handled:,} handled, "
            f"{row.failed:,} failed, {row.fuel:,} fuel"
        )
    for letter in report.dead_letters:
        console.print(
            f"  dead: message {letter.message} to {escape(letter.agent)}: "
            f"{escape(letter.reason)} {escape(letter.code)}"
        )
