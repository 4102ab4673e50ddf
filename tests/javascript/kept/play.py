"""Plays the world in four ways: prints each chain, and what the agents wrote in the first.

plain      each instance is made the long way
images     they are taken back to their beginning, or laid over its image
restored   after each step the resident ones are made anew of what is captured of them
threads    the same as images, with four workers
"""

from __future__ import annotations

import json
from pathlib import Path

from wasm_engine.agents import pristine
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

TOPICS = ["note", "draw", "keep", "note", "refused", "fail", "note", "keep", "draw"]
GRANTS = {"grants": ["keyvalue:shared"]}
AGENTS = {
    "resident": {"source": "keeper.js", "lifecycle": "resident", **GRANTS},
    "pristine": {"source": "keeper.js", **GRANTS},
}
STORES = {"keyvalue": {"shared": {}}}


def restore_residents(run: object) -> int:
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


def play(*, images: bool, restoring: bool) -> tuple[str, list[str], int]:
    pristine.POLICY.images = images
    world = {"world": {"name": "kept"}, "agents": AGENTS, **STORES}
    run = World.from_mapping(world, FOLDER).begin()
    lines: list[str] = []
    run.execution.scheduler.observe = lambda ran: lines.extend(
        f"{it.agent.address}: {text}" for it in ran for _, text in it.part.logs
    )
    restored = 0
    for number, topic in enumerate(TOPICS):
        for agent in AGENTS:
            run.execution.receive(agent, topic, ("text", f"line{number}"), [])
        while run.execution.go(Until(max_steps=1)) == "stopped":
            restored += restore_residents(run) if restoring else 0
    chain = run.file.chain
    run.close()
    return chain, lines, restored


FOLDER = Path(__file__).parent / "agents"
plain, lines, _ = play(images=False, restoring=False)
imaged, _, _ = play(images=True, restoring=False)
again, _, restored = play(images=True, restoring=True)
print(json.dumps({"chains": [plain, imaged, again], "lines": lines, "restored": restored}))
