"""The traffic with the outside where something else happens at the same time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.orchestrator.keyed_server import Server
from tests.orchestrator.test_effects import ASKER, of_kind, state_of, world_of
from wasm_engine.concepts.effect import Issued
from wasm_engine.journal.entries import Intent, Result
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import LATEST, Run, World, fork

PING = Path(__file__).parent.parent.parent / "guests/testing"


@pytest.fixture
def server():
    with Server() as server:
        yield server


def test_with_a_recorded_clock_a_world_is_not_idle_while_an_effect_is_out(server, tmp_path):
    world = World.from_mapping(
        {
            "world": {"name": "asking", "clock": "recorded"},
            "agents": {"asker": {"source": "asker.wasm", "grants": [server.origin]}},
            "messages": [{"to": "asker", "topic": "get", "body": f"3 {server.origin}/"}],
        },
        ASKER,
    )
    with world.begin(tmp_path / "a.run") as run:
        assert run.execution.go(Until()) == "idle"
        assert sorted(state_of(run)) == ["answer/1", "answer/2", "answer/3"]
        chain = run.file.chain
    with Run.open(tmp_path / "a.run") as run:
        run.execution.replay()
    with fork(tmp_path / "a.run", 1, tmp_path / "b.run") as run:
        assert run.execution.go(Until()) == "idle"
        assert run.file.chain == chain
    assert len(server.log) == 3


class Held:
    """An outside that answers when it is told to, and notes what is asked of it."""

    def __init__(self) -> None:
        self.begun: list[Issued] = []
        self.cancelled: list[int] = []
        self.here: list[tuple[int, object]] = []

    def begin(self, issued):
        self.begun.append(issued)

    def cancel(self, number):
        self.cancelled.append(number)

    def arrived(self):
        here, self.here = self.here, []
        return here

    def wait(self, _seconds):
        pass

    def close(self):
        pass

    def answer(self, place, text=b"answer"):
        self.here.append((self.begun[place].number, (200, [], text)))


def test_what_an_agent_that_ends_has_asked_is_hung_up_on_whatever_else_goes_out():
    """In one step one agent is stopped, and another one asks."""
    origin = "http://127.0.0.1:9"
    world = World.from_mapping(
        {
            "agents": {
                "asker": {"source": "asker/asker.wasm", "grants": [origin], "count": 2},
                "ender": {"source": "scripted/scripted.wasm", "grants": ["stop:asker/*"]},
            },
            "messages": [{"to": "asker/1", "topic": "get", "body": f"1 {origin}/"}],
        },
        PING,
    )
    with world.begin() as run:
        held = run.execution.exchange.outside = Held()
        run.execution.go(Until(max_steps=1, stop=lambda: bool(held.begun)))
        run.execution.receive("ender", "script", ("text", "stop asker/1"), [])
        run.execution.receive("asker/2", "get", ("text", f"1 {origin}/"), [])
        run.execution.go(Until(stop=lambda: len(held.begun) > 1))
        assert [issued.agent for issued in held.begun] == ["asker/1", "asker/2"]
        assert held.cancelled == [held.begun[0].number]


def unsent(server, tmp_path, method="post"):
    """A run whose last step asked for something, killed before the intent was stored."""
    world = world_of(server, ("asker", method, f"1 {server.origin}/"))
    with world.begin(tmp_path / "a.run") as run:
        run.execution.exchange.go_out = lambda *_: None
        run.execution.checkpoints.make = lambda **_: False
        run.execution.go(Until(stop=lambda: bool(run.execution.scheduler.world.effects)))
        assert not of_kind(run, Intent)
    return tmp_path / "a.run"


def test_what_never_went_out_goes_out_after_a_message_was_put_into_the_run(server, tmp_path):
    file = unsent(server, tmp_path)
    with Run.open(file, write=True, at=LATEST) as run:
        run.execution.replay()
        run.execution.receive("asker", "post", ("text", f"2 {server.origin}/more"), [])
        run.execution.checkpoints.make()
    with Run.open(file, write=True, at=LATEST) as run:
        run.execution.replay()
        assert run.execution.go(Until()) == "idle"
        assert state_of(run)["answer/1"] == "200 POST /more1"
        assert state_of(run)["answer/2"] == "200 POST /more2"
        assert len(of_kind(run, Intent)) == len(of_kind(run, Result)) == 3
    assert [asked.path for asked in server.log] == ["/1", "/more1", "/more2"]
    with Run.open(file) as run:
        run.execution.replay()


def test_what_never_went_out_goes_out_in_a_fork(server, tmp_path):
    file = unsent(server, tmp_path)
    with fork(file, 1, tmp_path / "b.run") as run:
        assert run.execution.go(Until()) == "idle"
        assert state_of(run) == {"answer/1": "200 POST /1"}
        assert len(of_kind(run, Intent)) == 1
    with Run.open(tmp_path / "b.run") as run:
        run.execution.replay()


def scripted_world(origin, *messages, effects="concurrent"):
    """Agents that ask a server which answers when the test says so."""
    return World.from_mapping(
        {
            "world": {"effects": effects},
            "agents": {
                "asker": {"source": "asker/asker.wasm", "grants": [origin], "count": 3},
                "other": {"source": "scripted/scripted.wasm"},
            },
            "messages": [{"to": to, "topic": topic, "body": body} for to, topic, body in messages],
        },
        PING,
    )


ORIGIN = "http://127.0.0.1:9"


def test_a_fork_that_is_stopped_in_between_has_the_same_chain(tmp_path):
    """A stop makes nothing come earlier that another run holds for later."""
    file = tmp_path / "a.run"
    world = scripted_world(
        ORIGIN,
        ("asker/1", "get", f"2 {ORIGIN}/"),
        ("other", "script", "sleep 5000000; sleep 5000000; sleep 5000000; touch"),
    )
    with world.begin(file) as run:
        held = run.execution.exchange.outside = Held()
        run.execution.exchange.wait = lambda *_: held.answer(-1)
        for _ in range(9):
            run.execution._await_all = lambda _until: None
            run.execution.go(Until(max_steps=1))
            run.execution.receive("other", "script", ("text", "touch"), [])
        held.answer(0)
        run.execution.go(Until())
        chain = run.file.chain
    for most in (1, 2, 4):
        branch = tmp_path / f"{most}.run"
        with fork(file, 1, branch) as run:
            run.execution.go(Until(max_steps=most))
        with Run.open(branch, write=True, at=LATEST) as run:
            run.execution.replay()
            run.execution.go(Until())
            assert run.file.chain == chain


def test_a_fork_asks_again_what_was_cancelled_and_takes_the_next_answer_for_its_own(tmp_path):
    """Two that are alike: one was never answered; the answer of the other is not for it."""
    file = tmp_path / "a.run"
    world = scripted_world(
        ORIGIN, *(("asker/1", "forget", f"{ORIGIN}/") for _ in range(2)), effects="concurrent"
    )
    with world.begin(file) as run:
        held = run.execution.exchange.outside = Held()
        stopping = iter([False] * 3 + [True] * 9)
        run.execution.go(Until(stop=lambda: next(stopping)))
        assert len(held.begun) == 2
        held.answer(1)
        run.execution.exchange.take_in()
        chain, numbers = run.file.chain, [issued.number for issued in held.begun]
    with fork(file, 0, tmp_path / "b.run") as run:
        held = run.execution.exchange.outside = Held()
        stopping = iter([False] * 3 + [True] * 9)
        run.execution.go(Until(stop=lambda: next(stopping)))
        assert [issued.number for issued in held.begun] == numbers[:1]
        run.execution.exchange.take_in()
        assert run.file.chain == chain


@pytest.mark.parametrize("kept", [True, False])
def test_a_fork_that_was_killed_takes_over_what_it_would_have(tmp_path, kept):
    """All answers are alike; which are still to come is known after a crash, too."""
    file, branch = tmp_path / "a.run", tmp_path / "b.run"
    world = scripted_world(
        ORIGIN,
        ("asker/1", "get", f"3 {ORIGIN}/a"),
        ("asker/2", "get", f"3 {ORIGIN}/b"),
    )
    with world.begin(file) as run:
        held = run.execution.exchange.outside = Held()
        done: list[int] = []

        def answer(*_seconds):
            while len(done) < len(held.begun):
                held.answer(len(done))
                done.append(1)

        run.execution.exchange.wait = answer
        assert run.execution.go(Until()) == "idle"
        chain = run.file.chain
    with fork(file, 1, branch) as run:
        if not kept:  # the world could not be told
            run.file.put_checkpoint = lambda *_: None
        run.execution.checkpoints.make = lambda **_: False
        run.execution.go(Until(max_steps=2))
    for _ in range(9):
        with Run.open(branch, write=True, at=LATEST) as run:
            run.execution.replay()
            run.execution.exchange.outside = Held()
            run.execution.checkpoints.make = lambda **_: False
            if run.execution.go(Until(max_steps=1)) == "idle":
                break
            assert not run.execution.exchange.outside.begun
    with Run.open(branch) as run:
        assert run.file.chain == chain


@pytest.mark.parametrize("last", [False, True])
def test_a_fork_of_a_fork_that_has_not_ended_has_the_same_to_come(tmp_path, last):
    world = World.from_mapping(
        {
            "agents": {
                "asker": {"source": "asker/asker.wasm", "grants": [ORIGIN]},
                **{name: {"source": "ping/ping.wasm"} for name in "ab"},
            },
            "messages": [{"to": "asker", "topic": "get", "body": f"3 {ORIGIN}/"}],
        },
        PING,
    )
    first, second, third = (tmp_path / f"{n}.run" for n in (1, 2, 3))
    with world.begin(first) as run:
        held = run.execution.exchange.outside = Held()
        run.execution.exchange.wait = lambda *_: held.answer(-1)
        run.execution.go(Until())
        for _ in range(3):
            run.execution.receive("a", "start", ("text", "3 b"), [])
            run.execution.go(Until())
        chain = run.file.chain
    with fork(first, 1, second) as run:
        run.execution.go(Until(max_steps=7))
        step = run.execution.scheduler.world.step
    with fork(second, step if last else 1, third) as run:
        assert run.execution.go(Until()) == "idle"
        assert run.file.chain == chain
