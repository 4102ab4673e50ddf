"""A journey through a run shows at each step what was there then, whatever way it came."""

from __future__ import annotations

import pytest

from wasm_engine.concepts.errors import BadRunFile, Misuse
from wasm_engine.control import runs
from wasm_engine.control.history import read, read_step
from wasm_engine.control.inspection import Wanted, inspect
from wasm_engine.control.observer import Unobserved
from wasm_engine.control.orders import Outside
from wasm_engine.control.step_entries import entry_after, last_step
from wasm_engine.control.travel import Journey
from wasm_engine.journal.runfile import RunFile


def _seen(journey):
    return (
        journey.step,
        journey.time,
        {agent: journey.state(agent) for agent in journey.agents()},
        {agent: journey.waiting(agent) for agent in journey.agents()},
        journey.messages(),
        journey.calls(),
        journey.log(),
    )


def test_forward_and_back_see_the_same(talk):
    with Journey.open(talk) as journey:
        forth = [_seen(journey)]
        while journey.forward():
            forth.append(_seen(journey))
        assert [seen[0] for seen in forth] == list(range(journey.steps + 1))
        back = [_seen(journey)]
        while journey.back():
            back.append(_seen(journey))
    assert back[::-1] == forth


def test_what_came_from_outside_on_the_way_arrives_once(kept):
    runs.send(kept, Outside("b", "start", "3 a"))
    runs.resume(kept)
    with Journey.open(kept) as journey:
        forth = [_seen(journey)]
        while journey.forward():
            forth.append(_seen(journey))
        assert forth[23][4][0].sender == "operator"
        journey.back(3)
        journey.forward(2)
        assert _seen(journey) == forth[-2]


@pytest.mark.parametrize("lifecycle", ["message", "resident"])
def test_wherever_it_comes_from_a_step_is_the_same(world, tmp_path, lifecycle):
    world.write_text(world.read_text() + f"lifecycle = '{lifecycle}'\n")
    file = tmp_path / "long.run"
    runs.run(world, file=file, send=[Outside("a", "start", "60 b")])
    with Journey.open(file) as journey:
        forth = [(_seen(journey), journey.memory("b"))]
        while journey.forward():
            forth.append((_seen(journey), journey.memory("b")))
        for step in (61, 60, 59, 58, 40, 39, 38, 37, 41, 40, 39, 5, 4, 3, 62, 61, 1, 0, 2, 1):
            journey.seek(step)
            assert (_seen(journey), journey.memory("b")) == forth[step]
        assert (forth[9][1] is None) == (lifecycle == "message")


def test_one_step_back_after_another_takes_few_steps_again(world, tmp_path):
    file = tmp_path / "long.run"
    runs.run(world, file=file, send=[Outside("a", "start", "200 b")])

    class Counter(Unobserved):
        steps = 0

        def at_step(self, step, messages):
            self.steps += 1

    counter = Counter()
    with Journey.open(file, observer=counter) as journey:
        journey.seek(150)
        assert counter.steps == 150
        while journey.back():
            pass
    assert counter.steps < 150 + 150 + 150 * 8


def test_leaps_land_where_steps_do(kept):
    with Journey.open(kept) as journey:
        journey.seek(7)
        seen = _seen(journey)
        journey.forward(5)
        assert journey.step == 12
        journey.back(5)
        assert _seen(journey) == seen
        assert journey.forward(1_000_000)
        assert (journey.step, journey.forward()) == (22, False)
        assert journey.back(1_000_000)
        assert (journey.step, journey.back()) == (0, False)


def test_what_is_seen_is_what_inspect_shows(talk):
    with Journey.open(talk) as journey:
        while journey.forward():
            report = inspect(
                talk, step=journey.step, wanted=Wanted(state=True, messages=True, calls=True)
            )
            assert {a: journey.state(a) for a in journey.agents()} == report.state
            assert list(journey.messages()) == [
                m for m in report.messages if m.step == journey.step
            ]
            assert list(journey.calls()) == [c for c in report.calls if c.step == journey.step]


def test_mail_that_waits_is_shown(kept):
    with Journey.open(kept) as journey:
        journey.seek(2)
        (message,) = journey.waiting("a")
        assert (message.id, message.sender, message.body) == (3, "b", {"text": "19"})
        assert journey.waiting("b") == ()


def test_there_is_no_step_that_never_was(kept):
    with Journey.open(kept) as journey:
        with pytest.raises(Misuse, match="no step 23; the last one is 22"):
            journey.seek(23)
        with pytest.raises(Misuse, match="whole number"):
            journey.seek(-1)
        with pytest.raises(Misuse, match="whole number"):
            journey.forward(0)
        with pytest.raises(Misuse, match="'nobody'"):
            journey.state("nobody")
        assert journey.step == 0


def test_a_journey_leaves_the_file_as_it_is(kept):
    before = kept.read_bytes()
    with Journey.open(kept) as journey:
        journey.seek(9)
        journey.back()
    assert kept.read_bytes() == before


def test_there_is_no_journey_through_nothing(tmp_path):
    with pytest.raises(BadRunFile):
        Journey.open(tmp_path / "nothing.run")


def test_steps_are_found_among_the_entries(kept, talk):
    for file in (kept, talk):
        with RunFile.open(file) as run:
            everything = read(run)
            assert last_step(run) == everything.steps
            together = [read_step(run, step) for step in range(1, everything.steps + 1)]
            for name in ("messages", "requests", "calls", "log"):
                rows = [row for one in together for row in getattr(one, name)]
                assert rows == getattr(everything, name)
            assert entry_after(run, everything.steps) == run.count + 1
            with pytest.raises(Misuse, match="no step"):
                entry_after(run, everything.steps + 1)
