"""What is remembered of resident agents is bounded: what they did is exchanged for their memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from wasm_engine.orchestrator import past
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import LATEST, Run, World

GUESTS = Path(__file__).parent.parent.parent / "guests/testing"
COUNT = 24


@pytest.mark.parametrize("bound", [("MAX_BYTES", 2_000), ("MAX_MESSAGES", 5)])
def test_an_agent_that_lives_long_is_remembered_by_its_memory(tmp_path, monkeypatch, bound):
    monkeypatch.setattr(past, *bound)
    script = "touch; set k " + "x" * 200 + "; ask-timeout 1000000 other script 5:defer"
    world = World.from_mapping(
        {
            "agents": {
                "living": {"source": "scripted/scripted.wasm", "lifecycle": "resident"},
                "other": {"source": "scripted/scripted.wasm"},
            },
            "messages": [{"to": "living", "topic": "script", "body": script}] * COUNT,
        },
        GUESTS,
    )
    with world.begin() as run:
        run.execution.go(Until())
        chain = run.file.chain
    file, most = tmp_path / "a.run", 0
    with world.begin(file) as run:
        living = run.execution.scheduler.world.agents["living"]
        status = ""
        while status != "idle":
            made = run.execution.checkpoints
            made.make, keep = (lambda **_: False), made.make
            status = run.execution.go(Until(max_steps=7))
            made.make = keep
            most = max(most, len(living.past.logs))
            assert living.past.base is not None or living.past.size < 4_000
        assert most < COUNT / 2
        assert living.past.base is not None
    with world.begin(tmp_path / "b.run") as run:
        run.execution.go(Until(max_steps=COUNT))
        assert run.execution.scheduler.world.agents["living"].past.logs
    with Run.open(tmp_path / "b.run", write=True, at=LATEST) as run:
        run.execution.replay()
        run.execution.go(Until())
        assert run.file.chain == chain
