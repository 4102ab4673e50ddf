"""Agents that live on can be made anew from what was captured of them, between any two steps."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.hostile.attack import GUESTS, MIB
from tests.hostile.test_python_agents import BOUNDS, _home_with_the_interpreter  # noqa: F401
from wasm_engine.agents import pristine
from wasm_engine.agents.pristine import Policy
from wasm_engine.concepts.errors import NotCapturable
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World


@pytest.fixture(scope="module")
def folder(tmp_path_factory, _home_with_the_interpreter):  # noqa: F811
    made = tmp_path_factory.mktemp("hoarding")
    shutil.copyfile(Path(__file__).parent / "agents/hoarder.py", made / "hoarder.py")
    (made / "testing").symlink_to(GUESTS / "testing")
    stepped(made, steps=1)  # the interpreter is loaded by now
    return made


def manifest():
    scripted = {"source": "testing/scripted/scripted.wasm", "lifecycle": "resident"}
    hoarder = {**BOUNDS, "source": "hoarder.py", "lifecycle": "resident", "memory": 160 * MIB}
    scripts = ["touch;set a 1;send other script 5:touch", "grow 3;touch", "incr n;touch;now"]
    return {
        "agents": {"hoarder": hoarder, "counter": {**scripted, "count": 2}, "other": scripted},
        "messages": [
            {"to": "hoarder", "topic": "hoard", "body": "first"},
            *(
                {"to": f"counter/{n}", "topic": "script", "body": text}
                for n in (1, 2)
                for text in scripts
            ),
        ],
    }


def stepped(folder, between=lambda agent: None, steps=40):
    """Runs the world step by step, with something done to each living agent in between."""
    with World.from_mapping(manifest(), folder).begin() as run:
        world = run.execution.scheduler.world
        for step in range(1, steps + 1):
            if run.execution.go(Until(max_steps=step)) == "idle":
                break
            for agent in world.agents.values():
                if agent.resident is not None:
                    between(agent)
        states = {address: dict(agent.state) for address, agent in world.agents.items()}
        return run.file.chain, states


def exchange(agent):
    """Puts a restored instance in the place of the one that lives."""
    captured = agent.program.capture(agent.resident)
    assert captured is not None
    restored = agent.program.restore(captured)
    assert restored.memories() == agent.resident.memories()
    assert agent.program.capture(restored) == captured
    agent.resident.close()
    agent.resident = restored


def test_restored_between_any_two_steps_they_go_on_as_they_were(folder):
    undisturbed = stepped(folder)
    assert len(undisturbed[1]["hoarder"]["seen"]) > 200
    assert stepped(folder, exchange) == undisturbed


def test_what_is_captured_is_the_same_however_they_came_to_be(folder):
    def captured(policy):
        found = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pristine, "POLICY", policy)
            stepped(folder, lambda agent: found.append(agent.program.capture(agent.resident)), 9)
        return found

    one = captured(Policy())
    assert None not in one
    assert captured(Policy(dear=-1)) == one
    assert set(captured(Policy(images=False))) == {None}


def test_nothing_is_restored_that_was_captured_of_another_kind(folder):
    found = {}
    stepped(folder, lambda agent: found.setdefault(agent.address, agent), 2)
    with World.from_mapping(manifest(), folder).begin() as run:
        run.execution.go(Until(max_steps=2))
        agents = run.execution.scheduler.world.agents
        captured = agents["counter/1"].program.capture(agents["counter/1"].resident)
        with pytest.raises(NotCapturable, match="begins otherwise"):
            agents["hoarder"].program.restore(captured)
        other = agents["other"].program.restore(captured)  # the same component and settings
        assert other.memories() == agents["counter/1"].resident.memories()
        other.close()
