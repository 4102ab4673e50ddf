"""What a resident agent handled is kept as few bytes, and comes back as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasm_engine.concepts import faults
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.message import Message
from wasm_engine.orchestrator.past import Entry, packed, unpacked

BODIES = st.tuples(st.just("text"), st.text()) | st.tuples(st.just("bytes"), st.binary())
NUMBERS = st.integers(0, 2**63 - 1)
MESSAGES = st.builds(
    Message,
    id=NUMBERS,
    sender=st.text(),
    topic=st.text(),
    body=BODIES,
    headers=st.lists(st.tuples(st.text(), st.text())),
    request=st.none() | NUMBERS,
)
FAULTS = st.builds(faults.refusal, st.sampled_from([faults.TIMEOUT, faults.STOPPED]), st.text())
ANSWERS = st.none() | st.booleans() | NUMBERS | BODIES | FAULTS | st.lists(NUMBERS)


@given(MESSAGES, st.integers(0, 9), st.lists(ANSWERS), NUMBERS, NUMBERS, NUMBERS)
def test_a_packed_log_comes_back(
    message: Message, attempt: int, returned: list[object], seed: int, step: int, time: int
) -> None:
    log = unpacked(packed((seed, step, time, 7), message, attempt, returned))
    assert (log.seed, log.message, log.attempt) == (seed, message, attempt)
    assert log.entries == [Entry(0, step, time, None, answered=True)]
    assert log.returned == returned
    assert [type(value) for value in log.returned] == [type(value) for value in returned]
    assert (type(log.message), type(log.message.body)) == (Message, tuple)
    assert all(type(header) is tuple for header in log.message.headers)


@pytest.mark.parametrize("count", [0, 1, 40])
def test_answers_that_are_nothing_take_no_room(count: int) -> None:
    message = Message(1, "a", "t", ("text", ""), [], None)
    whole, none = (packed((0, 1, 2, 3), message, 0, [None] * n) for n in (count, 0))
    assert len(whole) == len(none)
    assert unpacked(whole).returned == [None] * count
    assert unpacked(packed((0, 1, 2, 3), message, 0, [Err("x")])).returned == [Err("x")]
