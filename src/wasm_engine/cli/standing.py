"""How a run stands, for people; and the exit status that follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import counted, escape, shorten
from wasm_engine.cli.watch import Watch
from wasm_engine.concepts.errors import Interrupted
from wasm_engine.control.moment import utc_text
from wasm_engine.control.reports import MOST_LETTERS, DeadLetter, RunReport, WaitsFor

_COLOURS = {"idle": "green", "waiting": "yellow", "stopped": "yellow", "failed": "red"}
_ERROR = 160
"""Characters of an agent's last error that are shown."""


def show_standing(console: Console, report: RunReport, file: Path | None) -> None:
    """Prints a report in a few lines."""
    status = console.paint(_COLOURS[report.status], report.status)
    console.print(f"{escape(report.world)}: {status} at step {report.step:,}")
    counts = [
        counted(report.messages, "message"),
        counted(report.dead_letters, "dead letter"),
        counted(report.denials, "denial"),
        f"{report.fuel:,} fuel",
    ]
    console.print(f"  {', '.join(counts)}")
    show_dead(console, report.letters)
    if len(report.letters) == MOST_LETTERS < report.dead_letters:
        console.print("  and others (inspect lists them)")
    for waiting in report.waits_for[:10]:
        console.print(f"  {_told(waiting)}")
    if len(report.waits_for) > 10:
        console.print(f"  and {len(report.waits_for) - 10:,} more wait")
    console.print(f"  chain {report.chain}")
    if file is not None:
        console.note(f"kept in {escape(str(file))}: wasm-engine replay, inspect, resume")
    if file is not None and any(it.kind == "human" for it in report.waits_for):
        name = escape(str(file))
        console.note(f"wasm-engine pending {name} shows what is asked; then answer, approve, deny")
    if report.letters:
        name = "FILE" if file is None else escape(str(file))
        kept = "" if file is not None else "run it with --run FILE; then "
        console.note(f"why they failed: {kept}wasm-engine inspect {name} --log")


def _told(waiting: WaitsFor) -> str:
    until = "" if waiting.until is None else f" until {utc_text(waiting.until)}"
    if waiting.question is None:
        return f"{escape(waiting.agent)} waits{until} ({waiting.kind})"
    asked = shorten(escape(waiting.question), _ERROR)
    role = escape(waiting.role or "")
    return f"{escape(waiting.agent)} asks {role}{until} ({waiting.number}): {asked}"


def show_dead(console: Console, letters: Iterable[DeadLetter]) -> None:
    """Prints dead letters, each with the last error that its agent logged."""
    for row in letters:
        topic = "(timer)" if row.topic is None else escape(row.topic)
        why = escape(f"{row.reason} {row.code}".rstrip())
        head = f"message {row.message} to {escape(row.agent)}, {topic}: {why}"
        console.print(f"  {console.paint('red', 'dead')}: {head}")
        if row.error is not None:
            console.print(f"    {shorten(escape(row.error), _ERROR)}")


def exit_status(report: RunReport, watch: Watch) -> int:
    """What the command exits with."""
    if report.status == "stopped" and watch.stop_asked():
        return Interrupted.exit_status
    return 1 if report.dead_letters else 0
