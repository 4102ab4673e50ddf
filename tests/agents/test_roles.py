"""What a component can be in a world: handler, reducer, command of WASI; and how each lives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import wasmtime

from tests.wasi.components import COMMAND
from wasm_engine.agents.program import Program, command_line
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import Run, World

GUESTS = Path(__file__).parents[2] / "guests/testing"


def asked(text: str) -> dict[str, str]:
    """A message that makes the scripted agent run a script."""
    return {"to": "asker", "topic": "script", "body": text}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one component of each role."""
    (tmp_path / "command.wasm").write_bytes(bytes(wasmtime.wat2wasm(COMMAND)))
    for name in ("scripted", "tally"):
        (tmp_path / f"{name}.wasm").write_bytes((GUESTS / name / f"{name}.wasm").read_bytes())
    return tmp_path


def played(folder: Path, agents: dict[str, Any], *scripts: str) -> Run:
    """A world in which the asker runs scripts, one after another, to its end."""
    kinds = {"asker": {"source": "scripted.wasm"}, **agents}
    data = {"agents": kinds, "messages": [asked(script) for script in scripts]}
    run = World.from_mapping(data, folder).begin()
    assert run.execution.go(Until()) == "idle"
    return run


def state_of(run: Run, address: str) -> dict[str, Any]:
    return run.execution.scheduler.world.agents[address].state


def test_a_command_is_an_agent_whose_output_is_its_reply(folder: Path) -> None:
    with played(folder, {"tool": {"source": "command.wasm"}}, "ask tool run input") as run:
        world = run.execution.scheduler.world
        trace = state_of(run, "asker")["trace"]
        assert "ask:ok:" in trace
        assert "ask:ok:\n" not in trace
        assert world.time > run.manifest.world.epoch + 10 * 1_000_000  # it sleeps, and time passes
        assert run.execution.scheduler.totals.dead_letters == 0


def test_a_reducer_keeps_its_state_and_sends(folder: Path) -> None:
    agents = {"sum": {"source": "tally.wasm"}}
    with played(folder, agents, "send sum add 5; send sum add 37; send sum tell 0:") as run:
        assert state_of(run, "sum") == {"state": "42"}
        assert "got:sum:sum:42" in state_of(run, "asker")["trace"]
        assert state_of(run, "asker").keys() == {"trace"}


def test_a_reducer_that_faults_keeps_what_it_had(folder: Path) -> None:
    agents = {"sum": {"source": "tally.wasm"}}
    with played(folder, agents, "send sum add 5; send sum nonsense 1; send sum add 1") as run:
        assert state_of(run, "sum") == {"state": "6"}
        assert run.execution.scheduler.totals.dead_letters == 1


@pytest.mark.parametrize(
    ("lifecycle", "touched"), [("message", ["1", "1"]), ("resident", ["1", "2"])]
)
def test_memory_lives_as_long_as_the_lifecycle_says(
    folder: Path, lifecycle: str, touched: list[str]
) -> None:
    agents = {"asker": {"source": "scripted.wasm", "lifecycle": lifecycle}}
    with played(folder, agents, "touch", "touch") as run:
        lines = state_of(run, "asker")["trace"].splitlines()
        assert [line.rpartition(":")[2] for line in lines if line.startswith("touch")] == touched


def test_a_resident_agent_that_fails_begins_anew_and_keeps_its_state(folder: Path) -> None:
    agents = {"asker": {"source": "scripted.wasm", "lifecycle": "resident"}}
    with played(folder, agents, "touch; set kept yes", "set kept no; trap", "touch") as run:
        lines = state_of(run, "asker")["trace"].splitlines()
        assert [line.rpartition(":")[2] for line in lines if line.startswith("touch")] == ["1", "1"]
        assert state_of(run, "asker")["kept"] == "yes"


@pytest.mark.parametrize("config", ["[]", '{"args":5,"env":5}', '{"args":null}', "7"])
def test_a_configuration_that_is_no_command_line_gives_none(config: str) -> None:
    assert command_line("tool", config) == (["tool"], [])


def test_what_cannot_begin_is_tried_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    begin = Program._instantiate
    monkeypatch.setattr(Program, "_instantiate", lambda self: tried.append(self) or begin(self))
    (folder / "loop.wasm").write_bytes((GUESTS / "probe/init-loop.wasm").read_bytes())
    agents = {"stuck": {"source": "loop.wasm", "fuel": 1_000_000}}
    with played(folder, agents, "send stuck a 1:x; send stuck a 1:y; send stuck a 1:z") as run:
        assert run.execution.scheduler.totals.dead_letters == 3
        assert sum(program.kind.name == "stuck" for program in tried) == 1


def test_beginning_counts_against_the_step(folder: Path) -> None:
    data = {"agents": {"asker": {"source": "scripted.wasm"}}, "messages": [asked("self")] * 2}
    spent: list[int] = []
    with World.from_mapping(data, folder).begin() as run:
        scheduler = run.execution.scheduler
        scheduler.observe = lambda ran: spent.extend(max(r.part.fuel, r.part.work) for r in ran)
        run.execution.go(Until())
        assert scheduler.world.step == 1
        assert scheduler.world.agents["asker"].program.beginning > 0
    # Room for one message and a little more: what is over is what the instance took to begin.
    limited = {**data, "limits": {"step-fuel": spent[0] + 1}}
    with World.from_mapping(limited, folder).begin() as run:
        run.execution.go(Until())
        assert run.execution.scheduler.world.step == 2
