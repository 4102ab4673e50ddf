"""Worlds in which somebody asks a retriever."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Self

from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

GUESTS = Path(__file__).parent.parent.parent / "guests"
SCRIPTED = str(GUESTS / "testing/scripted/scripted.wasm")


def _sized(text: str) -> str:
    return f"{len(text.encode())}:{text}"


class Asked:
    """A world with a retriever, whom one agent asks; what the answers were.

    Args:
        config: The retriever's configuration.
        mounts: Folders of this machine that it sees, by where.
        more: Further keys of its kind.
    """

    def __init__(self, config: Any = None, mounts: Any = None, **more: Any) -> None:
        seen = sorted((mounts or {}).items())
        named = {f"m{n}": {"path": str(path), "at": at} for n, (at, path) in enumerate(seen)}
        kind = {"source": "std:retriever", "lifecycle": "resident", "config": config or {}}
        tables = {
            "world": {"name": "asked"},
            "agents": {"it": {**kind, "mounts": list(named), **more}, "user": {"source": SCRIPTED}},
            "mounts": named,
        }
        self.run = World.from_mapping(tables, "/").begin()
        self._read = 0

    def ask(self, topic: str, body: Any = None) -> Any:
        """What the retriever answers: JSON, or the code of its fault."""
        text = json.dumps(body if body is not None else {}, ensure_ascii=False)
        script = f"ask it {topic} {_sized(text)}"
        self.run.execution.receive("user", "script", ("text", script), [])
        assert self.run.execution.go(Until(max_steps=100)) == "idle"
        trace = self.run.execution.scheduler.world.agents["user"].state["trace"]
        line = trace[self._read :].partition("\nask:")[2].rstrip("\n")
        self._read = len(trace) - 1
        how, _, answer = line.partition(":")
        return json.loads(answer) if how == "ok" and answer.startswith(("[", "{")) else answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.run.close()
