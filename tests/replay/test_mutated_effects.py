"""What a run holds of effects is changed: intents at the call, results where they are seen."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.orchestrator.keyed_server import Server
from tests.replay.forger import forge_entries, plain_entries
from tests.replay.histories import Place
from wasm_engine.control.replays import replay
from wasm_engine.control.reports import Divergence
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Intent, Result
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

ASKER = Path(__file__).parents[2] / "guests/testing/asker"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two agents that asked a server, one request after another and all at once."""
    file = tmp_path_factory.mktemp("effects") / "kept.run"
    with Server() as server:
        asks = {"source": "asker.wasm", "grants": [server.origin]}
        world = {
            "agents": {"one": asks, "other": asks},
            "messages": [
                {"to": "one", "topic": "get", "body": f"4 {server.origin}/a"},
                {"to": "other", "topic": "at-once", "body": f"4 {server.origin}/b"},
                {"to": "other", "topic": "get", "body": f"2 {server.origin}/c"},
            ],
        }
        with World.from_mapping(world, ASKER).begin(file) as run:
            assert run.execution.go(Until()) == "idle"
    return file


def of_type(file: Path, wanted: type) -> list[tuple[int, Any]]:
    """The entries of a type, with their numbers."""
    bodies = [entries.decode(kind, body) for kind, body, _ in plain_entries(file)]
    return [(n, body) for n, body in enumerate(bodies, start=1) if isinstance(body, wanted)]


def found(file: Path, number: int, other: Any) -> Divergence:
    """The divergence of a copy in which an entry is another one."""
    copy = file.with_name(f"forged-{number}.run")
    shutil.copyfile(file, copy)
    kind, body = entries.encode(other)
    edit = lambda n, entry: (kind, body, None) if n == number else entry  # noqa: E731
    assert forge_entries(copy, edit) == 1
    divergence = replay(copy).divergence
    copy.unlink()
    assert divergence is not None, other
    return divergence


def with_field(value: Any, name: str, other: Any) -> Any:
    """The same entry with one field of its own."""
    fields = {each: getattr(value, each) for each in value.__struct_fields__}
    return type(value)(**{**fields, name: other})


def test_a_changed_intent_is_found_at_the_call_that_asked(kept):
    intents = of_type(kept, Intent)
    assert len(intents) == 10
    for n, intent in intents:
        for name, other in {
            "number": intent.number + 1,
            "step": intent.step + 1,
            "agent": intent.agent + "x",
            "message": intent.message + 1,
            "attempt": intent.attempt + 1,
            "call": intent.call + 1,
            "capability": intent.capability + "x",
            "arguments": [*intent.arguments[:1], "http://elsewhere/", *intent.arguments[2:]],
        }.items():
            report = found(kept, n, with_field(intent, name, other))
            assert Place(report.step, report.agent) == Place(intent.step, intent.agent), name
            assert (report.call, report.cause) == (intent.call, "journal"), name


def test_a_changed_result_is_found_where_its_agent_first_sees_it(kept):
    owners = {intent.number: intent.agent for _, intent in of_type(kept, Intent)}
    chance = Random(2)
    for n, result in of_type(kept, Result):
        status, headers, body = result.outcome[1]
        at = chance.randrange(len(body))
        another = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        for value in ([status + 1, headers, body], [status, headers, another]):
            report = found(kept, n, with_field(result, "outcome", ["ok", value]))
            assert (report.agent, report.cause) == (owners[result.number], "recorded answer")
            assert report.step >= result.step
        fault = found(kept, n, with_field(result, "outcome", ["err", "timeout", ""]))
        assert (fault.agent, fault.cause) == (owners[result.number], "recorded answer")


def test_a_result_of_nothing_or_of_another_step_is_found_before_the_step(kept):
    for n, result in of_type(kept, Result):
        for name, other in {"number": result.number + 50, "step": result.step + 1}.items():
            report = found(kept, n, with_field(result, name, other))
            assert Place(report.step, report.agent) == Place(result.step, None), name
            assert report.cause == "journal"
