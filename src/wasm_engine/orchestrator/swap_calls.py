"""Swaps that agents ask for: the last turn calls of a step, in canonical order.

They come after all that follows from the step: trials have ended, agents have gone over, and nobody
who ran in it is taken for one that ran what is swapped in. No entry of the journal says of one; the
record of the step does, as a row, and what it says of states a replay compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wasm_engine.agents.alternatives import FIRST, key_of
from wasm_engine.agents.program import Program
from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.errors import GuestFailure
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.segment import Turn
from wasm_engine.orchestrator.agent import Agent
from wasm_engine.orchestrator.swapping import CannotMigrate, Swaps
from wasm_engine.orchestrator.turns import TurnRow
from wasm_engine.orchestrator.world_state import WorldState

SWAP: Final = "swap.swap"
"""The operation of a row: an agent has let a kind run something else, or was refused."""
RUNNING: Final = "swap.running"
LAST: Final = frozenset({SWAP, RUNNING})
"""Turn calls that come after all others of their step."""
TRIED: Final = 1_000_000
"""Host work of an instance that is made to see whether it can be."""
OVER: Final = 10_000
"""Of each agent that goes over, at once or later."""
MIGRATED: Final = 200_000
"""Of each whose state may be migrated, beside what each byte of it costs."""
ASKED: Final = 3
"""Arguments of a swap that are its asker's: kind, name, how long the old one may come back."""


class SwapCalls:
    """Executes what agents ask for in one step.

    Args:
        world: The world, after all else in the step.
        swaps: What its kinds run.
    """

    def __init__(self, world: WorldState, swaps: Swaps) -> None:
        self._world = world
        self._swaps = swaps

    def execute(self, agents: Sequence[Agent]) -> list[TurnRow]:
        """Executes the calls of agents that are suspended in one; answers rows for the record."""
        world, rows = self._world, []
        for agent in agents:
            underway = agent.activation
            call = None if underway is None else underway.suspension
            lives = world.agents.get(agent.address) is agent  # else stopped by a call before
            if lives and isinstance(call, Turn) and call.operation in LAST:
                rows.append(self._do(agent, call))
                world.ready[agent.address] = agent
        return rows

    def _do(self, agent: Agent, call: Turn) -> TurnRow:
        told: list[str] = []
        if call.operation == SWAP:
            call.result = self._swap(agent, told, *call.arguments)
        else:
            call.result = self._running(*call.arguments)
        outcome = call.result
        if isinstance(outcome, Err):
            result = ["err", str(outcome.payload[0])]
        else:
            result = ["ok", outcome[0] if isinstance(outcome, tuple) else str(outcome)]
        return agent.address, call.operation, [*call.arguments, *told], result

    def _swap(
        self, agent: Agent, told: list[str], kind: str, name: str, keep_old: int
    ) -> int | Err:
        """Lets a kind run something else.

        Args:
            agent: Who asks.
            told: Takes what the record holds beside what was asked: the digest of what runs from
                here on, and of the states that were migrated, or nothing.
            kind: What is to run it.
            name: What is to be run.
            keep_old: See `Swaps.swap`.
        """
        swaps, new = self._swaps, self._swaps.choices.get(kind, {}).get(name)
        if new is None:  # whoever wrote the call knows the world
            return refusal(faults.UNKNOWN_ALTERNATIVE, f"{kind} has no such alternative")
        if new is swaps.running(kind):
            return refusal(faults.ALREADY_RUNNING, f"{kind} runs {name}")
        price = self._price(kind, new)
        if price > agent.work_left:
            return refusal(faults.TOO_COSTLY, f"it takes {price} of host work")
        agent.spend(price)
        try:
            new.instantiate().close()
        except GuestFailure as failure:
            return refusal(faults.CANNOT_BEGIN, failure.code)
        guard, signer = self._world.guard, new.signer
        if guard is not None:
            new.signer = guard.signers.get(key_of(kind, name), "")
        try:
            done = swaps.swap(kind, new, 0 if kind in swaps.pinned else keep_old)
        except CannotMigrate as failure:
            new.signer = signer
            return refusal(faults.CANNOT_MIGRATE, f"{failure.agent}: {failure.code}")
        told += [new.origin, "" if done.digest is None else done.digest.hex()]
        return done.over

    def _price(self, kind: str, new: Program) -> int:
        """Host work that it costs: something for each agent, and more where states are migrated."""
        agents = self._swaps.agents_of(kind)
        kept = [agent.state_bytes for agent in agents if agent.state and new.migrates]
        written = len(kept) * MIGRATED + sum(kept) * cost.STATE_BYTE
        return TRIED + len(agents) * OVER + written

    def _running(self, kind: str) -> tuple[str, str, bool] | Err:
        choices = self._swaps.choices.get(kind)
        if choices is None:
            return refusal(faults.UNKNOWN_KIND, f"{kind} has no alternatives")
        program = self._swaps.running(kind)
        names = (name for name in (FIRST, *choices) if choices[name] is program)
        return next(names, ""), program.origin, self._swaps.is_on_trial(kind)
