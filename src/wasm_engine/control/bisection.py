"""Finds the first step at which a long run diverges, by replays of few of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from wasm_engine.concepts.errors import ReplayDivergence
from wasm_engine.control.divergence import explained
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.orders import MAX_WORKERS, whole
from wasm_engine.control.replays import divergence_of, go_to, open_at
from wasm_engine.control.reports import Divergence, Report
from wasm_engine.control.step_entries import beginning, last_step
from wasm_engine.journal.runfile import RunFile
from wasm_engine.world import AS_RECORDED, Otherwise, Run


@dataclass(frozen=True, slots=True)
class BisectReport(Report):
    """Where a run diverges first.

    Attributes:
        steps: Steps that the run holds.
        checkpoints: Checkpoints that it holds, where a replay can begin.
        replays: Replays that it took; one more, of the divergent part, says why it diverges.
        executed: Steps that were re-executed, in all of them together.
        since: The step of the checkpoint from which the divergence was reached; 0: the beginning.
        divergence: The first one, or null where the end of the run replays.
    """

    steps: int
    checkpoints: int
    replays: int
    executed: int
    since: int
    divergence: Divergence | None = None


class _Part(NamedTuple):
    """What a replay of one part of the run found."""

    since: int
    error: ReplayDivergence | None


def bisect(file: str | Path, *, workers: int = 1, observer: Observer = UNOBSERVED) -> BisectReport:
    """Finds the first divergent step of a run.

    A run is cut into parts by its checkpoints. It is taken for granted that once re-execution has
    come out otherwise it does so in every later part, too: so it is with another component, another
    engine, or determinism that was lost. Then halving finds the first part that diverges, and with
    it the step. A single altered step in the middle breaks this rule; `replay` looks at every step.

    Args:
        file: The run.
        workers: Threads.
        observer: Who watches.

    Raises:
        BadRunFile: It is no run file, or is damaged.
        Interrupted: The observer asked for a stop.

    Example:
        >>> bisect("kept.run").divergence is None
        True
    """
    whole("workers", workers, 1, MAX_WORKERS)
    with RunFile.open(Path(file), verify="all") as run:
        first, steps = beginning(run), last_step(run)
        marks = sorted({row.step for row in run.checkpoints() if first < row.step < steps})
    search = _Search(Path(file), [first, *marks, steps], workers, observer)
    found = search.first()
    divergence = None if found.error is None else divergence_of(search.explained(found))
    return BisectReport(steps, len(marks), search.replays, search.executed, found.since, divergence)


class _Search:
    """The search, and what it took.

    Args:
        file: The run.
        ends: Steps at which its parts begin and end.
        workers: Threads.
        observer: Who watches.
    """

    def __init__(self, file: Path, ends: Sequence[int], workers: int, observer: Observer) -> None:
        self.replays = self.executed = 0
        self._file = file
        self._ends = ends
        self._workers = workers
        self._observer = observer

    def first(self) -> _Part:
        """The first part that diverges; the last one where none does."""
        low, high = 0, len(self._ends) - 2
        found = self._replay(high)
        if found.error is None:
            return found
        while low < high:
            middle = (low + high) // 2
            part = self._replay(middle)
            if part.error is None:
                low = middle + 1
            else:
                high, found = middle, part
        return found

    def _replay(self, number: int) -> _Part:
        start, end = self._ends[number], self._ends[number + 1]
        self._observer.note(f"replay {self.replays + 1}: steps {start + 1:,} to {end:,}")
        self.replays += 1
        with self._opened(start) as run:
            world = run.execution.scheduler.world
            since = world.step
            try:
                go_to(run, end, self._observer)
            except ReplayDivergence as error:
                self.executed += error.step - since
                return _Part(since, error)
            self.executed += world.step - since
            return _Part(since, None)

    def explained(self, part: _Part) -> ReplayDivergence:
        """A divergence with its cause: the part is executed once more, up to there."""
        assert part.error is not None
        return explained(part.error, partial(self._opened, part.since))

    def _opened(self, step: int, otherwise: Otherwise = AS_RECORDED) -> Run:
        return open_at(
            self._file, step, workers=self._workers, observer=self._observer, otherwise=otherwise
        )
