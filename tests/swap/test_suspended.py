"""An agent in the middle of a message ends it on the component that it began with."""

from __future__ import annotations

import pytest

from tests.swap.conftest import go, replayed, replayed_from_each
from wasm_engine.world import Run, World


def _world(parts, **asker) -> World:
    return World.from_mapping(
        {
            "agents": {
                "asker": {"source": "scripted.wasm", **asker},
                "clerk": {"source": "scripted.wasm"},
            }
        },
        parts,
    )


def _inputs():
    """One message that takes the asker several steps, and one that waits for its end."""
    slow = "ask-timeout 5000000 asker x y;reply ok"
    first = f"ask clerk script {len(slow)}:{slow};set one yes"
    return [("asker", "script", ("text", text)) for text in (first, "touch;set two yes")]


def _digest(run: Run, address: str = "asker") -> bytes:
    return run.execution.scheduler.world.agents[address].program.component.digest


@pytest.mark.parametrize("lifecycle", ["message", "resident"])
@pytest.mark.parametrize("max_live", [0, 100])
def test_it_ends_on_the_old_one_and_the_next_message_is_the_new_ones(parts, lifecycle, max_live):
    with _world(parts, lifecycle=lifecycle).begin(inputs=_inputs(), max_live=max_live) as run:
        go(run, 2)
        agent = run.execution.scheduler.world.agents["asker"]
        old = _digest(run)
        assert agent.activation is not None
        done = run.swap("asker", parts / "scripted-again.wasm")
        assert (done.over, done.later) == (0, 1)
        new = run.kinds.programs["asker"].component.digest
        assert _digest(run) == old != new
        go(run)
        assert _digest(run) == new
        assert agent.state["one"] == agent.state["two"] == "yes"
        assert "touch:1" in agent.state["trace"]  # memory is of one component
        assert run.execution.scheduler.totals.dead_letters == 0


@pytest.mark.parametrize("lifecycle", ["message", "resident"])
def test_a_checkpoint_holds_both(parts, tmp_path, lifecycle):
    file = tmp_path / "both.run"
    with _world(parts, lifecycle=lifecycle).begin(file, inputs=_inputs()) as run:
        go(run, 2)
        run.swap("asker", parts / "scripted-again.wasm", keep_old=5)
        while go(run, 1) == "stopped":
            pass
    assert replayed_from_each(file) > 3
    with Run.open(file, at=3) as run:
        assert _digest(run) != run.kinds.programs["asker"].component.digest
    replayed(file)


def test_who_always_has_mail_goes_over_too(parts):
    many = [("asker", "script", ("text", "ask clerk script 8:reply ok"))] * 6
    with _world(parts).begin(inputs=many) as run:
        go(run, 1)
        run.swap("asker", parts / "scripted-again.wasm")
        go(run, 3)
        assert _digest(run) == run.kinds.programs["asker"].component.digest
        go(run)
        assert run.execution.scheduler.totals.dead_letters == 0


def test_those_who_are_raised_later_run_the_new_one(parts):
    world = World.from_mapping(
        {
            "agents": {
                "head": {"source": "scripted.wasm", "grants": ["spawn:hand"]},
                "hand": {"source": "scripted.wasm", "count": 0},
            }
        },
        parts,
    )
    with world.begin() as run:
        run.swap("hand", parts / "scripted-again.wasm")
        run.execution.receive("head", "script", ("text", "spawn hand one 0:"), [])
        go(run)
        assert _digest(run, "hand/one") == run.kinds.programs["hand"].component.digest
