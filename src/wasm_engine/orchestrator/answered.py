"""Questions that were asked before: the run holds their answers, and nobody is asked again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from wasm_engine.concepts.effect import Outcome
from wasm_engine.concepts.hostcall import Err
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Intent, Kind, Result
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.outside import outcome_of
from wasm_engine.orchestrator.world_state import Issue


class Recall(Protocol):
    """What knows which effects have the same outcome."""

    def key(self, capability: str, arguments: Any) -> bytes | None:
        """What is the same of two effects of which one answer is enough; None: ask each time."""

    def again(self, outcome: tuple[Any, ...]) -> Outcome | None:
        """The outcome as it is given once more; None where it is not to be."""


class Answered:
    """Outcomes that a run holds, and effects that are out and whose outcome others wait for, too.

    Args:
        run: The journal: whatever ended in it is known.
        recall: Which effects have the same outcome.
    """

    def __init__(self, run: RunFile, recall: Recall) -> None:
        self._run = run
        self._recall = recall
        self._known: dict[bytes, Outcome] | None = None
        self._leads: dict[bytes, Issue] = {}
        self._keys: dict[int, bytes] = {}
        self._follow: dict[bytes, dict[int, Issue]] = {}

    def outcome(self, issue: Issue) -> Outcome | None:
        """How an effect ends that was carried out before; None: nobody knows."""
        key = self._key(issue)
        return None if key is None else self._all().get(key)

    def follows(self, issue: Issue) -> bool:
        """Whether the same is out already, so that this one ends with it; else it leads."""
        key = self._key(issue)
        if key is None:
            return False
        number = issue.effect.number
        lead = self._leads.get(key)
        if lead is None or lead.effect.number == number:
            self._lead(key, issue)
            return False
        self._follow.setdefault(key, {})[number] = issue
        self._keys[number] = key
        return True

    def ended(self, number: int, outcome: Outcome | None) -> tuple[dict[int, Outcome], list[Issue]]:
        """An effect has ended, or was withdrawn (None).

        Returns:
            How those end that waited for it; and who of them has to go out instead.
        """
        key = self._keys.pop(number, None)
        if key is None:
            return {}, []
        waiting = self._follow.get(key, {})
        if self._leads[key].effect.number != number:
            waiting.pop(number, None)
            return {}, []
        del self._leads[key]
        found = None
        if outcome is not None and not isinstance(outcome, Err):
            found = self._recall.again(outcome)
        if found is not None:
            self._all()[key] = found
            self._follow.pop(key, None)
            for follower in waiting:
                del self._keys[follower]
            return dict.fromkeys(waiting, found), []
        if not waiting:
            return {}, []
        first = waiting.pop(min(waiting))
        self._lead(key, first)
        return {}, [first]

    def learn(self, issue: Issue, outcome: Outcome) -> None:
        """An effect that nobody carried out has ended nevertheless: a fork's script knew how."""
        if isinstance(outcome, Err) or self._known is None:
            return
        key, found = self._key(issue), self._recall.again(outcome)
        if key is not None and found is not None:
            self._known[key] = found

    def _lead(self, key: bytes, issue: Issue) -> None:
        self._leads[key] = issue
        self._keys[issue.effect.number] = key

    def _key(self, issue: Issue) -> bytes | None:
        return self._recall.key(issue.effect.capability, issue.effect.arguments)

    def _all(self) -> dict[bytes, Outcome]:
        """What the run holds, read when it is first needed."""
        if self._known is None:
            self._known = dict(self._read())
        return self._known

    def _read(self) -> Iterator[tuple[bytes, Outcome]]:
        out: dict[int, tuple[bytes, str]] = {}
        for entry in self._run.entries():
            if entry.kind not in {Kind.INTENT, Kind.RESULT}:
                continue
            what = entries.decode(entry.kind, entry.body)
            if isinstance(what, Intent):
                key = self._recall.key(what.capability, what.arguments)
                if key is not None:
                    out[what.number] = key, what.capability
            elif isinstance(what, Result) and what.number in out:
                key, capability = out.pop(what.number)
                outcome = outcome_of(capability, what.outcome)
                found = None if isinstance(outcome, Err) else self._recall.again(outcome)
                if found is not None:
                    yield key, found
