"""Replay, inspect, diff: each looks at the file alone."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from wasm_engine.concepts.errors import Interrupted, Misuse, ReplayDivergence
from wasm_engine.control import runs
from wasm_engine.control.differences import diff
from wasm_engine.control.inspection import Wanted, inspect
from wasm_engine.control.observer import Unobserved
from wasm_engine.control.orders import Outside
from wasm_engine.control.replays import replay
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Input, StepBody
from wasm_engine.journal.runfile import RunFile

ALL = Wanted(messages=True, state=True, calls=True, log=True)


def test_a_replay_needs_nothing_but_the_file(kept, tmp_path, monkeypatch):
    alone = tmp_path / "alone"
    alone.mkdir()
    copy = alone / "copy.run"
    copy.write_bytes(kept.read_bytes())
    kept.unlink()
    monkeypatch.setenv("WASM_ENGINE_HOME", str(tmp_path / "elsewhere"))
    report = replay(copy)
    assert (report.identical, report.equivalent, report.signed) == (True, True, None)
    assert (report.steps, report.divergence) == (22, None)
    assert [path.name for path in alone.iterdir()] == ["copy.run"]


def test_a_replay_may_end_early(kept):
    assert replay(kept, to=7).steps == 7
    with pytest.raises(Misuse, match="no step 23"):
        replay(kept, to=23)


def test_a_replay_can_be_interrupted(kept):
    class Stopper(Unobserved):
        def stop_asked(self):
            return True

    with pytest.raises(Interrupted):
        replay(kept, observer=Stopper())


def test_the_same_for_any_number_of_workers(kept):
    assert replay(kept, workers=4) == replay(kept)


def test_a_look_shows_what_was_asked_for_and_nothing_else(kept):
    plain = inspect(kept)
    assert (plain.messages, plain.state, plain.calls, plain.log) == (None, None, None, None)
    assert [(row.address, row.received, row.handled) for row in plain.agents] == [
        ("a", 11, 11),
        ("b", 11, 11),
    ]
    assert (plain.step, plain.steps) == (22, 22)
    assert plain.time == "2025-01-01T00:00:00.022000000Z"


def test_a_look_as_of_a_step_sees_no_later_one(kept):
    report = inspect(kept, step=3, wanted=ALL)
    assert [(m.id, m.sender, m.to) for m in report.messages] == [
        (1, "operator", "a"),
        (2, "a", "b"),
        (3, "b", "a"),
        (4, "a", "b"),
    ]
    assert report.messages[1].body == {"text": "20"}
    assert [(c.step, c.agent, c.name) for c in report.calls] == [
        (1, "a", "wasm-engine:agent/messaging#send"),
        (2, "b", "wasm-engine:agent/messaging#send"),
        (3, "a", "wasm-engine:agent/messaging#send"),
    ]
    assert report.state == {"a": {}, "b": {}}
    assert report.log == ()


def test_a_conversation_is_shown_with_replies_and_timers(talk):
    report = inspect(talk, wanted=ALL)
    said = [(m.id, m.step, m.sender, m.to, m.topic, m.request) for m in report.messages]
    assert said == [
        (1, 1, "operator", "asker", "script", None),
        (2, 1, "asker", "clerk", "script", 1),
        (3, 4, "asker", "asker", None, None),
    ]
    (ended,) = report.requests
    assert (ended.step, ended.request, ended.how, ended.body) == (2, 1, "reply", {"text": "hello"})
    assert [line.text for line in report.log] == ["ask:ok:hello", "hi"]
    assert report.state["asker"]["color"] == "blue"
    assert inspect(talk, step=3, wanted=ALL).state["asker"]["color"] == "blue"
    assert inspect(talk, step=2, wanted=ALL).state["asker"].keys() == {"trace"}


def test_an_agent_that_nobody_wrote_to_is_there_too(world, tmp_path):
    quiet = tmp_path / "quiet.run"
    runs.run(world, file=quiet)
    assert [row.address for row in inspect(quiet).agents] == ["a", "b"]


def test_a_look_before_the_first_step_sees_the_agents_only(kept):
    report = inspect(kept, step=0, wanted=ALL)
    assert (report.messages, report.time) == ((), "2025-01-01T00:00:00.000000000Z")


def test_a_look_at_one_agent(kept):
    report = inspect(kept, agent="b", step=3, wanted=ALL)
    assert [m.id for m in report.messages] == [2, 3, 4]
    assert [c.agent for c in report.calls] == ["b"]
    assert [row.address for row in report.agents] == ["b"]
    with pytest.raises(Misuse, match="'c'"):
        inspect(kept, agent="c")


def test_there_is_no_look_at_a_step_that_never_was(kept):
    with pytest.raises(Misuse, match="no step 23"):
        inspect(kept, step=23)
    for look in (lambda: inspect(kept, step=-1), lambda: replay(kept, to=-1)):
        with pytest.raises(Misuse, match="must be a whole number"):
            look()


def test_two_runs_of_one_world_are_the_same(world, kept, tmp_path):
    other = tmp_path / "other.run"
    runs.run(world, file=other, send=[Outside("a", "start", "20 b")])
    assert diff(kept, other).same


def test_the_first_difference_is_named(world, kept, tmp_path):
    def against(**given):
        other = tmp_path / f"{len(list(tmp_path.iterdir()))}.run"
        runs.run(world, file=other, **given)
        found = diff(kept, other)
        return found.step, found.agent, found.call, found.what, found.made_of

    start = Outside("a", "start", "20 b")
    assert against(send=[Outside("a", "start", "21 b")]) == (1, None, None, "input.body", ())
    assert against(send=[]) == (1, None, None, "entry", ())
    # These agents draw no entropy: another seed, the same history.
    assert against(send=[start], seed=1) == (None, None, None, None, ("seed", "manifest"))


def test_a_longer_run_differs_where_the_shorter_one_ends(kept, tmp_path):
    longer = tmp_path / "longer.run"
    longer.write_bytes(kept.read_bytes())
    runs.send(longer, Outside("a", "start", "1 b"))
    found = diff(kept, longer)
    assert (found.step, found.what, found.a, found.b) == (23, "entry", "the end", "an input")


def _forged(kept, file, change):
    """The same run with one step changed, and the chain computed anew: what a forger would do."""
    with RunFile.open(kept) as run:
        contents = [(digest, run.content(digest)) for digest in run.header.contents]
        with RunFile.create(file, run.header, contents) as forged:
            for entry in run.entries(2):
                body = entries.decode(entry.kind, entry.body)
                data = entries.encode(change(body))[1]
                forged.append(entry.kind, data, durable=False, detail=entry.detail)
    return file


def test_a_changed_record_is_named_by_step_agent_and_values(kept, tmp_path):
    def change(body):
        if not isinstance(body, StepBody) or body.step != 5:
            return body
        (segment,) = body.segments
        return replace(body, segments=[replace(segment, fuel=segment.fuel + 1)])

    forged = _forged(kept, tmp_path / "forged.run", change)
    report = replay(forged)
    assert (report.identical, report.equivalent) == (False, False)
    assert (report.divergence.step, report.divergence.agent) == (5, "a")
    assert report.divergence.expected.startswith("fuel ")
    found = diff(kept, forged)
    assert (found.step, found.agent, found.what) == (5, "a", "segment.fuel")
    with pytest.raises(ReplayDivergence):
        runs.resume(forged, take_over=True)


def test_a_changed_input_diverges_where_it_arrives(kept, tmp_path):
    def change(body):
        return replace(body, body=("text", "19 b")) if isinstance(body, Input) else body

    report = replay(_forged(kept, tmp_path / "forged.run", change))
    assert (report.divergence.step, report.divergence.agent) == (1, "a")
    assert (report.divergence.call, "'19'" in report.divergence.got) == (0, True)


def test_a_step_too_many_diverges(kept, tmp_path):
    forged = _forged(kept, tmp_path / "forged.run", lambda body: body)
    with RunFile.open(forged, write=True) as run:
        *_, last = run.entries()
        body = replace(entries.decode(last.kind, last.body), step=23)
        run.append(last.kind, entries.encode(body)[1], durable=True, detail=last.detail)
    report = replay(forged)
    assert (report.divergence.step, report.divergence.got) == (23, "nothing left to do")
