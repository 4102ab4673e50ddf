"""Two values differ at one byte; that byte is found, however deep it lies."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wasm_engine.control.leaves import first_difference
from wasm_engine.journal.entries import Send

LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.binary())
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4), max_leaves=12)


@given(VALUES)
def test_a_value_does_not_differ_from_itself(value):
    assert first_difference(value, value) is None


@given(
    st.lists(VALUES, max_size=3), st.binary(min_size=1, max_size=300), st.lists(VALUES), st.data()
)
def test_one_changed_byte_is_found(before, data, after, draw):
    at = draw.draw(st.integers(0, len(data) - 1))
    changed = bytearray(data)
    changed[at] ^= draw.draw(st.integers(1, 255))
    found = first_difference([before, [data], after], [before, [bytes(changed)], after])
    assert (found.a, found.b, found.byte) == (data, bytes(changed), at)


def test_offsets_in_text_are_those_of_its_utf8_bytes():
    assert first_difference("schön", "schöm").byte == 5
    assert first_difference("one", "one more").byte == 3


def test_what_differs_in_a_long_text_is_shown():
    long = "x" * 5_000
    found = first_difference(f"{long}one{long}", f"{long}two{long}")
    assert found.byte == 5_000
    assert found.around(found.a) == "..." + "x" * 60 + "one" + "x" * 57 + "..."


def test_values_that_have_no_bytes_differ_as_a_whole():
    assert first_difference(1, 2).byte is None
    assert first_difference([1], [1, 2]).byte is None
    assert first_difference(True, 1).byte is None


def test_the_parts_of_a_record_are_looked_through():
    one = Send(1, "a", "t", ("text", "good"), [], None)
    other = Send(1, "a", "t", ("text", "gold"), [], None)
    assert first_difference([one], [other]).byte == 2
