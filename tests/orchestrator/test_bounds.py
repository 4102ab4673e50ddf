"""The bounds that a world sets to what waits in it."""

from __future__ import annotations

from tests.model.observed import SCRIPTED, play, told
from tests.model.script_language import quoted
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

MIB = 1 << 20


def world(queue, mailbox=100_000):
    kind = {"source": "scripted.wasm", "count": 2}
    return World.from_mapping(
        {
            "world": {"name": "model", "mailbox": mailbox},
            "limits": {"queue": queue},
            "agents": {"a": kind},
        },
        SCRIPTED,
    )


def first_step(script, queue=MIB):
    """How the script's message ended, and its trace, after one step."""
    with world(queue).begin() as run:
        run.execution.receive("a/1", "script", ("text", script), [])
        run.execution.go(Until(max_steps=1))
        seen = told(run, "stopped")
        return seen.steps[0].segments[0][4], seen.states["a/1"].get("trace", "")


def test_what_waits_in_the_world_is_bounded():
    assert first_step("send-size a/2 t 1000000")[0] == "done"
    assert first_step("send-size a/2 t 1000000;send-size a/2 t 100000")[0] == "failed:queue"


def test_headers_are_counted():
    headers = "header-size h 16000;"
    assert first_step(headers + quoted("flood", "a/2", "t", "", 60))[0] == "done"
    assert first_step(headers + quoted("flood", "a/2", "t", "", 70))[0] == "failed:queue"


def test_so_is_what_an_empty_message_takes():
    assert first_step(quoted("flood", "a/2", "t", "", 4000))[0] == "done"
    assert first_step(quoted("flood", "a/2", "t", "", 5000))[0] == "failed:queue"


def test_what_was_handled_leaves_room():
    inputs = [(step, "a/1", "script", "send-size a/2 t 900000") for step in range(0, 8, 2)]
    ended = [row[4] for s in play(world(MIB).begin(), inputs).steps for row in s.segments]
    assert set(ended) == {"done"}


def test_a_message_in_its_retries_leaves_room_in_the_end():
    kinds = {"a": {"source": "scripted.wasm", "count": 2, "retries": 2, "on-retry": "restart"}}
    made = World.from_mapping(
        {"world": {"name": "model"}, "limits": {"queue": MIB}, "agents": kinds}, SCRIPTED
    )
    body = "#!now;fail odd x;" + "x" * 600_000
    again = "#!ask a/1 t x;fail odd x;" + "x" * 600_000
    inputs = [(step, "a/2", "t", text) for step, text in enumerate([body, again] * 3)]
    run = made.begin()
    play(run, inputs)
    assert run.execution.scheduler.world.queue_room() == MIB


def test_plain_messages_are_no_open_requests():
    script = quoted("flood", "a/2", "t", "", 10_000) + ";start p a/2 t x"
    status, trace = first_step(script, queue=64 * MIB)
    assert status == "done"
    assert trace.splitlines()[1:] == ["flood:10000:", "start:ok:1"]


def test_requests_are_bounded():
    script = f"repeat 10001 {len('start p a/2 t x')}:start p a/2 t x"
    status, trace = first_step(script, queue=64 * MIB)
    assert status == "done"
    assert trace.splitlines()[-2:] == ["start:ok:10000", "start:err:too-many"]
