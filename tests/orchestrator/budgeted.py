"""Worlds of scripted agents with budgets, and what is spent of these."""

from __future__ import annotations

from typing import Any

from tests.model.observed import SCRIPTED, Told
from wasm_engine.world import Run, World

SECOND = 10**9
HOUR = 3600 * SECOND
EPOCH = 1_735_689_600 * SECOND


def world(budgets: dict[str, Any], *, step_fuel: int = 100_000_000, **kinds: Any) -> World:
    """A world of kinds of scripted agents; each with what its manifest says beyond the source."""
    agents = {name: {"source": "scripted.wasm", **keys} for name, keys in kinds.items()}
    return World.from_mapping(
        {
            "world": {"name": "model"},
            "limits": {"step-fuel": step_fuel},
            "budgets": budgets,
            "agents": agents,
        },
        SCRIPTED,
    )


def spent(run: Run) -> dict[tuple[str, str, str], int]:
    """What is spent where a run stands: by budget, whose, what."""
    state = run.execution.scheduler.world
    assert state.budgets is not None
    return {(row.budget, row.who, row.what): row.spent for row in state.budgets.rows(state.time)}


def outcomes(told: Told, address: str) -> list[tuple[int, str]]:
    """How the parts of an agent's messages ended: message, outcome."""
    return [(row[1], row[4]) for step in told.steps for row in step.segments if row[0] == address]


def lines(told: Told, address: str) -> list[str]:
    """The trace of an agent."""
    return told.states[address].get("trace", "").splitlines()
