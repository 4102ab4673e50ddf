"""JSON for guests: one spelling of a value, and the same bounds everywhere."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasm_engine.concepts.json_text import MAX_DEPTH, NotJson, check, read, write

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abé", max_size=3), inner),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_written_is_read_and_written_alike(value):
    text = write(value)
    assert read(text) == json.loads(text) == value
    assert write(read(text)) == text


@given(st.dictionaries(st.text("abé", max_size=3), st.integers(0, 9)))
def test_the_order_of_keys_is_that_of_their_utf8(table):
    text = write(dict(reversed(table.items())))
    assert text == write(table)
    keys = [key.encode() for key in read(text)]
    assert keys == sorted(keys)


@given(st.text('[]{}",:\\0123eE.-+ntrufalsNI \n', max_size=20))
def test_any_text_is_json_or_not(text):
    try:
        value = read(text)
    except NotJson:
        return
    assert value == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "{", '{"a":}', "[1,]", "nul", "1 2", "'a'", '"\n"', "\ufeff1"),
        *("NaN", "Infinity", "-Infinity", "1e999", "-1e999"),
        *("18446744073709551616", "-9223372036854775809", "9" * 5000, "-" + "9" * 5000),
        *("[" * 129 + "]" * 129, "[" * 1_000_000, '{"a":' * 1_000_000, '"' + "[" * 200),
    ],
)
def test_text_that_is_not_json(text):
    with pytest.raises(NotJson) as caught:
        read(text)
    assert len(str(caught.value)) < 200


def test_the_bounds_are_the_same_both_ways():
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert write(read(deepest)) == deepest
    with pytest.raises(NotJson, match="nested more than 128 deep"):
        write([read(deepest)])
    assert read('["' + "[" * 500 + '\\"]"]') == ["[" * 500 + '"]']
    assert read("18446744073709551615") == 2**64 - 1


def test_brackets_without_an_end_in_text_cost_no_more_than_their_length():
    with pytest.raises(NotJson):
        read('"' + '\\"[' * 300_000)


def test_what_is_wrong_is_told_with_its_place():
    with pytest.raises(NotJson) as caught:
        write({"a": [{"b c": {1, 2}}]})
    assert str(caught.value) == '.a[0]."b c": JSON has no set'


@pytest.mark.parametrize("text", ["9" * 5000, "1e999", "[" * 128 + "]" * 128, '"[[[["'])
def test_text_for_another_reader_may_have_any_number(text):
    check(text)


@pytest.mark.parametrize("text", ["", "x", "NaN", "[1", "[" * 129 + "]" * 129, "1 2"])
def test_text_for_another_reader_is_json_all_the_same(text):
    with pytest.raises(NotJson):
        check(text)
