"""Worlds of committed components, run by the engine itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.guests.stock_world import GUESTS
from tests.homes import live_in
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World


@pytest.fixture(scope="session", autouse=True)
def _private_home(tmp_path_factory):
    """Keeps compiled code out of the developer's own folders."""
    with pytest.MonkeyPatch.context() as patch:
        live_in(patch, tmp_path_factory.mktemp("home"))
        yield


class Played:
    """A world that has run until nothing was left to do.

    Attributes:
        state: Of each agent, by address.
        parts: Address, topic, status and code of each part of an activation.
        logs: Address, level and text of each line of log.
        step: The last step.
    """

    def __init__(self, agents: dict[str, Any], messages: list[tuple[str, str, str]]) -> None:
        self.parts: list[tuple[str, str, str, str]] = []
        self.logs: list[tuple[str, str, str]] = []
        world = World.from_mapping({"world": {"name": "played"}, "agents": agents}, GUESTS)
        run = world.begin()
        try:
            run.execution.scheduler.observe = self._note
            for to, topic, body in messages:
                run.execution.receive(to, topic, ("text", body), [])
            assert run.execution.go(Until(max_steps=500)) == "idle"
            found = run.execution.scheduler.world
            self.step = found.step
            self.state = {name: dict(agent.state) for name, agent in found.agents.items()}
        finally:
            run.close()

    def _note(self, ran: list[Any]) -> None:
        self.parts += [
            (it.agent.address, it.part.message.topic, it.part.status, it.part.code) for it in ran
        ]

        self.logs += [(it.agent.address, *line) for it in ran for line in it.part.logs]

    def trace(self, address: str) -> list[str]:
        """What the programmable agent traced, without the lines that begin a script."""
        lines = self.state[address].get("trace", "").splitlines()
        return [line for line in lines if not line.startswith("on:")]


@pytest.fixture(scope="session")
def play():
    """Plays a world: tables of agents, and messages (to, topic, text)."""
    return Played
