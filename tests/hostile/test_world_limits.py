"""What many messages together may take of the world: mailboxes, timers, replies, state, agents."""

from __future__ import annotations

from time import process_time

import pytest

from tests.hostile.attack import (
    GOOD_MESSAGES,
    GUESTS,
    MIB,
    PEAK,
    SCRIPTED,
    attack,
    attacker,
    give,
    manifest,
)
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

KIND = {"evil": attacker(SCRIPTED, count=2, work=500_000_000, memory=8 * MIB)}
TIGHT = {"queue": "4 MiB"}
EVIL, TWIN = "evil/1", "evil/2"


def text(value: str) -> str:
    """An argument of a script."""
    return f"{len(value.encode())}:{value}"


def repeat(count: int, script: str) -> str:
    return f"repeat {count} {text(script)}"


def trace(found, agent):
    return found.states[agent].get("trace", "").splitlines()


def test_timers_with_long_bodies_are_a_bomb_that_the_queue_stops():
    body = "x" * 100_000
    bomb = repeat(60, f"schedule t 1000000000000000 t {text(body)}")
    found = attack([(EVIL, "script", bomb), (EVIL, "script", "set alive 1")], KIND, limits=TIGHT)
    assert found.codes[:2] == ["queue", "done"]
    assert found.states[EVIL]["alive"] == "1"
    assert found.peak < PEAK


def test_replies_that_nobody_takes_are_a_bomb_that_the_queue_stops():
    reply = text(f"#!reply {text('x' * 200_000)}")
    bomb = repeat(4, f"start r {TWIN} script {reply}")
    again = [(EVIL, "script", bomb) for _ in range(12)]
    found = attack(again, KIND, limits={"queue": "6 MiB"})
    assert "queue" in found.codes
    assert found.status == "idle"
    assert found.peak < PEAK


def test_what_is_taken_cancelled_or_lost_leaves_room_in_the_queue():
    world = World.from_mapping(
        manifest({**KIND, "judge": attacker(SCRIPTED, grants=["stop:*"])}), GUESTS
    )
    long = text("y" * 5_000)
    scripts = [
        (EVIL, f"ask {TWIN} script {text(f'#!reply {long}')}"),
        (EVIL, f"schedule a 1000 t {long};schedule b 99000000000 t {long};cancel b"),
        (EVIL, f"schedule c 99000000000 t {long}"),
        (TWIN, f"start never {EVIL} script {text(f'#!reply {long}')}"),
        ("judge", "cancel-request nothing"),
    ]
    with world.begin() as run:
        give(run, GOOD_MESSAGES)
        room = run.execution.scheduler.world.queue_room()
        give(run, [(to, "script", script) for to, script in scripts])
        run.execution.go(Until(max_steps=12))
        give(run, [("judge", "script", f"stop {EVIL};stop {TWIN}")])
        assert run.execution.go(Until(max_steps=100)) == "idle"
        world_state = run.execution.scheduler.world
        assert set(world_state.agents) == {"good/1", "good/2", "good/3", "judge"}
        assert world_state.queue_room() > room  # the good agents' messages were still in it
        assert world_state.queue_room() == 256 * MIB


def test_timers_set_and_cancelled_without_end_are_forgotten():
    names = [f"t{n}" for n in range(400)]
    arm = ";".join(f"schedule {name} 1000000000000000 t x" for name in names)
    disarm = ";".join(f"cancel {name}" for name in names)
    evil = {"evil": attacker(SCRIPTED, work=500_000_000, memory=16 * MIB)}
    with World.from_mapping(manifest(evil), GUESTS).begin() as run:
        give(run, [("evil", "script", script) for script in (arm, disarm) * 26])
        assert run.execution.go(Until(max_steps=1000)) == "idle"
        assert len(run.execution.scheduler.world.deadlines) <= 10_000


def test_requests_and_timers_are_counted():
    evil = {"evil": attacker(SCRIPTED, count=2, work=2_000_000_000, fuel=500_000_000)}
    found = attack(
        [
            (EVIL, "script", f"{repeat(1000, 'schedule t 1000000000 t x')};set seen 1"),
            (EVIL, "script", f"{repeat(2000, f'start r {TWIN} t x')};set seen 2"),
        ],
        evil,
    )
    assert found.states[EVIL]["seen"] == "2"
    assert trace(found, EVIL).count("start:err:mailbox-full") == 2000 - 1024
    assert found.peak < PEAK


def test_a_wait_for_one_request_a_million_times_is_a_wait_for_it_once():
    """Quadratic work on the host's side for a list that costs the guest eight bytes an entry."""
    names = ",".join(["r"] * 5_000)
    evil = {"evil": attacker(SCRIPTED, count=2, fuel=100_000_000, work=200_000_000)}
    script = f"{repeat(1000, f'start q {TWIN} t x')};start r {TWIN} script {text('#!reply yes')};"
    found = attack([(EVIL, "script", f"{script}wait-any {names};take r;set came 1")], evil)
    assert found.states[EVIL]["came"] == "1"
    assert "take:ok:yes" in trace(found, EVIL)


def test_millions_of_tiny_keys_fill_the_state_by_what_they_take():
    found = attack(
        [
            (EVIL, "script", "set-size big 4000000"),
            (EVIL, "script", "set-size big 4200000;set-size more 4194304"),
            *[(EVIL, "script", f"set-size big{n} 4194304") for n in range(15)],
            (EVIL, "script", "keys 0:"),
        ],
        {"evil": attacker(SCRIPTED, count=2, work=500_000_000, memory=16 * MIB)},
    )
    lines = trace(found, EVIL)
    assert "set-size:err:too-large" in lines
    assert "set-size:err:state-full" in lines
    assert found.codes[-1] == "done"


def test_a_spawn_bomb_without_a_grant_gets_nobody():
    bomb = repeat(50, "spawn evil x 0:;spawn good x 0:;spawn nobody x 0:;spawn world x 0:")
    found = attack([(EVIL, "script", bomb)], KIND)
    assert set(found.states) == {EVIL, TWIN}
    refused = [line for line in trace(found, EVIL) if line.startswith("spawn:")]
    assert set(refused) == {"spawn:err:not-granted"}
    assert len(refused) == 200


def test_a_spawn_bomb_with_a_grant_stays_below_the_bound_and_ends_with_its_fuel():
    evil = {"evil": attacker(SCRIPTED, grants=["spawn:evil"])}
    calls = [f"spawn evil {n} 0:;send evil/{n} script {text('spawn evil x 0:')}" for n in range(40)]
    found = attack([("evil", "script", ";".join(calls))], evil)
    assert len(found.states) == 42
    assert (
        sum(line == "spawn:err:already-exists" for a in found.states for line in trace(found, a))
        == 39
    )


def test_a_spawn_with_a_configuration_of_a_million_levels_is_no_json():
    evil = {"evil": attacker(SCRIPTED, grants=["spawn:evil"], fuel=100_000_000)}
    deep, long = "[" * 60_000, "9" * 60_000
    texts = [
        deep,
        long,
        '{"a":"\\ud800"}',
        '{"a":1e999}',
        "nul",
        '"\x00"',
        '{"a":NaN}',
        "[" * 70_000,
    ]
    script = ";".join(f"spawn evil x {text(it)}" for it in texts)
    found = attack([("evil", "script", script)], evil)
    codes = [line for line in trace(found, "evil") if line.startswith("spawn:")]
    assert codes == ["spawn:err:invalid-config"] * 7 + ["spawn:err:too-large"]


@pytest.mark.parametrize("workers", [1, 4])
def test_many_attackers_at_once_in_threads_leave_the_same_history(workers):
    attacks = ["loop", "grow 1000", "trap", "flood good/2 t x 2000", "log hello", "fail no why"]
    evil = {"evil": attacker(SCRIPTED, count=len(attacks))}
    messages = [(f"evil/{n}", "script", script) for n, script in enumerate(attacks, 1)]
    found = attack([m for m in messages if "good" not in m[2]], evil, workers=workers)
    assert sorted(found.codes) == ["done", "done", "fuel", "no", "unreachable"]
    assert found.chain == attack([m for m in messages if "good" not in m[2]], evil).chain


def test_thousands_who_wait_for_each_other_are_told_in_one_pass():
    """Each pair is a deadlock of its own; to look at all of them for each took the square."""
    count = 3_000
    evil = {"evil": attacker(SCRIPTED, count=count, memory=MIB)}
    partner = {n: n + 1 if n % 2 else n - 1 for n in range(1, count + 1)}
    asks = [(f"evil/{n}", "script", f"ask evil/{other} t x") for n, other in partner.items()]
    start = process_time()
    with World.from_mapping(manifest(evil), GUESTS).begin() as run:
        give(run, asks)
        assert run.execution.go(Until(max_steps=10)) == "idle"
        agents = run.execution.scheduler.world.agents
        ends = [agents[f"evil/{n}"].state["trace"].count("ask:err:") for n in partner]
    assert ends == [1] * count
    assert process_time() - start < 10
