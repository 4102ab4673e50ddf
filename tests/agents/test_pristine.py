"""Instances that are used again: how many wait, for how long, and what is done where none can."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest

from wasm_engine.agents import pristine
from wasm_engine.agents.pristine import Policy, Pristine
from wasm_engine.concepts.errors import HostFault
from wasm_engine.orchestrator.execution import Until
from wasm_engine.runtime._wasmtime import entry, image, instance, kept_memory
from wasm_engine.runtime._wasmtime.slot import LIVE
from wasm_engine.world import World

GUESTS = Path(__file__).parents[2] / "guests/testing"
SCRIPTED = {"source": "scripted/scripted.wasm"}


def played(monkeypatch: pytest.MonkeyPatch, policy: Policy, **kinds: Any) -> tuple[str, list[int]]:
    """The chain of a world of many messages, and the instances that waited at its end."""
    monkeypatch.setattr(pristine, "POLICY", policy)
    agents = {"a": {**SCRIPTED, "count": 3}, **kinds}
    messages = [
        {"to": to, "topic": "script", "body": f"touch;send {other} script 5:touch;ask {other} t x"}
        for to, other in [("a/1", "a/2"), ("a/2", "a/3"), ("a/3", "a/1")] * 3
    ]
    world = World.from_mapping({"agents": agents, "messages": messages}, GUESTS)
    with world.begin() as run:
        run.execution.go(Until())
        programs = [agent.program for agent in run.execution.scheduler.world.agents.values()]
        return run.file.chain, sorted({program._pristine.idle for program in programs})


@pytest.fixture
def chain(monkeypatch: pytest.MonkeyPatch) -> str:
    """That of the world where no instance is used again."""
    with monkeypatch.context() as patch:
        return played(patch, Policy(images=False))[0]


def test_those_that_wait_are_few(monkeypatch: pytest.MonkeyPatch, chain: str) -> None:
    assert played(monkeypatch, Policy(images=False)) == (chain, [0])
    assert played(monkeypatch, Policy(idle=0)) == (chain, [0])
    assert played(monkeypatch, Policy(idle=1)) == (chain, [1])
    _, (waiting,) = played(monkeypatch, Policy())
    assert 1 <= waiting <= 4


def test_they_are_gone_with_their_world(monkeypatch: pytest.MonkeyPatch) -> None:
    gc.collect()
    before = len(LIVE)
    played(monkeypatch, Policy())
    gc.collect()
    assert len(LIVE) == before


def test_they_make_room_for_others(monkeypatch: pytest.MonkeyPatch, chain: str) -> None:
    """Where no more instances may live, those that wait are dropped first."""
    gc.collect()
    drained = []
    drain = Pristine.drain
    monkeypatch.setattr(Pristine, "drain", lambda self: drained.append(self) or drain(self))
    monkeypatch.setattr(instance, "most_live", lambda: len(LIVE) + (0 if waits() else 1))

    def waits() -> bool:
        return any(it.idle for it in pristine._ALL)

    with monkeypatch.context() as patch:
        made = World.from_mapping({"agents": {"a": SCRIPTED, "b": SCRIPTED}}, GUESTS).begin()
        patch.setattr(pristine, "POLICY", Policy())
        with made as run:
            for to in ("a", "b", "a"):
                run.execution.receive(to, "script", ("text", "touch"), [])
                run.execution.go(Until())
            states = [it.state["trace"] for it in run.execution.scheduler.world.agents.values()]
    assert drained
    assert all("touch:1" in str(state) and "touch:2" not in str(state) for state in states)
    assert entry.most_live() > 1


def no_file(*_: object) -> None:
    message = "cannot make a file in memory"
    raise HostFault(message)


def test_without_files_in_memory_it_is_the_same(
    monkeypatch: pytest.MonkeyPatch, chain: str
) -> None:
    monkeypatch.setattr(kept_memory, "SealedFile", no_file)
    found, (waiting,) = played(monkeypatch, Policy(dear=-1))
    assert found == chain
    assert waiting > 0


def test_where_images_take_enough_no_more_are_made(
    monkeypatch: pytest.MonkeyPatch, chain: str
) -> None:
    gc.collect()
    held = image._HELD._bytes
    with monkeypatch.context() as patch:
        patch.setattr(image, "MOST_HELD", held)
        assert played(patch, Policy(dear=-1)) == (chain, [0])
    assert played(monkeypatch, Policy())[1] != [0]
    gc.collect()
    assert image._HELD._bytes == held
