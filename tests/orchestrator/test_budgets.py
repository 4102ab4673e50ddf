"""Budgets: what goes beyond them is refused, waits or ends the agent; nothing goes round them."""

from __future__ import annotations

import pytest

from tests.model.observed import play, play_forgetting, play_in_parts, replay
from tests.model.script_language import quoted
from tests.orchestrator.budgeted import EPOCH, HOUR, lines, outcomes, spent, world

SLICE = 10_000_000
BURN = "burn 4000000"
"""28 million of fuel."""
PER_HOUR = {"per": "1 h", "exhausted": "wait"}


def flood(to, count):
    return quoted("flood", to, "t", "", count)


def to_a(*scripts):
    return [(0, "a", "script", script) for script in scripts]


def test_a_call_beyond_the_budget_is_refused_and_counts_as_a_denial():
    run = world({"m": {"messages": 3}}, a={}, b={}).begin()
    told = play(run, to_a(flood("b", 5)))
    assert lines(told, "a") == ["on:1:operator:script", "flood:3:budget"]
    assert lines(told, "b") == ["got:t:a:"] * 3
    assert run.execution.scheduler.totals.denials == 2
    assert spent(run)["m", "a", "messages"] == 3


def test_a_publication_goes_to_all_or_to_nobody():
    kind = {"count": 3, "subscribe": ["news"]}
    script = quoted("publish", "news", "x") + ";send c t x"
    told = play(world({"m": {"messages": 2}}, a={}, b=kind, c={}).begin(), to_a(script))
    assert lines(told, "a")[1:] == ["publish:err:budget", "send:ok"]


def test_bytes_are_those_that_are_sent_asked_and_kept():
    script = "header key 2:va;send b t body;ask b script 12:reply abcdef;schedule n 5 t 8:a minute"
    run = world({"m": {"bytes": 10_000}}, a={}, b={}).begin()
    told = play(run, to_a(f"{script};set key value"))
    kept = len("trace") + len(told.states["b"]["trace"]) + len("trace") + len("got:t:a:body\n")
    assert spent(run)["m", "b", "bytes"] == len("abcdef") + kept
    header = 16 + len("keyva")
    sent = header + len("body") + header + len("reply abcdef") + len("a minute")
    traces = [told.states["a"]["trace"][:n] for n in trace_ends(told.states["a"]["trace"])]
    written = sum(len("trace" + trace) for trace in traces) + len("timer/n2" + "keyvalue")
    assert spent(run)["m", "a", "bytes"] == sent + written


def trace_ends(trace):
    """Where the trace of a script ended each time that it was written: at its ask, and its end."""
    yield trace.index("ask:")
    yield trace.index("got:")
    yield len(trace)


def test_of_bytes_a_write_that_does_not_fit_is_refused_and_leaves_nothing():
    told = play(
        world({"m": {"bytes": 300, "kinds": ["a"]}}, a={}, b={}).begin(),
        to_a("set-size k 600;send-size b t 290"),
    )
    # The trace does not fit any more, so the activation answers that fault, and nothing is sent.
    assert outcomes(told, "a") == [(1, "failed:budget")]
    assert told.states["a"] == {}
    assert lines(told, "b") == []


def test_replies_and_timers_are_messages_too():
    told = play(
        world({"m": {"messages": 1}}, a={}, b={}).begin(),
        to_a("ask b script 9:reply yes;schedule n 5 t x;send b script 9:reply yes"),
    )
    assert lines(told, "a")[1:] == ["ask:ok:yes", "schedule:err:budget", "send:err:budget"]


def test_the_next_window_begins_with_nothing_spent():
    made = world({"m": {"messages": 1, "per": "1 h"}}, a={}, b={})
    script = f"ask-timeout {HOUR} b script 7:defer q;{flood('b', 2)}"
    told = play(made.begin(), to_a(script))
    assert lines(told, "a")[1:] == ["ask-timeout:err:timeout", "flood:1:budget"]


def test_messages_wait_for_the_next_window_in_their_order():
    made = world({"m": {"messages": 3, **PER_HOUR}}, a={}, b={})
    told = play(made.begin(), to_a(flood("b", 2), flood("b", 2), flood("b", 9)))
    assert outcomes(told, "a") == [
        (1, "done"), (2, "retry:budget"), (2, "done"), (3, "retry:budget"), (3, "done"),
    ]  # fmt: skip
    assert lines(told, "a")[1::2] == ["flood:2:", "flood:2:", "flood:3:budget"]
    times = {(row[1], row[4]): s.time for s in told.steps for row in s.segments if row[0] == "a"}
    assert times[2, "done"] == EPOCH + HOUR
    assert times[3, "done"] == EPOCH + 2 * HOUR


def test_who_has_nothing_left_is_not_run_before_the_next_window():
    made = world({"m": {"messages": 1, "kinds": ["a"], **PER_HOUR}}, a={}, b={})
    told = play(made.begin(), [*to_a("send b t x"), (1, "a", "t", "hello")])
    assert [s.time for s in told.steps if any(row[1] == 3 for row in s.segments)] == [EPOCH + HOUR]


def test_what_is_begun_anew_is_the_same_attempt():
    made = world({"m": {"messages": 2, **PER_HOUR}}, a={}, b={})
    told = play(made.begin(), to_a("send b t x", f"random;{flood('b', 2)}"))
    assert {row[2] for s in told.steps for row in s.segments} == {0}


def test_what_was_committed_is_not_begun_anew():
    made = world({"m": {"messages": 2, **PER_HOUR}}, a={}, b={})
    told = play(made.begin(), to_a(f"ask b t x;{flood('b', 2)}"))
    assert lines(told, "a")[1:] == ["ask:err:no-reply", "flood:1:budget"]


def test_memory_that_lives_on_is_not_thrown_away():
    made = world({"m": {"messages": 2, **PER_HOUR}}, a={"lifecycle": "resident"}, b={})
    told = play(made.begin(), to_a("touch;send b t x", f"touch;{flood('b', 2)}"))
    assert lines(told, "a")[-2:] == ["touch:2", "flood:1:budget"]


def test_a_long_computation_is_spread_over_the_windows():
    made = world({"m": {"fuel": 10_000_000, **PER_HOUR}}, a={})
    run = made.begin()
    told = play(run, to_a(BURN))
    assert [outcome for _, outcome in outcomes(told, "a")] == ["cut", "cut", "done"]
    assert [s.time - EPOCH for s in told.steps] == [1_000_000, HOUR, 2 * HOUR]


def test_without_fuel_messages_fail_before_they_run():
    made = world({"m": {"fuel": 10_000_000, "kinds": ["b"]}}, a={}, b={"lifecycle": "resident"})
    run = made.begin()
    inputs = to_a(f"ask b script 5:touch;ask b script {len(BURN)}:{BURN};ask b script 5:touch")
    told = play(run, inputs)
    assert lines(told, "a")[1:] == ["ask:err:no-reply", "ask:err:failed", "ask:err:failed"]
    assert [dead[2:] for s in told.steps for dead in s.dead] == [("failed", "budget")] * 2
    assert spent(run)["m", "b", "fuel"] < 10_000_000 + 2 * SLICE


def test_host_work_is_paid_by_calls_that_are_denied_too():
    made = world({"m": {"work": 20_000_000}}, a={"send-to": []}, b={})
    told = play(made.begin(), to_a(*[flood("b", 1000)] * 10))
    ended = [outcome for _, outcome in outcomes(told, "a")]
    assert ended[0] == "done"
    assert ended[-1] == "failed:budget"
    assert lines(told, "b") == []


def test_whoever_wants_more_can_be_ended_and_its_watchers_are_told():
    made = world({"m": {"messages": 2, "kinds": ["a"], "exhausted": "stop"}}, a={}, b={})
    inputs = [(0, "b", "script", "watch a"), *to_a(flood("b", 2), flood("b", 1), "set k v")]
    told = play(made.begin(), inputs)
    assert "a" not in told.states
    assert '{"agent":"a","reason":"budget"}' in lines(told, "b")[-1]
    turns = [turn for s in told.steps for turn in s.turns if turn[1] == "exhausted"]
    assert turns == [("a", "exhausted", ["a", "m", "messages"], (True, ""))]


def test_whoever_spent_all_that_it_runs_on_is_ended_when_it_would_run():
    budget = {"fuel": 1_000, "kinds": ["a"], "exhausted": "stop"}
    told = play(world({"m": budget}, a={}, b={}).begin(), to_a("send b t x", "send b t y"))
    assert "a" not in told.states
    assert lines(told, "b") == ["got:t:a:x"]
    assert [dead[1:3] for s in told.steps for dead in s.dead] == [("a", "stopped")]


@pytest.mark.parametrize("over", ["kind", "all"])
def test_what_agents_share_is_spent_once_however_many_run_at_a_time(over):
    count, most = 20, 33
    made = world({"m": {"messages": most, "over": over}}, a={"count": count}, b={})
    inputs = [(0, f"a/{n}", "script", flood("b", 3)) for n in range(1, count + 1)]
    run = made.begin()
    told = play(run, inputs)
    assert len(lines(told, "b")) == most
    assert sum(spent(run).values()) == most
    assert play(made.begin(workers=4), inputs) == told


def test_of_what_agents_share_the_first_in_the_canonical_order_takes_first():
    made = world({"m": {"messages": 4, "over": "kind"}}, a={"count": 3}, b={})
    inputs = [(0, f"a/{n}", "script", flood("b", 3)) for n in (1, 2, 3)]
    told = play(made.begin(), inputs)
    assert [lines(told, f"a/{n}")[1] for n in (2, 3, 1)] == [
        "flood:3:", "flood:1:budget", "flood:0:budget",
    ]  # fmt: skip


def test_children_multiply_neither_what_a_kind_has_nor_what_the_world_has():
    child = quoted("send", "c/1", "script", flood("b", 5))
    script = "spawn c 1 0:;spawn c 2 0:;spawn c 3 0:;" + child + ";" + child.replace("c/1", "c/2")
    budgets = {"k": {"messages": 7, "over": "kind"}, "n": {"agents": 2, "over": "kind"}}
    kinds = {"a": {"grants": ["spawn:c"]}, "b": {}, "c": {"count": 0}}
    run = world(budgets, **kinds).begin()
    told = play(run, to_a(script))
    assert lines(told, "a")[1:4] == ["spawn:ok:c/1", "spawn:ok:c/2", "spawn:err:budget"]
    assert len(lines(told, "b")) == 7
    assert run.execution.scheduler.totals.denials == 4
    assert spent(run)["n", "c", "agents"] == 2


def test_an_agent_that_is_raised_again_has_spent_what_its_predecessor_did():
    script = "spawn c 1 0:;send c/1 script 10:send b t x;ask b t x;stop c/1;spawn c 1 0:;"
    script += "send c/1 script 10:send b t x"
    kinds = {"a": {"grants": ["spawn:c"]}, "b": {}, "c": {"count": 0}}
    told = play(world({"m": {"messages": 1, "kinds": ["c"]}}, **kinds).begin(), to_a(script))
    assert lines(told, "c/1")[1] == "send:err:budget"


def test_whoever_waits_for_its_budget_is_not_dead():
    made = world({"m": {"messages": 1, "kinds": ["b"], **PER_HOUR}}, a={}, b={})
    inputs = [(0, "b", "script", "send a t x"), (1, "a", "script", "ask b script 9:reply yes")]
    told = play(made.begin(), inputs)
    assert lines(told, "a")[-1] == "ask:ok:yes"


def test_an_answer_that_comes_while_its_asker_is_held_is_kept():
    made = world({"m": {"messages": 1, "kinds": ["a"], **PER_HOUR}}, a={}, b={})
    told = play(made.begin(), to_a("ask b script 9:reply yes;send b t x"))
    assert lines(told, "a")[1:] == ["ask:ok:yes", "send:ok"]
    assert told.steps[-1].time >= EPOCH + HOUR


BUSY = [
    (0, "a/1", "script", f"set k v;{flood('b', 2)};ask b script 9:reply yes;{flood('b', 9)}"),
    (0, "a/2", "script", f"{BURN};ask a/1 script 6:random;set-size k 500;send b t x"),
    (1, "a/3", "script", f"touch;{flood('a/1', 4)};{BURN};publish n x"),
    (2, "a/2", "script", flood("b", 4)),
    (2, "a/1", "script", f"touch;set-size z 900;ask b script 12:now;reply yes;{flood('a/3', 2)}"),
    (3, "a/3", "script", f"spawn c 1 0:;spawn c 2 0:;send c/1 script 13:flood b t 0: 9;{BURN}"),
]


@pytest.mark.parametrize("exhausted", ["refuse", "wait", "stop"])
@pytest.mark.parametrize("lifecycle", ["message", "resident"])
def test_neither_threads_nor_eviction_nor_resuming_nor_replay_show(tmp_path, exhausted, lifecycle):
    budgets = {
        "each": {"messages": 5, "fuel": 50_000_000, "per": "1 h", "exhausted": exhausted},
        "kind": {"kinds": ["a", "c"], "over": "kind", "bytes": 4_000, "agents": 3, "per": "2 h"},
        "world": {"over": "all", "messages": 40, "work": 10**10, "fuel": 10**9},
    }
    kind = {"count": 3, "grants": ["spawn:c"], "lifecycle": lifecycle, "subscribe": ["n"]}
    made = world(budgets, step_fuel=15_000_000, a=kind, b={}, c={"count": 0})
    first = play(made.begin(), BUSY)
    kept = tmp_path / "kept.run"
    assert play(made.begin(kept, workers=4, max_live=0), BUSY) == first
    assert replay(kept, max_live=1)._replace(status="idle") == first
    for steps in (1, 4):
        assert play_in_parts(made, tmp_path / f"{steps}.run", BUSY, steps) == first
    sends = play_forgetting(world(budgets, a=kind, b={}, c={"count": 0}), BUSY)
    assert sends == play(world(budgets, a=kind, b={}, c={"count": 0}).begin(), BUSY)
