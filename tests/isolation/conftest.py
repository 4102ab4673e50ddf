"""Worlds whose agents run in worker processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wasm_engine.world import World, isolation

SCRIPTED = Path(__file__).parents[2] / "guests/testing/scripted"


@pytest.fixture
def faulty(monkeypatch):
    """The worker processes' `log` does what its text says; see `faulty`."""
    monkeypatch.setattr(isolation.POLICY, "entry", "tests.isolation.faulty")


@pytest.fixture
def world_of():
    """Makes a world of scripted agents: `world_of(evil="process", good="thread")`."""

    def make(**kinds: str | dict[str, Any]) -> World:
        tables = {}
        for name, told in kinds.items():
            table = {"isolation": told} if isinstance(told, str) else told
            tables[name] = {"source": "scripted.wasm", **table}
        return World.from_mapping({"agents": tables}, SCRIPTED)

    return make
