"""For tests of worlds that ask language models: scripts in their place, and what was asked.

    from wasm_engine import World
    from wasm_engine.testing import calls, cassette, chats, script

    def test_the_writer_looks_the_weather_up(tmp_path):
        answers = script([
            {"turn": 0, "calls": [{"name": "look", "arguments": {"city": "Ulm"}}]},
            {"answers": "look", "content": "It rains."},
        ])
        file = tmp_path / "a.run"
        world = World.load("world.toml", scripts={"writer": answers})
        with world.begin(file, inputs=[("writer", "question", ("text", "Ulm?"))]) as run:
            run.execution.go(Until())
        assert [call.name for call in calls(file)] == ["look"]
        assert chats(file)[-1].content == "It rains."

A run's own journal is a cassette: `scripts={"writer": cassette("recorded.run")}`.
"""

from __future__ import annotations

from pathlib import Path

from wasm_engine.control.cassettes import cassette, script
from wasm_engine.control.chats import CallOfModel, ChatRow, ChatTurn, chats
from wasm_engine.orchestrator.execution import Until

__all__ = ["CallOfModel", "ChatRow", "ChatTurn", "Until", "calls", "cassette", "chats", "script"]


def calls(
    file: str | Path, *, agent: str | None = None, model: str | None = None
) -> list[CallOfModel]:
    """The functions that language models wanted to be called in a run, in order.

    Args:
        file: The run.
        agent: Only of what this agent asked.
        model: Only of what this model answered.

    Raises:
        BadRunFile: It is no run file, or damaged.
    """
    return [
        call
        for row in chats(file)
        if agent in {None, row.agent} and model in {None, row.model}
        for call in row.calls
    ]
