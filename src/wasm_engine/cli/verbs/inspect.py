"""`inspect`: a look at a run, as of any step."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from wasm_engine.cli import values
from wasm_engine.cli.budget_view import show_budgets
from wasm_engine.cli.chat_view import show_chats
from wasm_engine.cli.console import Console
from wasm_engine.cli.effect_text import asked_for, ended
from wasm_engine.cli.standing import show_dead
from wasm_engine.cli.terminal import counted, escape, escape_lines, shorten
from wasm_engine.cli.verb import Verbs, add_run_file, add_verb
from wasm_engine.concepts.errors import Misuse

if TYPE_CHECKING:
    from wasm_engine.control.history import MessageRow
    from wasm_engine.control.inspection import InspectReport

ABOUT = """\
Look at a run: who did what, and what was said, up to any step.

Reads the file; only --state, --memory and --budgets run the world again (offline, up to that step).
--budgets shows what is spent of the manifest's [budgets.NAME], and who waits for more. --memory
lists the memories that there are; with --agent it shows what is in them, as a dump in which lines
that repeat are folded. Agents have memory while they wait for something, and those with
lifecycle = "resident" between messages, too."""

_OF_MEMORY = ("against", "range", "strings", "out")
_EXCLUDING = (("against", "strings"), ("against", "out"), ("strings", "out"))
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
    parser.add_argument("--budgets", action="store_true", help="what is spent of the budgets")
    parser.add_argument(
        "--chats", action="store_true", help="what language models were asked, and answered"
    )
    _add_memory(parser)


def _add_memory(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--memory", action="store_true", help="linear memories, or one agent's")
    parser.add_argument(
        "--against", type=values.step, metavar="STEP",
        help="only what differs from the memory at the end of STEP, page by page",
    )  # fmt: skip
    parser.add_argument(
        "--range", type=values.region, metavar="[MEMORY:]ADDRESS:[LENGTH]",
        help="only this part, as 0x1000:256, or 1:0: for all of memory 1",
    )  # fmt: skip
    parser.add_argument(
        "--strings", type=values.least, metavar="N", help="texts of N characters and more (4, 6)"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="the bytes into a new file")


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Looks."""
    from wasm_engine.cli.memory_view import show_memory, write_memory
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.inspection import Wanted, inspect

    wanted = Wanted(
        messages=arguments.messages,
        state=arguments.state,
        calls=arguments.calls,
        log=arguments.log,
        memory=arguments.memory,
        against=arguments.against,
        region=arguments.range,
        strings=arguments.strings,
        budgets=arguments.budgets,
        chats=arguments.chats,
    )
    _check_memory(arguments)
    report = inspect(
        arguments.file,
        step=arguments.step,
        agent=arguments.agent,
        wanted=wanted,
        observer=Watch(console),
    )
    if arguments.out is not None:
        written = write_memory(arguments.out, report.memory or ())
        console.note(f"{counted(written, 'byte')} written to {escape(str(arguments.out))}")
        report = replace(report, memory=tuple(row.without_data() for row in report.memory or ()))
    show(console, report)
    if report.memory is not None:
        show_memory(console, report.memory, arguments.against)
    console.result(report.as_json())
    return 0


def _check_memory(arguments: argparse.Namespace) -> None:
    """Options about memory want memory, and one agent.

    Raises:
        Misuse: One of them is missing, or two of them exclude each other.
    """
    given = [name for name in _OF_MEMORY if getattr(arguments, name) is not None]
    if not given:
        return
    for name, there in (("memory", arguments.memory), ("agent", arguments.agent is not None)):
        if not there:
            raise Misuse(f"--{given[0]} wants --{name}, too", code="usage")
    for one, other in _EXCLUDING:
        if one in given and other in given:
            raise Misuse(f"--{one} and --{other} exclude each other", code="usage")


def show(console: Console, report: InspectReport) -> None:
    """Prints what was asked for; the agents if nothing was."""
    console.print(
        f"{escape(report.world)}: step {report.step:,} of {report.steps:,}, {report.time}, "
        f"seed {report.seed}"
    )
    wanted = (
        report.messages, report.state, report.calls, report.log, report.memory, report.budgets,
        report.chats,
    )  # fmt: skip
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
    for refusal in report.refusals or ():
        agent = escape(refusal.agent)
        console.print(f"  {refusal.step:>6}  {agent}  refused: {escape(refusal.words())}")
    for line in report.log or ():
        first, *more = escape_lines(line.text).split("\n")
        console.print(f"  {line.step:>6}  {escape(line.agent)}  {escape(line.level)}  {first}")
        for rest in more:
            console.print(f"{_FURTHER}{rest}".rstrip())
    if report.chats is not None:
        show_chats(console, report.chats, report.tokens or ())
    if report.budgets is not None:
        show_budgets(console, report.budgets)


def _conversation(report: InspectReport) -> list[str]:
    """Messages, effects and the ends of requests, step by step; not escaped yet."""
    lines = [
        (row.step, 0, f"#{row.id}  {row.sender} -> {row.to}  {_about(row)}  {_body(row.body)}")
        for row in report.messages or ()
    ] + [
        (row.step, 1, f"request {row.request} ended: {row.how}  {_body(row.body)}")
        for row in report.requests or ()
    ]
    for effect in report.effects or ():
        asked = f"{effect.agent} -> {effect.capability}  {asked_for(effect)}"
        lines.append((effect.step, 2, f"effect {effect.number}  {asked}"))
        if effect.arrived is not None:
            lines.append((effect.arrived, -1, f"effect {effect.number} ended: {ended(effect)}"))
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
    console.print("  " + ", ".join(f"{what} {size:,} bytes" for what, size in report.bytes.items()))
    width = max((len(row.address) for row in report.agents), default=0)
    for row in report.agents:
        did = f"{row.received:,} received, {row.handled:,} handled, {row.failed:,} failed"
        console.print(f"  {escape(row.address):<{width}}  {did}, {row.fuel:,} fuel")
    for model in report.models:
        console.print(f"  {escape(str(model))}")
    for it in report.swaps:
        why = f", {escape(it.agent)}" if it.agent else ""
        why += f": {escape(it.code)}" if it.code else ""
        console.print(f"  step {it.step:,}: {it.kind} {it.how}: {it.component[:16]}{why}")
    show_dead(console, report.dead_letters[:_DEAD])
    if len(report.dead_letters) > _DEAD:
        console.print(f"  and {len(report.dead_letters) - _DEAD:,} more (--json has all)")
