"""Whether the engine does what the reference model says, and does it the same way every time."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from tests.model import reference
from tests.model.observed import (
    Told,
    from_checkpoints,
    play,
    play_forgetting,
    play_in_parts,
    replay,
    world_of,
)
from tests.model.parts import StepLog
from tests.model.worlds import Case


def predicted(case: Case) -> Told:
    """What the model says."""
    world = reference.World("model", case.kinds, mailbox=case.mailbox)
    for after, to, topic, text in case.inputs:
        world.run(after - world.step)
        world.receive(to, topic, ("text", text))
    status = world.run()
    states = {address: agent.own.state for address, agent in world.agents.items()}
    left = {address: len(agent.inbox) for address, agent in world.agents.items()}
    return Told(status, world.log, states, left, world.queued(), "")


def check(case: Case, folder: Path) -> Told:
    """Asserts that model and engine agree, and that nothing but the world decides the history."""
    world, expected = world_of(case.kinds, mailbox=case.mailbox), predicted(case)
    first = play(world.begin(), case.inputs)
    compare(expected, first)
    kept = folder / "kept.run"
    kept.unlink(missing_ok=True)
    assert play_in_parts(world, kept, case.inputs, len(first.steps) // 2) == first
    again = list(from_checkpoints(kept))
    assert again == [first._replace(status="replayed")] * len(again)
    kept.unlink(missing_ok=True)
    assert play(world.begin(kept, workers=4, max_live=1), case.inputs) == first
    assert play(world.begin(max_live=0), case.inputs) == first
    assert play_forgetting(world, case.inputs) == first
    assert replay(kept)._replace(status=first.status) == first
    return first


def compare(model: Told, engine: Told) -> None:
    """Asserts equality, naming the first difference."""
    for ours, its in zip(model.steps, engine.steps, strict=False):
        for name in (field.name for field in fields(StepLog)):
            expected, got = getattr(ours, name), getattr(its, name)
            assert got == expected, f"step {ours.step}, {name}:\nmodel  {expected}\nengine {got}"
    assert [step.step for step in engine.steps] == [step.step for step in model.steps]
    assert engine.states == model.states
    assert engine.left == model.left
    assert engine.queued == model.queued
    assert engine.status == model.status
