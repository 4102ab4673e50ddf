"""Plays the world in four ways: prints each chain, and what the agents wrote in the first.

plain      each instance is made the long way
images     they are taken back to their beginning, or laid over its image
restored   after each step the resident ones are made anew of what is captured of them
evicted    four workers, and no more than one guest that waits in memory
"""

from __future__ import annotations

import json
from pathlib import Path

from wasm_engine.agents import pristine
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

TOPICS = ["note", "draw", "keep", "note", "fail", "note"]
GRANTS = {"grants": ["keyvalue:shared"]}
AGENTS = {
    "resident": {"source": "keeper.js", "lifecycle": "resident", **GRANTS},
    "pristine": {"source": "keeper.js", **GRANTS},
    "asker": {"source": "asker.js", "count": 2},
    "answerer": {"source": "answerer.js"},
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


def play(*, images: bool = True, restoring: bool = False, **how: int) -> tuple[str, list[str], int]:
    pristine.POLICY.images = images
    world = {"world": {"name": "kept"}, "agents": AGENTS, **STORES}
    run = World.from_mapping(world, FOLDER).begin(**how)
    lines: list[str] = []
    run.execution.scheduler.observe = lambda ran: lines.extend(
        f"{it.agent.address}: {text}" for it in ran for _, text in it.part.logs
    )
    restored = 0
    for number, topic in enumerate(TOPICS):
        for agent in ("resident", "pristine"):
            run.execution.receive(agent, topic, ("text", f"line{number}"), [])
        if number == 0:
            for one in (1, 2):
                run.execution.receive(f"asker/{one}", topic, ("text", str(number)), [])
        while run.execution.go(Until(max_steps=1)) == "stopped":
            restored += restore_residents(run) if restoring else 0
    chain = run.file.chain
    run.close()
    return chain, lines, restored


FOLDER = Path(__file__).parent / "agents"
plain, lines, _ = play(images=False)
imaged, _, _ = play()
again, _, restored = play(restoring=True)
evicted, _, _ = play(workers=4, max_live=1)
chains = [plain, imaged, again, evicted]
print(json.dumps({"chains": chains, "lines": lines, "restored": restored}))
