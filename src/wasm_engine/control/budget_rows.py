"""What is spent of a world's budgets where a run stands, as rows for people."""

from __future__ import annotations

from dataclasses import dataclass

from wasm_engine.control.moment import utc_text
from wasm_engine.control.reports import Report
from wasm_engine.world import Run


@dataclass(frozen=True, slots=True)
class BudgetRow(Report):
    """What is spent of one thing that a budget bounds, by one of those who have an account of it.

    Attributes:
        budget: Its name in the manifest.
        over: `agent`, `kind` or `all`: who shares the account.
        who: An address, the name of a kind, or `*` for everybody.
        what: `fuel`, `work`, `messages`, `effects`, `bytes`, `tokens`; or `agents` that there are.
        spent, limit: How much of it, in the window.
        exhausted: `refuse`, `wait` or `stop`.
        since, until: The window, in world time (UTC); `until` is null where it is the whole run.
        held: Agents that wait for the next window.
    """

    budget: str
    over: str
    who: str
    what: str
    spent: int
    limit: int
    exhausted: str
    since: str
    until: str | None
    held: tuple[str, ...]


def budgets_of(run: Run, agent: str | None = None) -> tuple[BudgetRow, ...]:
    """What is spent, by budget, by whose it is, by what it is.

    Args:
        run: Where it stands.
        agent: Only what this agent spends from.
    """
    world = run.execution.scheduler.world
    if world.budgets is None:
        return ()
    rows = []
    for row in world.budgets.rows(world.time):
        if agent is not None and not row.is_of(agent):
            continue
        held = world.held.get(row.until, {}) if row.until is not None else {}
        rows.append(
            BudgetRow(
                row.budget, row.over, row.who, row.what, row.spent, row.limit, row.exhausted,
                utc_text(row.since),
                None if row.until is None else utc_text(row.until),
                tuple(sorted(address for address in held if row.is_of(address))),
            )
        )  # fmt: skip
    return tuple(rows)
