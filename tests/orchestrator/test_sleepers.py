"""Agents that sleep in the middle of a message: time jumps, mail waits, nothing shows eviction."""

from __future__ import annotations

import pytest
import wasmtime

from tests.model.observed import SCRIPTED, play, replay
from tests.wasi.components import COMMAND
from wasm_engine.world import World

STEP_NS = 1_000_000


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Askers, and two commands that sleep for some steps' time before they answer."""
    folder = tmp_path_factory.mktemp("sleepers")
    (folder / "command.wasm").write_bytes(bytes(wasmtime.wat2wasm(COMMAND)))
    (folder / "scripted.wasm").write_bytes((SCRIPTED / "scripted.wasm").read_bytes())
    return World.from_mapping(
        {
            "agents": {
                "a": {"source": "scripted.wasm", "count": 3, "grants": ["stop:tool/*"]},
                "tool": {"source": "command.wasm", "count": 2},
            },
        },
        folder,
    )


ASKS = [
    (0, "a/1", "script", "ask tool/1 run x;ask tool/2 run y;now"),
    (0, "a/2", "script", "start p tool/1 run x;start q tool/2 run y;wait-any p,q;take any"),
    (1, "a/3", "script", "ask tool/1 run z"),
]


def test_neither_threads_nor_eviction_nor_replay_show(world, tmp_path):
    first = play(world.begin(), ASKS)
    assert first.status == "idle"
    assert "err" not in "".join(state["trace"] for state in first.states.values() if state)
    kept = tmp_path / "kept.run"
    assert play(world.begin(kept, workers=4, max_live=0), ASKS) == first
    assert replay(kept, max_live=1)._replace(status="idle") == first


def test_time_jumps_to_whoever_wakes_first(world):
    told = play(world.begin(), ASKS[:1])
    passed = [b.time - a.time for a, b in zip(told.steps, told.steps[1:], strict=False)]
    woken = [step for step in told.steps if step.timers]
    assert max(passed) > STEP_NS
    assert all(row[2] == 0 for step in woken for row in step.timers)
    assert all("tool" in step.segments[0][0] for step in woken)


def test_mail_waits_while_its_agent_sleeps(world):
    told = play(world.begin(), [(0, "a/1", "script", "send tool/1 run x;send tool/1 run y")])
    own = [row for step in told.steps for row in step.segments if row[0] == "tool/1"]
    assert [row[1] for row in own] == sorted(row[1] for row in own)
    assert [row[4] for row in own].count("done") == 2


def test_who_waits_for_a_sleeper_is_not_stuck(world):
    told = play(world.begin(), [(0, "a/1", "script", "ask tool/1 run x")])
    assert [ended[1] for step in told.steps for ended in step.ended] == ["reply"]


def test_a_stopped_sleeper_never_wakes(world):
    inputs = [(0, "a/1", "script", "ask tool/1 run x"), (2, "a/2", "script", "stop tool/1")]
    told = play(world.begin(), inputs)
    assert [letter[2] for step in told.steps for letter in step.dead] == ["stopped"]
    assert "ask:err:stopped" in told.states["a/1"]["trace"]
    assert not any(step.timers for step in told.steps)
