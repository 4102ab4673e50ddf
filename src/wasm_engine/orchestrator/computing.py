"""What is computed within a step: asked of models as agents run, or taken as the run holds it."""

from __future__ import annotations

from collections import deque
from typing import Any

from wasm_engine.concepts.errors import ReplayDivergence
from wasm_engine.concepts.segment import Effect
from wasm_engine.journal import entries
from wasm_engine.orchestrator.outside import Determined, digest_of, is_digest, outcome_of, stored


class Computing:
    """Computes for agents while they run, on any number of threads.

    Args:
        determined: Computes.
    """

    def __init__(self, determined: Determined) -> None:
        self._determined = determined
        self._held: dict[str, deque[list[Any]]] = {}

    def expect(self, body: bytes) -> None:
        """A step is executed again: what was computed in it is not computed once more.

        Args:
            body: Its canonical bytes.
        """
        self._held = {
            agent: deque(rows) for agent, rows in entries.computed_of(body).items() if rows
        }

    def forget(self) -> None:
        """The step that was executed again is over."""
        self._held = {}

    def answer(
        self, guest: Any, agent: Any, step: int, computed: list[tuple[int, list[Any]]]
    ) -> Any:
        """What a guest goes on with that waits for a computation.

        Args:
            guest: Who waits.
            agent: Whose guest it is.
            step: The step.
            computed: Takes the ordinal of the call, and what comes of it as the run is to hold it.

        Raises:
            Misuse: What computes it is not here.
            ReplayDivergence: The run holds the digest of something else.
            GuestFailure: The guest cannot pay for it.
        """
        wanted, guest.suspension = guest.suspension, None
        call = len(guest.calls) - 1
        effect = Effect(0, call, wanted.capability, wanted.arguments)
        held = self._held.get(agent.address)
        row = held.popleft() if held else None
        if row is not None and not is_digest(row):
            outcome = outcome_of(wanted.capability, row)
        else:
            outcome = self._determined.compute_at_once(effect)
            now = stored(outcome)
            if row is not None or self._determined.keeps_digest(effect):
                now = digest_of(now)
            if row is not None and row != now:
                raise _diverged(guest, agent, step, row)
            row = now
        computed.append((call, row))
        return wanted.answer(guest, outcome)


def _diverged(guest: Any, agent: Any, step: int, row: list[Any]) -> ReplayDivergence:
    return ReplayDivergence(
        step=step,
        agent=agent.address,
        call=len(guest.calls) - 1,
        message=guest.message.id,
        expected=f"something computed with the digest {bytes(row[1]).hex()[:16]}...",
        got="something else, computed again",
    )
