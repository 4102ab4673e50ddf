"""Nothing gets from one message to the next but through the state: instances are used again, and
none of them can tell."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.hostile.attack import GUESTS, MIB, SCRIPTED, attack, attacker, give, manifest, told
from tests.hostile.test_python_agents import BOUNDS, _home_with_the_interpreter  # noqa: F401
from wasm_engine.agents import pristine
from wasm_engine.agents.pristine import Policy, Pristine
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

POLICIES = [Policy(), Policy(idle=1), Policy(idle=0, dear=-1), Policy(images=False)]
ROUNDS = ["look", "smuggle", "look", "smuggle", "smuggle", "look", "look", "smuggle", "look"]


@pytest.fixture
def taken_back(monkeypatch):
    """How often an instance was used again."""
    counted = []
    take_back = Pristine._taken_back

    def seen(self, instance):
        done = take_back(self, instance)
        counted.append(done)
        return done

    monkeypatch.setattr(Pristine, "_taken_back", seen)
    return counted


@pytest.fixture(scope="module")
def folder(tmp_path_factory, _home_with_the_interpreter):  # noqa: F811
    made = tmp_path_factory.mktemp("smuggling")
    shutil.copyfile(Path(__file__).parent / "agents/smuggler.py", made / "smuggler.py")
    (made / "testing").symlink_to(GUESTS / "testing")
    smuggled(made, Policy(), rounds=["look"])  # the interpreter is loaded by now
    return made


def looks(found, agent):
    return [value for key, value in found.states[agent].items() if key.startswith("look")]


def smuggled(folder, policy, workers=1, text="little", rounds=ROUNDS):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pristine, "POLICY", policy)
        bounds = {**BOUNDS, "memory": 160 * MIB}
        kind = attacker("smuggler.py", **bounds, count=2)
        world = World.from_mapping(manifest({"smuggler": kind}), folder)
        with world.begin(workers=workers) as run:
            for number, topic in enumerate(rounds):
                for to in ("smuggler/1", "smuggler/2"):
                    body = text if topic == "smuggle" else f"look-{number}"
                    give(run, [(to, topic, body)])
            return told(run, run.execution.go(Until(max_steps=50)))


def test_python_finds_nothing_of_what_it_left(folder, taken_back):
    found = smuggled(folder, Policy())
    assert found.codes == ["done"] * 2 * len(ROUNDS)
    assert taken_back == [True] * 2 * len(ROUNDS)
    assert found.states["smuggler/1"].pop("left") == '"little"'
    first, *others = looks(found, "smuggler/1")
    assert others == [first] * 4
    assert [line for line in found.logs if line != "looked"] == ["half a line", "half another"] * 8


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("workers", [1, 4])
def test_nor_does_it_show_how_its_instances_came_to_be(folder, policy, workers):
    without = smuggled(folder, Policy(images=False))
    assert smuggled(folder, policy, workers) == without._replace(peak=0)


def test_what_has_grown_is_not_used_again(folder, taken_back):
    rounds = ["look", "smuggle", "look"]
    found = smuggled(folder, Policy(), text="large", rounds=rounds)
    assert found.codes == ["done"] * 6
    assert taken_back == [True, False, True] * 2
    first, second = looks(found, "smuggler/1")
    assert first == second


@pytest.mark.parametrize("policy", POLICIES)
def test_neither_does_a_component(monkeypatch, policy, taken_back):
    """`touch` counts in memory; what is worse than it comes in between."""
    monkeypatch.setattr(pristine, "POLICY", policy)
    worse = ["trap", "loop", "grow 3", "fail oops no", "touch", "burn 1000"]
    messages = [("evil", "script", f"touch;{bad}") for bad in worse for _ in range(2)]
    found = attack(messages, {"evil": attacker(SCRIPTED)})
    trace = found.states["evil"]["trace"].split()
    assert {word for word in trace if word.startswith("touch")} == {"touch:1"}
    assert trace.count("touch:1") > 4
    assert any(taken_back) is (policy.images and policy.idle > 0)
