"""Finds the record of a step among a run's entries, looking at few of the others."""

from __future__ import annotations

from itertools import islice

from wasm_engine.concepts.errors import Misuse
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Kind
from wasm_engine.journal.runfile import RunFile

_STRIDE = 64
"""Entries that are looked at together, from the end on."""


def entry_after(run: RunFile, step: int) -> int:
    """The number of the entry that follows the record of a step; looks at few of the others."""
    if step < 1:
        return 2
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
    """The last step that a run holds, or holds up to an entry; 0 where there is none."""
    end = (run.count if last is None else last) + 1
    while end > 1:
        start = max(end - _STRIDE, 1)
        found = [
            e for e in islice(run.entries(start), _STRIDE) if e.kind == Kind.STEP and e.n < end
        ]
        if found:
            return entries.step_of(found[-1].body)
        end = start
    return 0


def _next_step(run: RunFile, start: int) -> tuple[int, int] | None:
    """The first record of a step from an entry on: its number, and the step's."""
    for entry in run.entries(start):
        if entry.kind == Kind.STEP:
            return entry.n, entries.step_of(entry.body)
    return None
