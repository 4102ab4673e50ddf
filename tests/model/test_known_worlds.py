"""Worlds that once came out wrong, or that chance would seldom make: engine and model agree."""

from __future__ import annotations

import pytest

from tests.model.agreement import check
from tests.model.parts import Kind
from tests.model.script_language import quoted
from tests.model.worlds import Case

SECOND_NS = 10**9


def nested(levels: int, verb: str, ring: int) -> str:
    """A script that makes the next agent do the rest, and so on."""
    script = "incr deepest;reply 0:"
    for level in range(levels, 0, -1):
        script = f"{quoted(verb, f'a/{level % ring + 1}', 'script', script)};reply {level}"
    return script


def lines(told, agent):
    return told.states[agent]["trace"].splitlines()


@pytest.mark.parametrize("verb", ["send", "ask"])
def test_a_chain_100_deep(tmp_path, verb):
    case = Case((Kind("a", count=101),), inputs=((0, "a/1", "script", nested(100, verb, 101)),))
    told = check(case, tmp_path)
    assert told.states["a/101"]["deepest"] == "1"
    assert len(told.steps) == (101 if verb == "send" else 201)


def test_a_chain_100_deep_through_three_agents_ends(tmp_path):
    case = Case((Kind("a", count=3),), inputs=((0, "a/1", "script", nested(100, "ask", 3)),))
    check(case, tmp_path)


def test_a_ring_of_requests_is_broken_at_the_oldest(tmp_path):
    ring = [(0, f"a/{n}", "script", quoted("ask", f"a/{n % 5 + 1}", "t", "x")) for n in range(1, 6)]
    told = check(Case((Kind("a", count=5),), inputs=tuple(ring)), tmp_path)
    # The order of step 1 begins with a/2, so the oldest request is the one that it sent.
    assert lines(told, "a/2")[1] == "ask:err:deadlock"
    assert [lines(told, f"a/{n}")[1] for n in (1, 3, 4, 5)] == ["ask:err:no-reply"] * 4


def test_a_ring_is_broken_although_others_are_busy(tmp_path):
    busy = quoted("schedule", "t", SECOND_NS, "t", "tick")
    inputs = (
        (0, "a/1", "script", quoted("ask", "a/2", "t", "x")),
        (0, "a/2", "script", quoted("ask", "a/1", "t", "x")),
        (0, "a/3", "script", busy),
    )
    told = check(Case((Kind("a", count=3),), inputs=inputs), tmp_path)
    assert [ended[1] for ended in told.steps[0].ended] == ["deadlock"]


def test_a_request_held_back_lives_while_anything_can_happen(tmp_path):
    inputs = (
        (0, "a/1", "script", quoted("ask", "a/2", "script", "defer p")),
        (0, "a/3", "script", quoted("schedule", "t", SECOND_NS, "script", "incr n")),
    )
    told = check(Case((Kind("a", count=3),), inputs=inputs), tmp_path)
    assert lines(told, "a/1")[1] == "ask:err:deadlock"
    assert [step.step for step in told.steps if step.ended] == [3]


def test_in_a_silent_world_the_oldest_request_ends_first_held_back_or_not(tmp_path):
    inputs = (
        (0, "a/1", "script", quoted("ask", "a/2", "script", "defer p")),
        (1, "a/3", "script", quoted("ask", "a/3", "t", "x")),
    )
    told = check(Case((Kind("a", count=3),), inputs=inputs), tmp_path)
    assert lines(told, "a/1")[1] == "ask:err:deadlock"


def test_an_input_after_the_silence_comes_too_late(tmp_path):
    """The deadlock is found in the step that makes it, so a replay finds it there, too."""
    inputs = (
        (0, "a/1", "script", quoted("ask", "a/2", "script", "defer p")),
        (2, "a/2", "script", "reply-to p now"),
    )
    told = check(Case((Kind("a", count=2),), inputs=inputs), tmp_path)
    assert lines(told, "a/2")[-1] == "reply-to:err:request-closed"


@pytest.mark.parametrize("asker", ["a/1", "a/2"])
def test_a_cancelled_request_stays_cancelled_whoever_commits_first(tmp_path, asker):
    other = "a/2" if asker == "a/1" else "a/1"
    inputs = (
        (0, asker, "script", quoted("start", "p", other, "script", "reply yes")),
        (1, asker, "script", "cancel-request p"),
        (1, asker, "script", "take p"),
    )
    told = check(Case((Kind("a", count=2),), inputs=inputs), tmp_path)
    assert lines(told, asker)[-1] == "take:err:cancelled"
    assert lines(told, other)[-1] == "reply:ok"


def test_a_cancelled_request_is_taken_in_the_same_step(tmp_path):
    inputs = (
        (0, "a/1", "script", quoted("start", "p", "a/2", "script", "reply yes")),
        (1, "a/1", "script", "cancel-request p;take p;take p"),
    )
    told = check(Case((Kind("a", count=2),), inputs=inputs), tmp_path)
    assert lines(told, "a/1")[-2:] == ["take:err:cancelled", "take:err:unknown-request"]


def test_one_request_is_answered_once_also_by_two_messages_of_a_step(tmp_path):
    inputs = (
        (0, "a/1", "script", quoted("ask", "a/2", "script", "defer p")),
        (0, "a/1", "t", "x"),
        (1, "a/3", "script", quoted("schedule", "t", SECOND_NS, "t", "x")),
        (2, "a/2", "script", "reply-to p first"),
        (2, "a/2", "script", "reply-to p second"),
    )
    told = check(Case((Kind("a", count=3),), inputs=inputs), tmp_path)
    assert lines(told, "a/1")[1] == "ask:ok:first"
    assert lines(told, "a/2")[-1] == "reply-to:err:request-closed"


def test_what_was_answered_or_has_ended_is_not_deferred(tmp_path):
    late = quoted("ask", "a/2", "script", "reply done;defer p;defer q")
    told = check(Case((Kind("a", count=2),), inputs=((0, "a/1", "script", late),)), tmp_path)
    assert lines(told, "a/2")[-2:] == ["defer:err:request-closed"] * 2


def test_an_agent_raised_anew_hears_nothing_that_its_predecessor_watched(tmp_path):
    kinds = (Kind("a", count=2, grants=("spawn:b", "stop:*")), Kind("b", count=0))
    script = (
        "spawn b x 0:;send b/x script 9:watch a/2;get k;watch b/x;stop b/x;spawn b x 0:;stop a/2"
    )
    told = check(Case(kinds, inputs=((0, "a/1", "script", script),)), tmp_path)
    assert "trace" not in told.states["b/x"]
    assert 'got:exit:world:{"agent":"b/x","reason":"stopped"}' in lines(told, "a/1")


def test_time_goes_on_from_the_latest_reading_not_beyond(tmp_path):
    inputs = ((0, "a", "script", f"repeat 1500 3:now;{quoted('send', 'a', 'script', 'now')}"),)
    told = check(Case((Kind("a", count=1),), inputs=inputs), tmp_path)
    assert told.steps[1].time - told.steps[0].time == 1_500_000
    assert int(told.states["a"]["now"]) == told.steps[1].time + 1_000


@pytest.mark.parametrize(
    ("script", "restart", "attempts"),
    [
        ("fail odd x", False, 1),
        ("now;fail odd x", False, 3),
        ("random;trap", False, 3),
        ("now;loop", False, 1),
        ("random;ask a/2 t x;trap", False, 1),
        ("ask a/2 t x;trap", True, 3),
        ("fail odd x", True, 1),
        ("ask a/2 t x;loop", True, 1),
    ],
)
def test_what_may_come_out_otherwise_is_tried_again(tmp_path, script, restart, attempts):
    kind = Kind("a", count=2, retries=2, restart=restart)
    told = check(Case((kind,), inputs=((0, "a/1", "script", script),)), tmp_path)
    tried = {row[2] for step in told.steps for row in step.segments if row[1] == 1}
    assert tried == set(range(attempts))
    (dead,) = [letter for step in told.steps for letter in step.dead]
    assert dead[2] == ("failed-after-commit" if "ask" in script else "failed")


@pytest.mark.parametrize("verb", ["send", "start p", "ask"])
def test_a_mailbox_takes_so_many_of_each_sender(tmp_path, verb):
    fill = f"flood a/2 t x 5;{verb} a/2 t y;publish news z;send a/3 t ok"
    inputs = tuple((0, agent, "script", fill) for agent in ("a/1", "a/3"))
    kind = Kind("a", count=3, batch=1, subscribe=("news",))
    told = check(Case((kind,), mailbox=3, inputs=inputs), tmp_path)
    assert lines(told, "a/1")[1] == "flood:3:mailbox-full"
    assert lines(told, "a/1")[3] == "publish:err:mailbox-full"
    assert sum(line.startswith("got:t") for line in lines(told, "a/2")) == 6


def test_a_stopped_agent_leaves_nothing_unanswered(tmp_path):
    kinds = (Kind("a", count=4, batch=1, grants=("stop:*",)),)
    inputs = (
        (0, "a/1", "script", quoted("ask", "a/2", "script", "ask a/3 script 7:defer p")),
        (0, "a/4", "script", quoted("schedule", "t", SECOND_NS, "t", "x")),
        (2, "a/3", "script", "start q a/2 t x"),
        (2, "a/2", "script", "schedule t 5 t x"),
        (4, "a/4", "script", "watch a/2;stop a/2;send a/2 t x;stop a/2;watch a/2;watch a/9"),
    )
    told = check(Case(kinds, inputs=inputs), tmp_path)
    assert "ask:err:stopped" in lines(told, "a/1")
    refused = ["send:err:stopped", "stop:err:stopped", "watch:ok", "watch:err:unknown-address"]
    assert lines(told, "a/4")[5:9] == refused
    assert sum(line.startswith("got:exit:world") for line in lines(told, "a/4")) == 2
    assert {letter[2] for step in told.steps for letter in step.dead} == {"stopped"}


def test_nothing_follows_from_stopping_oneself(tmp_path):
    kinds = (Kind("a", count=2),)
    inputs = (
        (0, "a/1", "script", quoted("ask", "a/2", "script", "send a/1 t x;stop a/2;send a/1 t y")),
    )
    told = check(Case(kinds, inputs=inputs), tmp_path)
    assert lines(told, "a/1")[1:] == ["ask:err:stopped", "got:t:a/2:x"]
    assert "a/2" not in told.states
    assert not any(step.dead for step in told.steps)


def test_an_outcome_is_taken_once_in_whatever_segment(tmp_path):
    script = (
        f"{quoted('start', 'p', 'a/2', 'script', 'reply yes')};wait-any p;take p;watch a/2;take p"
    )
    told = check(Case((Kind("a", count=2),), inputs=((0, "a/1", "script", script),)), tmp_path)
    assert lines(told, "a/1")[-3:] == ["take:ok:yes", "watch:ok", "take:err:unknown-request"]


def test_a_rebuilt_guest_finds_the_state_as_it_was(tmp_path):
    script = (
        "incr n;watch a/2;incr n;set k 1;watch a/2;get k;incr n;delete k;watch a/2;get k;incr n"
    )
    inputs = tuple((0, "a/1", "script", script) for _ in range(2))
    told = check(Case((Kind("a", count=2),), inputs=inputs), tmp_path)
    assert told.states["a/1"]["n"] == "8"
    assert lines(told, "a/1").count("get:some:1") == 2


def test_headers_are_bounded(tmp_path):
    script = f"header-size h 16367;send a/2 t x;header 0: 0:;publish t x;stop {'a' * 201}"
    told = check(Case((Kind("a", count=2),), inputs=((0, "a/1", "script", script),)), tmp_path)
    assert lines(told, "a/1")[2] == "send:ok"
    assert lines(told, "a/1")[4:] == ["publish:err:too-large", "stop:err:unknown-address"]


def test_several_knots_with_tails_are_broken_where_they_must(tmp_path):
    waits = {1: 2, 2: 1, 3: 4, 4: 5, 5: 3, 6: 1, 7: 6, 8: 3, 9: 9}
    inputs = [
        (0, f"a/{n}", "script", quoted("ask", f"a/{to}", "script", "reply yes"))
        for n, to in waits.items()
    ]
    either = f"{quoted('start', 'p', 'a/7', 't', 'x')};{quoted('start', 'q', 'a/9', 't', 'x')}"
    inputs.append((0, "a/10", "script", f"{either};wait-any p,q;take any"))
    told = check(Case((Kind("a", count=10),), inputs=tuple(inputs)), tmp_path)
    # Three knots; and before them the oldest request of all, of a/10, which begins the step.
    assert [ended[1] for ended in told.steps[0].ended] == ["deadlock"] * 4
    assert lines(told, "a/10")[3] == "wait-any:ok:p"
    assert lines(told, "a/7")[1] == "ask:ok:yes"


@pytest.mark.parametrize("call", ["spawn a late {}", "watch a/2", "stop a/2"])
@pytest.mark.parametrize("before", range(3))
def test_a_call_of_one_that_was_stopped_is_not_its_successors(tmp_path, call, before):
    kinds = (Kind("a", count=4, grants=("spawn:a", "stop:*")),)
    scripts = ["stop a/3", "spawn a 3 {};send a/3 t x;watch a/3;stop a/3", f"{call};incr n"]
    idle = tuple((n, "a/4", "script", "now") for n in range(before))
    last = tuple((before, f"a/{n}", "script", text) for n, text in enumerate(scripts, 1))
    check(Case(kinds, inputs=idle + last), tmp_path)
