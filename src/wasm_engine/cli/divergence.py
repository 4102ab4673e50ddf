"""A divergence, for people: who did what, where the run holds something else."""

from __future__ import annotations

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.control.reports import Divergence


def show_divergence(console: Console, where: Divergence) -> None:
    """Prints it, below the line that names the step."""
    if where.agent is not None:
        call = "" if where.call is None else f", call {where.call}"
        console.print(f"  agent {escape(where.agent)}{call}")
    console.print(f"  the run holds    {escape(where.expected)}")
    console.print(f"  re-execution did {escape(where.got)}")
