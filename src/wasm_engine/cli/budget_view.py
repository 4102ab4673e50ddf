"""What is spent of the budgets, as lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import counted, escape

if TYPE_CHECKING:
    from wasm_engine.control.budget_rows import BudgetRow

_MOST_NAMES = 5


def show_budgets(console: Console, rows: Sequence[BudgetRow]) -> None:
    """Prints a line for each thing that is bounded."""
    if not rows:
        console.print("  no budgets are set, or nothing of them is spent")
    names = [escape(f"{row.budget}  {row.who}") for row in rows]
    width = max(map(len, names), default=0)
    for name, row in zip(names, rows, strict=True):
        window = "" if row.until is None else f", {row.since} to {row.until}"
        spent = f"{row.what} {row.spent:,} of {row.limit:,}"
        console.print(f"  {name:<{width}}  {spent}{window} ({row.exhausted}){_waiting(row.held)}")


def _waiting(held: Sequence[str]) -> str:
    if not held:
        return ""
    if len(held) > _MOST_NAMES:
        return f"; {counted(len(held), 'agent')} wait"
    return f"; waiting: {', '.join(map(escape, held))}"
