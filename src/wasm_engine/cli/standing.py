"""How a run stands, for people; and the exit status that follows from it."""

from __future__ import annotations

from pathlib import Path

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.watch import Watch
from wasm_engine.concepts.errors import Interrupted
from wasm_engine.control.reports import RunReport

_COLOURS = {"idle": "green", "waiting": "yellow", "stopped": "yellow", "failed": "red"}


def show_standing(console: Console, report: RunReport, file: Path | None) -> None:
    """Prints a report in a few lines."""
    status = console.paint(_COLOURS[report.status], report.status)
    console.print(f"{escape(report.world)}: {status} at step {report.step:,}")
    counts = [
        _counted(report.messages, "message"),
        _counted(report.dead_letters, "dead letter"),
        _counted(report.denials, "denial"),
        f"{report.fuel:,} fuel",
    ]
    console.print(f"  {', '.join(counts)}")
    for waiting in report.waits_for[:10]:
        console.print(f"  {escape(waiting.agent)} waits ({waiting.kind})")
    if len(report.waits_for) > 10:
        console.print(f"  and {len(report.waits_for) - 10:,} more wait")
    console.print(f"  chain {report.chain}")
    if file is not None:
        console.note(f"kept in {escape(str(file))}: wasm-engine replay, inspect, resume")


def exit_status(report: RunReport, watch: Watch) -> int:
    """What the command exits with."""
    if report.status == "stopped" and watch.stop_asked():
        return Interrupted.exit_status
    return 1 if report.dead_letters else 0


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
