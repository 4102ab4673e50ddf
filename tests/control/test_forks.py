"""A fork has its past in common with another run, and without an edit its future, too."""

from __future__ import annotations

import pytest

from tests.control.conftest import SCRIPTED
from wasm_engine.concepts.errors import BadComponent, BadRunFile, Misuse
from wasm_engine.control import runs
from wasm_engine.control.differences import diff
from wasm_engine.control.forks import Edits, fork
from wasm_engine.control.inspection import Wanted, inspect
from wasm_engine.control.orders import Outside, Pace
from wasm_engine.control.replays import replay
from wasm_engine.control.travel import Journey

NOTHING = Edits()


@pytest.fixture
def told(talk, tmp_path):
    """A run in which one agent is told what to do once in each step."""
    file = tmp_path / "told.run"
    runs.run(talk.parent / "talk/world.toml", file=file)
    for script in ("set color blue", "random", "get color", "random"):
        runs.send(file, Outside("asker", "script", script))
        runs.resume(file)
    return file


@pytest.mark.parametrize("at", [0, 1, 5, 21, 22])
def test_without_an_edit_the_future_is_the_same(kept, tmp_path, at):
    out = tmp_path / "fork.run"
    report = fork(kept, at=at, out=out)
    assert (report.at, report.world) == (at, "pingpong")
    assert inspect(out).steps == at
    last = runs.resume(out)
    assert (last.status, last.chain) == ("idle", replay(kept).chain)
    assert diff(kept, out).same
    assert last.run == report.run != report.origin
    assert replay(out).identical


def test_messages_from_outside_arrive_again_in_the_same_steps(told, tmp_path):
    for at in range(5):
        out = tmp_path / f"{at}.run"
        fork(told, at=at, out=out)
        runs.resume(out)
        assert diff(told, out).same


def _first_difference(file, tmp_path, at, **edits):
    out = tmp_path / "fork.run"
    fork(file, at=at, out=out, edits=NOTHING._replace(**edits))
    runs.resume(out)
    assert replay(out).identical
    with Journey.open(file) as one, Journey.open(out) as other:
        for step in range(at + 1):
            one.seek(step)
            other.seek(step)
            assert one.messages() == other.messages()
            assert one.calls() == other.calls()
    return diff(file, out), out


def test_with_another_state_it_differs_from_the_next_digest_of_that(told, tmp_path):
    found, out = _first_difference(told, tmp_path, 1, state=(("asker", "color", "red"),))
    assert (found.step, found.agent, found.what) == (2, "asker", "segment.state")
    trace = inspect(out, wanted=Wanted(state=True)).state["asker"]["trace"]
    assert "get:some:red" in trace
    assert inspect(out, wanted=Wanted(state=True)).state["asker"]["color"] == "red"
    assert inspect(told, wanted=Wanted(state=True)).state["asker"]["color"] == "blue"


def test_with_another_seed_it_differs_from_where_that_is_drawn(told, tmp_path):
    found, _ = _first_difference(told, tmp_path, 2, seed=99)
    assert (found.step, found.agent) == (4, "asker")


def test_with_a_message_it_differs_at_once(kept, tmp_path):
    found, out = _first_difference(kept, tmp_path, 5, messages=(("b", "start", "2 a"),))
    assert found.step == 6
    message = next(m for m in inspect(out, wanted=Wanted(messages=True)).messages if m.step == 6)
    assert (message.sender, message.to, message.body) == ("operator", "b", {"text": "2 a"})


def test_with_another_component_it_differs_where_that_runs(kept, tmp_path):
    found, out = _first_difference(kept, tmp_path, 5, components=(("a", str(SCRIPTED)),))
    assert (found.step, found.agent) == (7, "a")
    trace = inspect(out, wanted=Wanted(state=True)).state["a"]["trace"]
    assert "got:ping:b:" in trace


def test_a_fork_of_a_fork(kept, tmp_path):
    fork(kept, at=9, out=tmp_path / "one.run")
    runs.resume(tmp_path / "one.run", pace=Pace(max_steps=4))
    fork(tmp_path / "one.run", at=11, out=tmp_path / "two.run")
    runs.resume(tmp_path / "two.run")
    assert diff(kept, tmp_path / "two.run").same


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ({"state": (("nobody", "key", "value"),)}, "'nobody'"),
        ({"state": (("Not a name", "key", "value"),)}, "not an address"),
        ({"state": (("a", "k" * 513, "value"),)}, "too large"),
        ({"messages": (("nobody", "topic", "body"),)}, "'nobody'"),
        ({"messages": (("a", "Not a topic", "body"),)}, "not a topic"),
        ({"components": (("nobody", __file__),)}, "'nobody'"),
        ({"components": (("a", "nothing.wasm"),)}, "no such file"),
        ({"seed": -1}, "whole number"),
    ],
)
def test_edits_that_cannot_be_are_refused_and_nothing_is_written(kept, tmp_path, edits, message):
    before = kept.read_bytes()
    out = tmp_path / "fork.run"
    with pytest.raises(Misuse, match=message):
        fork(kept, at=5, out=out, edits=NOTHING._replace(**edits))
    assert not out.exists()
    assert kept.read_bytes() == before


def test_what_is_no_component_is_refused(kept, tmp_path):
    file = tmp_path / "no.wasm"
    file.write_bytes(b"no component")
    with pytest.raises(BadComponent):
        fork(
            kept,
            at=5,
            out=tmp_path / "f.run",
            edits=NOTHING._replace(components=(("a", str(file)),)),
        )
    assert not (tmp_path / "f.run").exists()


def test_there_is_no_fork_at_a_step_that_never_was_or_onto_something(kept, tmp_path):
    with pytest.raises(Misuse, match="no step 23"):
        fork(kept, at=23, out=tmp_path / "fork.run")
    with pytest.raises(Misuse, match="effects must be one of"):
        fork(kept, at=2, out=tmp_path / "fork.run", effects="some")
    (tmp_path / "there.run").write_text("something")
    with pytest.raises(BadRunFile):
        fork(kept, at=2, out=tmp_path / "there.run")
    assert (tmp_path / "there.run").read_text() == "something"
    assert not (tmp_path / "fork.run").exists()
