"""A divergence, for people: who did what, where the run holds something else."""

from __future__ import annotations

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.control.reports import Divergence

CAUSES = {
    "engine": "another engine executed it",
    "component": "a component was given that is not the recorded one",
    "recorded answer": "the host answered a call otherwise than it had",
    "lost determinism": "executed twice, it came out in two ways",
    "journal": "what the run holds was changed, or something decides that is in no fingerprint",
}


def show_divergence(console: Console, where: Divergence) -> None:
    """Prints it, below the line that names the step."""
    if where.agent is not None:
        call = "" if where.call is None else f", call {where.call}"
        console.print(f"  agent {escape(where.agent)}{call}")
    if where.line is not None:
        console.print(f"  at {escape(where.line)}")
    console.print(f"  the run holds    {escape(where.expected)}")
    console.print(f"  re-execution did {escape(where.got)}")
    if where.cause is not None:
        console.print(f"  cause: {where.cause}: {CAUSES[where.cause]}")
