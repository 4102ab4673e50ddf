"""Plays the world in four ways: prints each chain, and what the agents wrote in the first.

plain      each instance is made the long way
images     they are taken back to their beginning, or laid over its image
restored   after each step the resident ones are made anew of what is captured of them
evicted    four workers, and no more than one guest that waits in memory
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.interpreter.playing import play

TOPICS = ["note", "draw", "keep", "note", "fail", "note"]
GRANTS = {"grants": ["keyvalue:shared"]}
AGENTS = {
    "resident": {"source": "keeper.js", "lifecycle": "resident", **GRANTS},
    "pristine": {"source": "keeper.js", **GRANTS},
    "asker": {"source": "asker.js", "count": 2},
    "answerer": {"source": "answerer.js"},
}
STORES = {"keyvalue": {"shared": {}}}
WORLD = {"world": {"name": "kept"}, "agents": AGENTS, **STORES}
FOLDER = Path(__file__).parent / "agents"
BEATS = [
    [(agent, topic, f"line{number}") for agent in ("resident", "pristine")]
    for number, topic in enumerate(TOPICS)
]
BEATS[0] += [(f"asker/{one}", TOPICS[0], "0") for one in (1, 2)]

plain, lines, _ = play(WORLD, FOLDER, BEATS, images=False)
imaged, _, _ = play(WORLD, FOLDER, BEATS)
again, _, restored = play(WORLD, FOLDER, BEATS, restoring=True)
evicted, _, _ = play(WORLD, FOLDER, BEATS, workers=4, max_live=1)
chains = [plain, imaged, again, evicted]
print(json.dumps({"chains": chains, "lines": lines, "restored": restored}))
