"""What a worker process may say: nothing but what its agent might have done itself."""

from __future__ import annotations

import msgspec
import pytest

from tests.isolation.conftest import SCRIPTED
from wasm_engine.agents.isolated import protocol
from wasm_engine.agents.isolated.guest import IsolatedGuest
from wasm_engine.agents.isolated.protocol import Lie, Outputs, Ran, Standing, TurnTold, WaitTold
from wasm_engine.agents.isolated.worker import Worker
from wasm_engine.concepts import canonical
from wasm_engine.concepts.message import Message
from wasm_engine.concepts.segment import Segment
from wasm_engine.orchestrator.execution import Until
from wasm_engine.runtime.entropy import Entropy
from wasm_engine.world import World
from wasm_engine.world.isolation import OVERSEER

FIELDS = set(Segment.__struct_fields__)
CARRIED = set(Outputs.__struct_fields__) - {"calls", "told", "suspension", "labels"}
COUNTED = {"sent"}
"""What is counted here anew."""
OF_BUDGETS = {"costs"}
"""What the accounts say, which are here."""

THEIRS = 1 << 32 | 1
TEXT, LONG = ("text", "x"), ("text", "x" * (1 << 21))
LIES = {
    "a receiver that there is not": {"sends": [("ghost", "t", TEXT, [], None, None)]},
    "a message that it may not send": {"sends": [("walled", "t", TEXT, [], None, None)]},
    "a topic that is none": {"sends": [("other", "No!", TEXT, [], None, None)]},
    "a body that is too large": {"sends": [("other", "t", LONG, [], None, None)]},
    "headers that are too large": {"sends": [("other", "t", TEXT, [("n", LONG[1])], None, None)]},
    "a deadline of no request": {"sends": [("other", "t", TEXT, [], None, 1)]},
    "more than a mailbox holds": {"sends": [("other", "t", TEXT, [], None, None)] * 2000},
    "more than the queue holds": {"sent_bytes": 1 << 40},
    "numbers that are not its own": {"sends": [("other", "t", TEXT, [], THEIRS, None)]},
    "another agent's request": {"cancelled": [THEIRS]},
    "a timer that it does not have": {"cancelled_timers": [5]},
    "a reply that nobody waits for": {"replies": [(THEIRS, TEXT)]},
    "a request that it does not have": {"deferred": [THEIRS]},
    "room that was not taken": {"freed": 4096},
    "another size of its state": {"writes": [("k", "v")], "grown": -5},
    "a key that is too long": {"writes": [("k" * 600, "v")]},
    "more lines than it can pay for": {"logs": [("info", "x" * 16_000)] * 2_000},
    "a level that there is not": {"logs": [("shout", "x")]},
    "a refusal that there was not": {"logs": [("denied", "x")]},
    "what nobody told it": {
        "sends": [("other", "t", TEXT, [], None, None)],
        "sent_bytes": 257,
        "labels": [["x"]],
    },
    "labels of keys that it did not write": {"marks": [("state", "k", [])]},
}


STANDING = Standing(1, 1, 0, 0, 0, False, False, [])
EMPTY = Outputs([], 0, 0, [], [], [], [], 0, [], [], [], [], [], [], [], [], b"", None)
MESSAGE = Message(1, "operator", "t", TEXT, [], None)


@pytest.fixture
def guest():
    """What is known here of a guest of `liar`, which may send to `other` only."""
    tables = {
        "liar": {"source": "scripted.wasm", "send-to": ["other", "liar/*"]},
        "other": {"source": "scripted.wasm"},
        "walled": {"source": "scripted.wasm"},
    }
    with World.from_mapping({"agents": tables}, SCRIPTED).begin() as run:
        world = run.execution.scheduler.world
        agent = world.agents["liar"]
        made = IsolatedGuest({}, OVERSEER)
        made.begin(agent, world, MESSAGE, Entropy(), work=agent.program.kind.work, reading=0)
        yield made


def say(guest, outputs, ordinal=0):
    """It says that it did this, and gave so many numbers."""
    guest.stand(Standing(5, guest.work - 100_000, 0, 0, ordinal, False, False, []), 10)
    answer = protocol.decode(protocol.encode(Ran("finished", STANDING, outputs)))
    guest.take(answer.outputs, 0, print)


@pytest.mark.parametrize(("what", "fields"), LIES.items())
def test_what_its_agent_could_not_have_done_is_refused(guest, what, fields):
    with pytest.raises(Lie, match=what):
        say(guest, msgspec.structs.replace(EMPTY, **fields))


@pytest.mark.parametrize(
    ("what", "effect"),
    [
        ("an effect that there is not", ("shell", ["t", "rm"])),
        (
            "a request that it may not send",
            ("http", ["t", "GET", "http://localhost/", ["l"], None, 1, 2 << 20]),
        ),
        ("it asks no server so", ("http", ["t", "GET", 5])),
    ],
)
def test_effects_are_looked_at(guest, what, effect):
    outputs = msgspec.structs.replace(EMPTY, effects=[(1, 0, *effect)], sent_bytes=10_000)
    with pytest.raises(Lie, match=what):
        say(guest, outputs, 1)


@pytest.mark.parametrize(
    "standing",
    [
        {"fuel": 11},
        {"work": 1 << 60},
        {"reading": 1 << 62},
        {"ordinal": 1 << 20},
        {"ordinal": -1},
        {"denials": -1},
        {"returned": [["?"]]},
    ],
)
def test_nobody_stands_where_he_cannot(guest, standing):
    with pytest.raises(Lie):
        guest.stand(msgspec.structs.replace(STANDING, **{"work": guest.work, **standing}), 10)


@pytest.mark.parametrize(
    "suspension",
    [
        TurnTold("format", ["disk"]),
        TurnTold("spawn", ["a"]),
        TurnTold("stop", ["x" * 300]),
        WaitTold([THEIRS], 0, None, True, None),
        WaitTold([], THEIRS, 5, True, None),
        WaitTold([], 0, 5, True, None),
        WaitTold([], 0, None, False, None),
        WaitTold([], 0, None, False, ("f", "no arguments")),
    ],
)
def test_nobody_waits_for_what_is_not_his(guest, suspension):
    with pytest.raises(Lie):
        say(guest, msgspec.structs.replace(EMPTY, suspension=suspension))


def test_what_the_agent_may_do_a_liar_may_do_too(guest):
    """It is said in SECURITY.md: who has taken the process has the agent."""
    sends = [("other", "t", TEXT, [], 1, None)]
    writes = {"writes": [("k", "mine")], "grown": 69}
    say(guest, msgspec.structs.replace(EMPTY, sends=sends, opened=[1], sent_bytes=257, **writes), 1)
    assert guest.segment.writes == {"k": "mine"}
    assert [(out.to, out.request) for out in guest.segment.sends] == [("other", 1)]


def test_a_liar_is_asked_once_more_and_then_taken_for_a_crash(monkeypatch):
    lies = []
    answered = Worker._answer

    def lying(worker, fetched):
        answer = answered(worker, fetched)
        if isinstance(answer, Ran):
            lies.append(worker)
            answer.outputs = msgspec.structs.replace(answer.outputs, freed=4096)
        return answer

    monkeypatch.setattr(Worker, "_answer", lying)
    tables = {"liar": {"source": "scripted.wasm", "isolation": "process"}}
    with World.from_mapping({"agents": tables}, SCRIPTED).begin() as run:
        said = []
        run.execution.scheduler.observe = lambda ran: said.extend(
            (each.part.status, each.part.code, each.part.trouble) for each in ran
        )
        run.execution.receive("liar", "script", ("text", "set a 1"), [])
        run.execution.go(Until())
        assert said == [("failed", "host-crash", "it claims room that was not taken")]
        assert run.execution.scheduler.world.agents["liar"].state == {}
    assert len(set(lies)) == 2


WELL = protocol.encode(Ran("sliced", STANDING))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x91" * 100_000,
        canonical.encode(["ran"]),
        canonical.encode(["nobody", 1]),
        canonical.encode(["ran", "sliced", [1, 1, 0, 0, 0, 0, False, []]]),
        canonical.encode(["ran", "sliced", [1, 1, 0, 0, 0, False, False, [{}]]]),
        canonical.encode(["ran", "sliced", [1, 1, 0, 0, 0, False, False, [b"x", {"a": 1}]]]),
        canonical.encode(["fetch", "password", "root", 0]),
        b"\x93\xa8answered" + canonical.encode(STANDING) + b"\xd6\xff\0\0\0\0",
        WELL[:-1],
        WELL + b"\x00",
    ],
)
def test_bytes_that_are_no_answer(data):
    with pytest.raises(Lie):
        protocol.decode(data)


def test_every_output_of_a_segment_is_carried():
    """A field that is new has to be carried, and looked at by the review."""
    assert FIELDS == CARRIED | COUNTED | OF_BUDGETS
