"""Notices of the world, who is told of whose end; the journal holds only the turns behind them."""

from __future__ import annotations

from typing import NamedTuple

from wasm_engine.concepts import faults, json_text
from wasm_engine.journal.entries import AnyBody, Input, StepBody, Turn
from wasm_engine.orchestrator import turns
from wasm_engine.orchestrator.turns import EXIT_TOPIC

__all__ = ["EXIT_TOPIC", "Notice", "Notices"]


class Notice(NamedTuple):
    """A message of the world: its number, its receiver, who ended, and why."""

    message: int
    to: str
    ended: str
    reason: str = faults.STOPPED

    @property
    def text(self) -> str:
        """Its body."""
        return json_text.write({"agent": self.ended, "reason": self.reason})


class Notices:
    """Finds them in a journal's entries, read in their order from the first one on."""

    def __init__(self) -> None:
        self._last = 0
        self._watchers: dict[str, list[str]] = {}
        self._stopped: set[str] = set()

    def read(self, body: AnyBody) -> list[Notice]:
        """Those of one entry."""
        if isinstance(body, Input):
            self._last = body.id
        if not isinstance(body, StepBody):
            return []
        named = [message for _, _, message in body.timers]
        named += [send.id for segment in body.segments for send in segment.sends]
        self._last = max(self._last, *named) if named else self._last
        return [notice for turn in body.turns for notice in self._turn(turn)]

    def _turn(self, turn: Turn) -> list[Notice]:
        how, value = turn.result
        if how != "ok":
            return []
        address = str(turn.args[0])
        match turn.op:
            case "spawn":
                self._stopped.discard(value)
            case "watch" if address in self._stopped:
                return [self._notice(turn.agent, address)]
            case "watch":
                self._watch(turn.agent, address)
            case "stop":
                return [self._notice(watcher, address) for watcher in self._stop(address)]
            case turns.EXHAUSTED:
                told = self._stop(address)
                return [self._notice(watcher, address, faults.BUDGET) for watcher in told]
        return []

    def _watch(self, watcher: str, address: str) -> None:
        watchers = self._watchers.setdefault(address, [])
        if watcher not in watchers:
            watchers.append(watcher)

    def _stop(self, address: str) -> list[str]:
        """Who is to be told; whoever has ended watches nobody."""
        self._stopped.add(address)
        told = self._watchers.pop(address, [])
        for watchers in (told, *self._watchers.values()):
            if address in watchers:
                watchers.remove(address)
        return told

    def _notice(self, to: str, ended: str, reason: str = faults.STOPPED) -> Notice:
        self._last += 1
        return Notice(self._last, to, ended, reason)
