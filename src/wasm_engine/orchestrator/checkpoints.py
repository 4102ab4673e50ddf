"""When a checkpoint is made, and what goes into the run file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wasm_engine.concepts import canonical
from wasm_engine.host.stopwatch import elapsed
from wasm_engine.journal.packing import Packed
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.past import Capture
from wasm_engine.orchestrator.scheduler import Scheduler
from wasm_engine.orchestrator.snapshot import Keep, NotNow, encode

SOONEST = 0.5
"""Seconds between two checkpoints at least: about what a resume takes to do them again."""
SHARE = 20
"""A checkpoint is made when the time since the last one is that many times what one costs."""


class Checkpoints:
    """Makes a run's checkpoints: as often as a twentieth of its time allows.

    They bound what a resume has to do again by what was done since the last one. They are derived,
    and beside the chain: when they are made depends on the machine.

    Args:
        scheduler: The world to be told.
        run: Where they go.
        around: Answers what the run has to know besides its world; a canonical value.
        wanted: Whether any are; a run in memory needs none.

    Attributes:
        is_complete: Whether the journal holds all that the world did. Where intents of its last
            step are missing, what is told of it would say that they may have gone out.
    """

    def __init__(
        self, scheduler: Scheduler, run: RunFile, around: Callable[[], Any], *, wanted: bool
    ) -> None:
        self._scheduler = scheduler
        self._around = around
        self._run = run
        self._wanted = wanted
        self._due = 0.0
        self._last = 0
        self.is_complete: Callable[[], bool] = lambda: True

    def begin(self) -> None:
        """The world goes on from here: the next one is due after a while."""
        self._due = elapsed() + SOONEST

    def consider(self, now: float) -> None:
        """Makes one if it is due.

        Args:
            now: Seconds, as of `host.stopwatch`.
        """
        if self._wanted and now >= self._due:
            self.make()

    def make(self, *, anyhow: bool = False) -> bool:
        """Makes one now, between two steps; whether the world could be told.

        Args:
            anyhow: Where it can't: keep at least what the run has to know besides.
        """
        if not self._wanted or (self._run.count == self._last and not anyhow):
            return False
        began = elapsed()
        made = self._put(self._run, anyhow=anyhow)
        self._last = self._run.count
        now = elapsed()
        self._due = now + max(SOONEST, SHARE * (now - began))
        return made

    def make_in(self, branch: RunFile) -> bool:
        """Makes one in another run's file, which ends where this world stands."""
        return self._put(branch, anyhow=False)

    def _put(self, run: RunFile, *, anyhow: bool) -> bool:
        blobs: dict[bytes, Packed] = {}

        def keep(capture: Capture) -> bytes:
            blobs[capture.digest] = capture.packed
            return capture.digest

        try:
            world: Any = canonical.Raw(self._told(keep))
        except NotNow:
            if not anyhow:
                return False
            world = None
            blobs.clear()
        data = canonical.encode([self._around(), world])
        run.put_checkpoint(self._scheduler.world.step, data, blobs)
        return world is not None

    def _told(self, keep: Keep) -> bytes:
        if not self.is_complete():
            message = "intents of the last step are not in the journal"
            raise NotNow(message)
        return encode(self._scheduler, keep)
