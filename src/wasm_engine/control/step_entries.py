"""Finds the record of a step among a run's entries, looking at few of the others."""

from __future__ import annotations

from itertools import islice

from wasm_engine.concepts.errors import Misuse
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Kind
from wasm_engine.journal.runfile import RunFile

_STRIDE = 64
"""Entries that are looked at together, from the end on."""


def beginning(run: RunFile) -> int:
    """The step after which a run's history begins: 0, or where a compacted one was cut."""
    return next((row.step for row in run.checkpoints() if run.anchor and row.n == run.anchor), 0)


def require_step(run: RunFile, name: object, step: int, last: int) -> None:
    """Lets a step pass that can be looked at.

    Args:
        run: The run.
        name: What to call it.
        step: The step.
        last: The last one that it holds.

    Raises:
        Misuse: There is none, or it was left out when the run was compacted.
    """
    if step > last:
        raise Misuse(f"{name}: there is no step {step}; the last one is {last}")
    first = beginning(run)
    if step < first:
        raise Misuse(
            f"{name}: the run was compacted, and begins after step {first}",
            hint="the file that it was made of has the steps before",
        )


def entry_after(run: RunFile, step: int) -> int:
    """The number of the entry that follows the record of a step; looks at few of the others."""
    if step <= beginning(run):
        return max(run.anchor + 1, 2)
    low, high = 2, run.count
    while low < high:
        middle = (low + high) // 2
        found = _next_step(run, middle)
        if found is None or found[1] >= step:
            high = middle
        else:
            low = found[0] + 1
    found = _next_step(run, low)
    if found is None or found[1] != step:
        raise Misuse(f"there is no step {step}")
    return found[0] + 1


def last_step(run: RunFile, last: int | None = None) -> int:
    """The last step that a run holds, or holds up to an entry."""
    end = (run.count if last is None else last) + 1
    while end > 1:
        start = max(end - _STRIDE, 1)
        found = [
            e for e in islice(run.entries(start), _STRIDE) if e.kind == Kind.STEP and e.n < end
        ]
        if found:
            return entries.step_of(found[-1].body)
        end = start
    return beginning(run)


def _next_step(run: RunFile, start: int) -> tuple[int, int] | None:
    """The first record of a step from an entry on: its number, and the step's."""
    for entry in run.entries(start):
        if entry.kind == Kind.STEP:
            return entry.n, entries.step_of(entry.body)
    return None
