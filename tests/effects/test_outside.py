"""The threads that carry effects out: many at once, each outcome once, none once cancelled."""

from __future__ import annotations

import threading

import pytest

from wasm_engine.concepts.effect import Issued
from wasm_engine.concepts.errors import Bug, HostFault
from wasm_engine.concepts.faults import refusal
from wasm_engine.host.outside import OutsideWorkers


def issued(number, capability="say"):
    return Issued(number, "a", 1, 0, 0, capability, (number,), "")


def collected(outside, count):
    """What arrives, until there is that much."""
    found = []
    while len(found) < count:
        outside.wait(20)
        more = outside.arrived()
        assert more
        found += more
    return sorted(found)


@pytest.fixture
def outside():
    """Makes one, which is closed in the end."""
    made = []

    def make(perform, most=64, **how):
        made.append(OutsideWorkers({"say": perform}, most, **how))
        return made[0]

    yield make
    for each in made:
        each.close()
        assert not any(thread.is_alive() for thread in each._threads)


def test_each_outcome_arrives_once(outside):
    it = outside(lambda effect, _: (effect.number,) if effect.number % 2 else refusal("odd"))
    for number in range(200):
        it.begin(issued(number))
    found = collected(it, 200)
    assert [row[0] for row in found] == list(range(200))
    assert found[3][1] == (3,)
    assert found[4][1] == refusal("odd")
    it.wait(0)
    assert it.arrived() == []


def test_as_many_at_once_as_may_be_and_no_more(outside):
    gate = threading.Barrier(3, timeout=20)

    def perform(effect, cancellation):
        gate.wait()
        return ()

    it = outside(perform, most=3)
    for number in range(9):
        it.begin(issued(number))
    assert len(collected(it, 9)) == 9
    assert len(it._threads) == 3


def test_a_thread_that_is_free_is_used_again(outside):
    it = outside(lambda effect, _: ())
    for number in range(20):
        it.begin(issued(number))
        collected(it, 1)
    assert len(it._threads) < 20


def test_nothing_arrives_of_what_was_cancelled(outside):
    began, stopped = threading.Event(), threading.Event()

    def perform(effect, cancellation):
        if effect.number == 1:
            cancellation.on_cancel(stopped.set)
            began.set()
            assert stopped.wait(20)
            assert cancellation.cancelled
        return ()

    it = outside(perform, most=1)
    it.begin(issued(1))
    it.begin(issued(2))
    it.begin(issued(3))
    assert began.wait(20)
    it.cancel(2)
    it.cancel(1)
    it.cancel(1)
    it.cancel(99)
    assert collected(it, 1) == [(3, ())]


def test_what_waits_for_its_lane_holds_no_thread_and_lets_others_pass(outside):
    passed = threading.Event()
    order = []

    def perform(effect, cancellation):
        if effect.number < 0:
            passed.set()
        else:
            order.append(effect.number)
            assert passed.wait(20)
        return ()

    it = outside(perform, most=3, lane=lambda effect: ("one", 1) if effect.number >= 0 else None)
    for number in range(50):
        it.begin(issued(number))
    assert len(it._threads) == 1
    it.cancel(7)
    it.begin(issued(-1))
    assert len(it._threads) == 2
    assert [row[0] for row in collected(it, 50)] == [-1, *(n for n in range(50) if n != 7)]
    assert order == [n for n in range(50) if n != 7]


def test_a_lane_lets_as_many_out_as_it_may(outside):
    gate = threading.Barrier(2, timeout=20)
    lock, now, most = threading.Lock(), set(), []

    def perform(effect, cancellation):
        with lock:
            now.add(effect.number)
            most.append(len(now))
        gate.wait()
        with lock:
            now.discard(effect.number)
        return ()

    it = outside(perform, lane=lambda _effect: ("two", 2))
    for number in range(8):
        it.begin(issued(number))
    assert len(collected(it, 8)) == 8
    assert max(most) == 2
    assert len(it._threads) == 2


def test_who_cancels_one_that_is_out_gives_its_lane_to_the_next(outside):
    began = threading.Event()

    def perform(effect, cancellation):
        if effect.number == 1:
            stopped = threading.Event()
            cancellation.on_cancel(stopped.set)
            began.set()
            assert stopped.wait(20)
        return ()

    it = outside(perform, lane=lambda _effect: ("one", 1))
    it.begin(issued(1))
    it.begin(issued(2))
    assert began.wait(20)
    it.cancel(1)
    assert collected(it, 1) == [(2, ())]


def test_closing_cancels_what_is_out(outside):
    began, stopped = threading.Event(), threading.Event()

    def perform(effect, cancellation):
        began.set()
        cancellation.on_cancel(stopped.set)
        assert stopped.wait(20)
        return ()

    it = outside(perform)
    it.begin(issued(1))
    assert began.wait(20)
    it.close()
    it.begin(issued(2))
    it.wait(0)
    assert it.arrived() == []


@pytest.mark.parametrize(
    ("error", "kind"),
    [(HostFault("no"), HostFault), (MemoryError(), HostFault), (KeyError("x"), Bug)],
)
def test_what_this_machine_fails_in_is_no_outcome(outside, error, kind):
    def perform(effect, cancellation):
        raise error

    it = outside(perform)
    it.begin(issued(1))
    it.wait(20)
    with pytest.raises(kind):
        it.arrived()


def test_a_capability_that_nobody_performs_is_our_own_mistake(outside):
    it = outside(lambda effect, _: ())
    it.begin(issued(1, "fly"))
    it.wait(20)
    with pytest.raises(Bug):
        it.arrived()


def test_a_machine_without_threads(outside, monkeypatch):
    def start(thread):
        message = "can't start new thread"
        raise RuntimeError(message)

    it = outside(lambda effect, _: ())
    monkeypatch.setattr(threading.Thread, "start", start)
    it.begin(issued(1))
    with pytest.raises(HostFault, match="thread"):
        it.arrived()
