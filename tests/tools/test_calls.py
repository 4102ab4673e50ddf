"""Agents that call tools with JSON: what they get, what it costs, and that nobody can tell how."""

from __future__ import annotations

import json

import pytest

from tests.replay.forger import forge
from tests.tools.components import AGENT, TOOLS, running, tables, trace
from tests.upgrade.test_other_costs import FUEL, costing
from wasm_engine.agents import pristine
from wasm_engine.agents.manifest import DEFAULT_EPOCH
from wasm_engine.control import inspection, replays, runs
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World
from wasm_engine.world.run import LATEST, Run

ALL = {**AGENT, "tools": ["calc", "worldly"]}
RELAY = 'worldly.relay {"name": "calc.add", "arguments": "{\\"a\\":3,\\"b\\":4}"}'


def said(folder, *lines, agent=None, tools=None, **more):
    """What an agent traced that was told to do these, line by line."""
    world = tables({"a": agent or ALL}, tools, **more)
    with running(folder, world, "\n".join(lines)) as run:
        return trace(run)


def test_a_tool_answers_json_and_a_refusal_says_what_and_where(folder):
    assert said(
        folder,
        'calc.add {"a": 1, "b": 2}',
        'calc.add {"a": 1, "b": -2}',
        'calc.add {"a": 1}',
        "calc.add [1, 2]",
        'calc.echo {"text": "h\u00e4"}',
        "calc.nothing {}",
    ) == [
        "3",
        "err:invalid-arguments:calc.add: /b: must be from 0 to 4294967295, not -2",
        "err:invalid-arguments:calc.add: /b: is missing",
        "err:invalid-arguments:calc.add: must be an object, not an array",
        '"h\u00e4"',
        "err:unknown-tool:no tool calc.nothing was granted",
    ]


def test_only_what_is_granted_is_there(folder):
    one = {**AGENT, "tools": ["calc.add"]}
    assert said(folder, "?", 'calc.echo {"text": "x"}', agent=one) == [
        "calc.add", "err:unknown-tool:no tool calc.echo was granted",
    ]  # fmt: skip
    assert said(folder, "?", "calc.count {}", agent=AGENT) == [
        "", "err:unknown-tool:no tool calc.count was granted",
    ]  # fmt: skip


@pytest.mark.parametrize("images", [True, False])
def test_each_call_meets_a_pristine_instance(folder, monkeypatch, images):
    monkeypatch.setattr(pristine.POLICY, "images", images)
    assert said(folder, *["calc.count {}"] * 4, "calc.trap {}", "calc.count {}") == [
        "11", "11", "11", "11", "err:tool-failed:calc.trap: unreachable", "11",
    ]  # fmt: skip


def test_a_tool_that_fails_or_spends_its_own_limits_is_a_fault_for_its_caller(folder):
    tight = {"calc": {"component": "calc.wasm", "fuel": 10_000, "memory": "128 KiB"}}
    agent = {**AGENT, "tools": ["calc"]}
    assert said(folder, 'calc.spin {"n": 10000}', 'calc.spin {"n": 10}', "calc.trap {}",
                'calc.grow {"pages": 1}', agent=agent, tools=tight) == [
        "err:tool-failed:calc.spin: fuel", '55', "err:tool-failed:calc.trap: unreachable", "-1",
    ]  # fmt: skip


def test_a_caller_without_fuel_or_work_left_fails_itself(folder):
    wide = {"calc": {"component": "calc.wasm", "fuel": 10**12, "work": 10**12}}
    for limit, code in (("fuel", "fuel"), ("work", "host-work")):
        agent = {**AGENT, "tools": ["calc"], limit: 200_000}
        body = '*100 calc.spin {"n": 1000}' if limit == "fuel" else "*100 calc.count {}"
        codes = []
        run = World.from_mapping(tables({"a": agent}, wide), folder).begin()
        run.execution.scheduler.observe = lambda ran, codes=codes: codes.extend(
            it.part.code for it in ran
        )
        run.execution.receive("a", "do", ("text", body), [])
        run.execution.go(Until(max_steps=50))
        run.close()
        assert codes == [code]


def test_what_a_tool_does_is_done_by_its_caller(folder):
    lines = ["worldly.self {}", "worldly.config {}", "worldly.now {}", "worldly.now {}",
             "worldly.random {}", "worldly.random {}"]  # fmt: skip
    found = said(folder, *lines)
    assert found[:2] == ['"a"', json.dumps('{"a":1}')]
    assert int(json.loads(found[3])) == int(json.loads(found[2])) + 1_000
    assert found[4] != found[5]
    assert said(folder, *lines) == found


def test_tools_call_tools_and_no_others(folder):
    assert said(folder, RELAY, RELAY.replace("calc.add", "worldly.self")) == [
        '"7"', '"unknown-tool"',
    ]  # fmt: skip


def test_a_tool_that_waits_parks_its_caller_and_the_world_goes_on(folder):
    world = tables({"a": ALL, "b": ALL})
    with running(folder, world, 'worldly.nap {"ns": 5000000000}', "calc.count {}") as run:
        woke, after = trace(run)
        assert int(json.loads(woke)) - DEFAULT_EPOCH > 5_000_000_000
        assert after == "11"


BUSY = "\n".join(
    ["worldly.random {}", "*3 calc.count {}", "@b x", "worldly.nap {\"ns\": 1000}", RELAY, "@b y",
     'calc.spin {"n": 20000000}', "worldly.now {}", "worldly.random {}", "@b z", "calc.trap {}"]
)  # fmt: skip


def busy(lifecycle="message"):
    agent = {**ALL, "lifecycle": lifecycle}
    tools = {**TOOLS, "calc": {"component": "calc.wasm", "fuel": 500_000_000}}
    return tables({"a": agent, "b": {**AGENT}}, tools, limits={"step-fuel": 20_000_000})


@pytest.mark.parametrize("lifecycle", ["message", "resident"])
def test_neither_threads_nor_eviction_nor_replay_nor_resuming_show(folder, tmp_path, lifecycle):
    chains, traces = set(), set()
    for name, how in (("plain", {}), ("other", {"workers": 3, "max_live": 0})):
        file = tmp_path / f"{name}.run"
        with running(folder, busy(lifecycle), BUSY, BUSY, file=file, **how) as run:
            traces.add("\n".join(trace(run)))
            steps = run.execution.scheduler.world.step
        report = replays.replay(file)
        assert report.identical
        chains.add(report.chain)
    assert steps > 8  # it was cut, and parked
    broken = tmp_path / "broken.run"
    with running(folder, busy(lifecycle), file=broken) as run:
        for _ in range(2):
            run.execution.receive("a", "do", ("text", BUSY), [])
        run.execution.go(Until(max_steps=1))
    for step in range(3, 60, 4):
        with Run.open(broken, write=True, at=LATEST) as run:
            run.execution.replay()
            if run.execution.go(Until(max_steps=step)) == "idle":
                break
    report = replays.replay(broken)
    assert report.identical
    chains.add(report.chain)
    assert len(chains) == len(traces) == 1


@pytest.mark.parametrize("factor", [0.9, 1.0, 1.1])
def test_costs_of_another_engine_are_taken_as_they_were(folder, tmp_path, factor):
    agent = {**ALL, "fuel": FUEL}
    tools = {**TOOLS, "calc": {"component": "calc.wasm", "fuel": 10**9}}
    world = tables({"a": agent, "b": AGENT}, tools, limits={"step-fuel": 50_000_000})
    file = tmp_path / "a.run"
    with running(folder, world, BUSY.replace("20000000", "12000000"), file=file) as run:
        assert trace(run)[-1] == "err:tool-failed:calc.trap: unreachable"
    assert forge(file, costing(factor)) >= 1
    report = replays.replay(file)
    assert report.divergence is None
    assert (report.identical, report.equivalent) == (False, True)


def test_a_world_takes_its_tools_along(folder, tmp_path):
    file = tmp_path / "a.run"
    with running(folder, tables({"a": ALL}), "calc.count {}", file=file):
        pass
    other = tmp_path / "elsewhere"
    other.mkdir()
    moved = other / "b.run"
    file.rename(moved)
    assert replays.replay(moved).identical
    assert runs.resume(moved).status == "idle"


def test_calls_of_tools_are_in_the_record(folder, tmp_path):
    file = tmp_path / "a.run"
    with running(folder, tables({"a": ALL}), "\n".join([RELAY, "calc.trap {}"]), file=file):
        pass
    report = inspection.inspect(file, wanted=inspection.Wanted(calls=True))
    names = [row.name for row in report.calls]
    at = names.index("wasm-engine:agent/tools#call")
    assert names[at : at + 4] == [
        "wasm-engine:agent/tools#call",
        "worldly.relay > wasm-engine:agent/tools#call",
        "worldly.relay > calc.add answers",
        "worldly.relay answers",
    ]
    assert "calc.trap fails" in names


def test_a_tool_costs_what_it_costs_whoever_looks(folder):
    costs = set()
    for images in (True, False):
        pristine.POLICY.images = images
        try:
            spent = []
            run = World.from_mapping(tables({"a": ALL}), folder).begin()
            run.execution.scheduler.observe = lambda ran, spent=spent: spent.extend(
                (it.part.fuel, it.part.work) for it in ran
            )
            run.execution.receive("a", "do", ("text", BUSY.replace("@b", "calc.count")), [])
            run.execution.go(Until(max_steps=50))
            run.close()
            costs.add(tuple(spent))
        finally:
            pristine.POLICY.images = True
    assert len(costs) == 1
