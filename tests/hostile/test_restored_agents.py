"""Agents that live on can be made anew from what was captured of them, between any two steps."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.hostile.attack import GUESTS, MIB
from tests.hostile.test_python_agents import BOUNDS, _home_with_the_interpreter  # noqa: F401
from wasm_engine.agents import pristine
from wasm_engine.agents.pristine import Policy
from wasm_engine.concepts import canonical
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


def damaged(captured):
    """What somebody might put in the place of what was captured: (what is wrong, bytes)."""
    version, digest, sizes, values, pages, host = canonical.decode(captured)
    size, content = sizes[0], bytes(4096)
    lines, given, objects, (number, places, vacant), held = host

    def with_host(*parts):
        return [version, digest, sizes, values, pages, [lines, given, objects, *parts]]

    yield "another version", [version + 1, digest, sizes, values, pages, host]
    yield "another beginning", [version, digest[::-1], sizes, values, pages, host]
    yield "too much", [version, digest, sizes, values, pages, host, 1]
    yield "too little", [version, digest, sizes, values, pages]
    yield "no memory", [version, digest, [], values, [], host]
    yield "another memory", [version, digest, [*sizes, size], values, pages, host]
    yield "smaller memory", [version, digest, [0], values, [], host]
    yield "half a page", [version, digest, [size + 4096], values, [], host]
    yield "huge memory", [version, digest, [1 << 33], values, [], host]
    yield "memory beyond its limit", [version, digest, [1 << 31], values, [], host]
    yield "negative memory", [version, digest, [-65536], values, [], host]
    yield (
        "a page behind the end",
        [version, digest, sizes, values, [(0, size >> 12, content)], host],
    )
    yield "a page before the beginning", [version, digest, sizes, values, [(0, -1, content)], host]
    yield "a page elsewhere", [version, digest, sizes, values, [(1, 0, content)], host]
    yield "a page twice", [version, digest, sizes, values, [(0, 1, content)] * 2, host]
    yield "a long page", [version, digest, sizes, values, [(0, 1, content * 2)], host]
    yield "a page of text", [version, digest, sizes, values, [(0, 1, "text")], host]
    yield "a global that is not", [version, digest, sizes, [(10_000, 1)], pages, host]
    yield "a global before them", [version, digest, sizes, [(-1, 1)], pages, host]
    yield "a negative global", [version, digest, sizes, [(0, -1)], pages, host]
    yield "nothing of the host", [version, digest, sizes, values, pages, None]
    yield "another host", [version, digest, sizes, values, pages, [1, 2, 3, 4, 5]]
    yield "handles of nothing", with_host([number, [[99, "wasi:io/error#error"]], []], held)
    yield "handles of no resource", with_host([number, [[1, "no:such/thing#at-all"]], []], held)
    yield "a vacant place that is not", with_host([number, places, [17]], held)
    yield "an object of no kind", with_host([number, places, vacant], [[1, 77]])


@pytest.mark.parametrize("address", ["hoarder", "counter/1"])
def test_what_nobody_captured_is_refused_or_harms_nobody(folder, address):
    """A checkpoint may be in a run file that came by mail."""
    with World.from_mapping(manifest(), folder).begin() as run:
        run.execution.go(Until(max_steps=4))
        _refuses(run.execution.scheduler.world.agents[address])


def _refuses(agent):
    captured = agent.program.capture(agent.resident)
    before = agent.resident.memories()
    for name, parts in damaged(captured):
        try:
            agent.program.restore(canonical.encode(parts)).close()
        except NotCapturable:
            continue
        assert name.startswith(("handles of nothing", "a vacant", "an object")), name
    for length in range(0, len(captured), max(1, len(captured) // 50)):
        assert not agent.program.fits(captured[:length])
        with pytest.raises(NotCapturable):
            agent.program.restore(captured[:length])
    assert agent.program.fits(captured)
    assert agent.resident.memories() == before
