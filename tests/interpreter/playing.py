"""Plays a world in one of the ways in which its instances can be made; a run comes out the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from wasm_engine.agents import pristine
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

Mail = Iterable[tuple[str, str, str]]
"""Whom, on which topic, what."""


def play(
    world: Mapping[str, Any],
    folder: Path,
    beats: Iterable[Mail],
    *,
    images: bool = True,
    restoring: bool = False,
    **how: int,
) -> tuple[str, list[str], int]:
    """The chain, what the agents wrote, and how many instances were made anew.

    Args:
        world: What its manifest says.
        folder: Where its agents are.
        beats: What comes in, and then the world runs until it is idle.
        images: Whether instances are taken back to their beginning, or laid over its image.
        restoring: Whether resident ones are made anew after each step, of what is captured of them.
        how: Of `World.begin`.
    """
    pristine.POLICY.images = images
    run = World.from_mapping(world, folder).begin(**how)
    lines: list[str] = []
    run.execution.scheduler.observe = lambda ran: lines.extend(
        f"{it.agent.address}: {text}" for it in ran for _, text in it.part.logs
    )
    restored = 0
    for mail in beats:
        for agent, topic, text in mail:
            run.execution.receive(agent, topic, ("text", text), [])
        while run.execution.go(Until(max_steps=1)) == "stopped":
            restored += _restore_residents(run) if restoring else 0
    chain = run.file.chain
    run.close()
    return chain, lines, restored


def _restore_residents(run: Any) -> int:
    restored = 0
    for agent in run.execution.scheduler.world.agents.values():
        if agent.resident is None or agent.activation is not None:
            continue
        captured = agent.program.capture(agent.resident)
        assert captured is not None
        agent.resident.close()
        agent.resident = agent.program.restore(captured)
        assert agent.program.capture(agent.resident) == captured
        restored += 1
    return restored
