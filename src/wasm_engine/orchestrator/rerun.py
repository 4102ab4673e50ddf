"""A part of an activation that is run once more, because the process that ran it died."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasm_engine.concepts.errors import HostCrash
from wasm_engine.orchestrator.kept import Before

if TYPE_CHECKING:
    from wasm_engine.concepts.errors import GuestFailure
    from wasm_engine.orchestrator.agent import Agent
    from wasm_engine.orchestrator.part import Part
    from wasm_engine.orchestrator.past import CallLog, Past
    from wasm_engine.orchestrator.world_state import WorldState

_OWN = ("suspension", "_past", "_log", "_began", "_slices", "_fuel", "_work")
"""What a part changes that runs, and is put back where its process died."""


class Rerun:
    """The part of an `Activation` that puts it back to where it was before a part of it ran."""

    __slots__ = ()

    if TYPE_CHECKING:
        agent: Agent
        beginning: int
        _guest: Any
        _instance: Any
        _log: CallLog | None
        _past: Past | None

        def _fail(self, failure: GuestFailure) -> Part:
            """Drops the segment and the instance."""

    def _before(self) -> Before:
        agent, log = self.agent, self._log
        returned, entries = (0, 0) if log is None else (len(log.returned), len(log.entries))
        own = tuple(getattr(self, name) for name in _OWN)
        purse = None if agent.purse is None else agent.purse.stand()
        return Before(agent.past, agent.resident, agent.ordinal, returned, entries, purse, own)

    def _go_back(self, before: Before) -> None:
        """As if the part had never run; what it ran in is lost."""
        agent, new = self.agent, self._log
        for name, value in zip(_OWN, before.own, strict=True):
            setattr(self, name, value)
        log = self._log
        if log is None and new is not None and self._past is not None:
            self._past.logs.remove(new)
        if log is not None:
            del log.returned[before.returned :], log.entries[before.entries :]
        agent.past, agent.resident, agent.ordinal = before.past, before.resident, before.ordinal
        if agent.purse is not None:
            agent.purse.go_back(before.purse)
        self._instance = self._guest = None
        self.beginning = 0  # type: ignore[misc]

    def crash(self, world: WorldState, why: str) -> Part:
        """The part as it is where the processes died that ran it: it cost nothing, and fails."""
        lost = self._instance or self.agent.resident
        if lost is not None:
            lost.close()
        self._instance = self._guest = None
        self._fuel = self._work = self.beginning = 0  # type: ignore[misc]
        part = self._fail(HostCrash(why))
        if world.guard is not None:
            world.guard.lost(self.agent, part)
        return part
