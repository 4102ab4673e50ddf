"""Plays the world three times: prints each chain, and what the agents wrote in the first.

plain      each instance is made the long way
images     they are taken back to their beginning, or laid over its image
restored   after each step the resident ones are made anew of what is captured of them
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.interpreter.playing import play

TOPICS = ["open", "write", "read", "write", "read", "fail", "open", "write", "read", "close"]
AGENTS = {
    "resident": {"source": "keeper.py", "lifecycle": "resident"},
    "pristine": {"source": "keeper.py"},
}
WORLD = {"world": {"name": "kept"}, "agents": AGENTS}
FOLDER = Path(__file__).parent / "agents"
BEATS = [
    [(agent, topic, f"line{number}") for agent in AGENTS] for number, topic in enumerate(TOPICS)
]

plain, lines, _ = play(WORLD, FOLDER, BEATS, images=False)
imaged, _, _ = play(WORLD, FOLDER, BEATS)
again, _, restored = play(WORLD, FOLDER, BEATS, restoring=True)
print(json.dumps({"chains": [plain, imaged, again], "lines": lines, "restored": restored}))
