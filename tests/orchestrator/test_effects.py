"""Worlds that ask a real server: what goes out, what comes in, what is known of it afterwards."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.orchestrator.keyed_server import Server
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Intent, Result
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import LATEST, Edits, Run, World, fork

ASKER = Path(__file__).parent.parent.parent / "guests" / "testing" / "asker"


@pytest.fixture
def server():
    with Server() as server:
        yield server


def world_of(server, *messages, effects="concurrent", idempotent=(), count=1):
    http = {"idempotent": list(idempotent)} if idempotent else {}
    return World.from_mapping(
        {
            "world": {"name": "asking", "effects": effects},
            "agents": {
                "asker": {
                    "source": "asker.wasm",
                    "count": count,
                    "grants": [server.origin],
                    "http": http,
                }
            },
            "messages": [{"to": to, "topic": topic, "body": body} for to, topic, body in messages],
        },
        ASKER,
    )


def state_of(run, address="asker"):
    return dict(run.execution.scheduler.world.agents[address].state)


def of_kind(run, kind):
    bodies = (entries.decode(e.kind, e.body) for e in run.file.entries())
    return [body for body in bodies if isinstance(body, kind)]


def test_what_a_server_answers_is_an_input_and_a_replay_asks_nobody(server, tmp_path):
    world = world_of(server, ("asker", "get", f"3 {server.origin}/a"))
    with world.begin(tmp_path / "a.run") as run:
        assert run.execution.go(Until()) == "idle"
        states = state_of(run)
        assert states == {f"answer/{n}": f"200 GET /a{n}" for n in (1, 2, 3)}
        intents, results = of_kind(run, Intent), of_kind(run, Result)
        assert [i.number for i in intents] == [r.number for r in results]
        chain = run.file.chain
    assert [asked.path for asked in server.log] == ["/a1", "/a2", "/a3"]
    assert len({asked.key for asked in server.log}) == 3
    with Run.open(tmp_path / "a.run") as run:
        run.execution.replay()
        assert (state_of(run), run.file.chain) == (states, chain)
    assert len(server.log) == 3


def test_effects_are_out_at_the_same_time_and_stall_nobody(server, tmp_path):
    together = threading.Barrier(8, timeout=20)
    server.before = lambda _asked: together.wait()
    world = world_of(server, ("asker", "at-once", f"8 {server.origin}/"))
    with world.begin(tmp_path / "a.run") as run:
        assert run.execution.go(Until()) == "idle"
        assert state_of(run) == {f"answer/{n}": f"200 GET /{n}" for n in range(1, 9)}
    with Run.open(tmp_path / "a.run") as run:
        run.execution.replay()


def test_in_lockstep_the_chain_depends_on_results_alone(server):
    chains = set()
    for order in (1, -1):
        world = world_of(
            server,
            *((f"asker/{n}", "get", f"3 {server.origin}/{n}/") for n in (1, 2, 3)),
            effects="lockstep",
            count=3,
        )
        turn = threading.Condition()
        waiting: list[str] = []

        def last_first(asked, turn=turn, waiting=waiting, order=order):
            with turn:
                waiting.append(asked.path)
                turn.notify_all()
                turn.wait_for(
                    lambda: len(waiting) % 3 == 0 or len(waiting) > 3, timeout=0.2 * (order > 0)
                )

        server.before = last_first
        with world.begin() as run:
            assert run.execution.go(Until()) == "idle"
            chains.add(run.file.chain)
    assert len(chains) == 1


@pytest.mark.parametrize(
    ("method", "idempotent", "answer"),
    [
        ("get", (), "200 GET /1"),
        ("put", (), "200 PUT /1"),
        ("post", (), "outcome-unknown"),
        ("post", ("{origin}/*",), "200 POST /1"),
    ],
)
def test_an_unknown_outcome_is_decided_by_the_retry_policy(
    server, tmp_path, method, idempotent, answer
):
    asked, released = threading.Event(), threading.Event()

    def hold(_asked):
        asked.set()
        released.wait(20)

    server.before = hold
    allowed = [pattern.format(origin=server.origin) for pattern in idempotent]
    world = world_of(server, ("asker", method, f"1 {server.origin}/"), idempotent=allowed)
    with world.begin(tmp_path / "a.run") as run:
        assert run.execution.go(Until(stop=asked.is_set)) == "stopped"
    released.set()
    with Run.open(tmp_path / "a.run", write=True, at=LATEST) as run:
        run.execution.replay()
        assert run.execution.go(Until()) == "idle"
        assert state_of(run) == {"answer/1": answer}
    assert len({one.key for one in server.log}) == 1
    assert len(server.log) == (1 if answer == "outcome-unknown" else 2)
    with Run.open(tmp_path / "a.run") as run:
        run.execution.replay()


def test_what_nobody_waits_for_is_carried_out_and_dropped(server, tmp_path):
    world = world_of(server, ("asker", "forget", f"{server.origin}/"))
    with world.begin(tmp_path / "a.run") as run:
        assert run.execution.go(Until()) == "idle"
        assert len(of_kind(run, Result)) == 1
        assert not run.execution.scheduler.world.agents["asker"].effects
    assert [asked.path for asked in server.log] == ["/0"]


def test_a_fork_takes_results_over_for_as_long_as_the_effects_agree(server, tmp_path):
    world = world_of(server, ("asker", "get", f"5 {server.origin}/"))
    with world.begin(tmp_path / "a.run") as run:
        run.execution.go(Until())
        chain, states = run.file.chain, state_of(run)
    assert len(server.log) == 5
    with fork(tmp_path / "a.run", 2, tmp_path / "same.run") as run:
        run.execution.go(Until())
        assert (run.file.chain, state_of(run)) == (chain, states)
    assert len(server.log) == 5
    with fork(tmp_path / "a.run", 2, tmp_path / "live.run", effects="live") as run:
        run.execution.go(Until())
        assert state_of(run) == states
    assert [asked.path for asked in server.log[5:]] == ["/2", "/3", "/4", "/5"]
    with fork(tmp_path / "a.run", 2, tmp_path / "none.run", effects="none") as run:
        run.execution.go(Until())
        assert state_of(run)["answer/5"] == "without-effects"
    edits = Edits(messages=(("asker", "get", ("text", f"1 {server.origin}/")),))
    with fork(tmp_path / "a.run", 2, tmp_path / "more.run", edits) as run:
        run.execution.go(Until())
        assert state_of(run) == states
    assert len(server.log) == 10
    with Run.open(tmp_path / "more.run") as run:
        run.execution.replay()


def test_what_is_out_counts_in_the_worlds_queue(server, tmp_path):
    released = threading.Event()
    server.before = lambda _asked: released.wait(20)
    world = world_of(server, *(("asker", "forget", f"{server.origin}/") for _ in range(5)))
    with world.begin(tmp_path / "a.run") as run:
        state = run.execution.scheduler.world
        room = run.manifest.limits.queue
        run.execution.go(Until(stop=lambda: len(state.effects) == 5))
        held = sum(issue.effect.size() for issue in state.effects.values())
        assert room - state.queue_room() == held > 5 * 256
        released.set()
        assert run.execution.go(Until()) == "idle"
        assert state.queue_room() == room
