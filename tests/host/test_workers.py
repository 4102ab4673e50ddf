"""Workers: whatever goes wrong, nothing runs on when `map` has returned."""

from __future__ import annotations

import _thread
import signal
import threading

import pytest

from wasm_engine.concepts.errors import HostFault
from wasm_engine.host.workers import Workers


@pytest.fixture
def workers():
    made = Workers(2)
    yield made
    made.close()


class Slow:
    """Work that goes on only when it is let go."""

    def __init__(self):
        self.begun, self.ended, self.go = [], [], threading.Event()

    def __call__(self, item):
        self.begun.append(item)
        self.go.wait()
        sum(range(100_000))
        self.ended.append(item)
        return item


def test_answers_are_in_the_order_of_the_items(workers):
    assert workers.map(lambda item: item * 2, range(100)) == list(range(0, 200, 2))


def test_of_several_errors_the_first_item_s_is_raised(workers):
    with pytest.raises(ZeroDivisionError):
        workers.map(lambda item: 1 // item if item % 2 == 0 else [][item], [4, 0, 1, 3])


def test_a_thread_that_cannot_be_started_leaves_nothing_running(workers, monkeypatch):
    slow, submit, pool = Slow(), workers._pool.submit, workers._pool

    def few(do, item):
        if item == 2:
            slow.go.set()
            raise RuntimeError("can't start new thread")
        return submit(do, item)

    monkeypatch.setattr(pool, "submit", few)
    with pytest.raises(HostFault, match="can't start new thread"):
        workers.map(slow, [0, 1, 2])
    assert sorted(slow.begun) == sorted(slow.ended)


def test_an_interrupt_leaves_nothing_running(workers):
    slow = Slow()

    def handler(_number, _frame):
        slow.go.set()
        raise KeyboardInterrupt

    def interrupting(item):
        if item == 0:
            _thread.interrupt_main()
        return slow(item)

    before = signal.signal(signal.SIGINT, handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            workers.map(interrupting, range(1_000))
        assert sorted(slow.begun) == sorted(slow.ended)
        assert len(slow.ended) < 1_000
    finally:
        signal.signal(signal.SIGINT, before)
