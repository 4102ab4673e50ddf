"""`inspect`: a look at a run, as of any step."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from wasm_engine.cli import values
from wasm_engine.cli.console import Console
from wasm_engine.cli.standing import show_dead
from wasm_engine.cli.terminal import escape, escape_lines, shorten
from wasm_engine.cli.verb import Verbs, add_run_file, add_verb

if TYPE_CHECKING:
    from wasm_engine.control.history import MessageRow
    from wasm_engine.control.inspection import InspectReport

ABOUT = """\
Look at a run: who did what, and what was said, up to any step.

Reads the file; only --state runs the world again (offline, up to that step)."""

_BODY = 60
_DEAD = 50
_FURTHER = "        | "
"""Before the further lines of a text: what a guest writes cannot look like a line of ours."""


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
    for said in _conversation(report):
        console.print(escape(said))
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
        first, *more = escape_lines(line.text).split("\n")
        console.print(f"  {line.step:>6}  {escape(line.agent)}  {escape(line.level)}  {first}")
        for rest in more:
            console.print(f"{_FURTHER}{rest}".rstrip())


def _conversation(report: InspectReport) -> list[str]:
    """Messages and the ends of requests, step by step; not escaped yet."""
    lines = [
        (row.step, 0, f"#{row.id}  {row.sender} -> {row.to}  {_about(row)}  {_body(row.body)}")
        for row in report.messages or ()
    ] + [
        (row.step, 1, f"request {row.request} ended: {row.how}  {_body(row.body)}")
        for row in report.requests or ()
    ]
    lines.sort(key=lambda line: line[:2])
    return [f"  {step:>6}  {text}".rstrip() for step, _, text in lines]


def _about(row: MessageRow) -> str:
    topic = "(timer)" if row.topic is None else row.topic
    return topic if row.request is None else f"{topic} (request {row.request})"


def _body(body: dict[str, str] | None) -> str:
    if body is None:
        return ""
    return shorten(json.dumps(next(iter(body.values())), ensure_ascii=False), _BODY)


def _agents(console: Console, report: InspectReport) -> None:
    console.print(f"  chain {report.chain}")
    width = max((len(row.address) for row in report.agents), default=0)
    for row in report.agents:
        did = f"{row.received:,} received, {row.handled:,} handled, {row.failed:,} failed"
        console.print(f"  {escape(row.address):<{width}}  {did}, {row.fuel:,} fuel")
    show_dead(console, report.dead_letters[:_DEAD])
    if len(report.dead_letters) > _DEAD:
        console.print(f"  and {len(report.dead_letters) - _DEAD:,} more (--json has all)")
