"""Patterns of scripts: found where Python's are, in time that is bounded whatever they are."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wasm_engine.capabilities.chat.pattern_search import Purse, TooMuch, found
from wasm_engine.capabilities.chat.pattern_syntax import read_pattern
from wasm_engine.concepts.mistakes import Wrong

PLENTY = 10**9
ATOMS = st.sampled_from(
    [
        "a", "b", "B", r"\n", " ", ".", r"\w", r"\W", r"\d", r"\s", r"\S", "[ab]", "[^a]", "[a-c]",
        r"[^\d\n]", "[]a-]", r"\x61", r"\u00e9", "é", "_", r"\.", "{", "a{", "-", "1", "^", "$",
        r"\b", r"\B", r"\A", r"\Z", "",
    ]
)  # fmt: skip
TIMES = st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{,2}", "{2,}", "{0}"])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join),
        st.tuples(inner, TIMES).map(lambda it: f"(?:{it[0]}){it[1]}"),
        inner.map("({})".format),
        inner.map("(?i:{})".format),
        inner.map("(?ms:{})".format),
    ),
    max_leaves=8,
)
TEXTS = st.text("abBcé1_ .{-\n", max_size=12)


@settings(max_examples=200, deadline=None)
@given(PATTERNS, TEXTS, st.sampled_from(["", "(?i)", "(?ms)"]))
def test_what_is_found_is_what_python_finds(pattern, text, flags):
    whole = flags + pattern
    expected = re.search(whole, text) is not None
    assert found(read_pattern(whole), text, Purse(PLENTY)) == expected


@settings(deadline=None)
@given(st.text(r"ab()[]{}|*+?^$\.-,<>=!:Pimsdwx0129", max_size=12), TEXTS)
def test_any_text_is_a_pattern_or_none(pattern, text):
    try:
        tree = read_pattern(pattern)
    except Wrong:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of sets within sets, which Python may have one day
        expected = re.search(pattern, text) is not None
    assert found(tree, text, Purse(PLENTY)) == expected


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        (r"(a)\1", "refers to a group"),
        ("(?P<x>a)(?P=x)", "is unknown"),
        ("(?)a", "is unknown"),
        ("a(?=b)", "looks ahead or behind"),
        ("(?<!a)b", "looks ahead or behind"),
        ("a*+", "gives nothing back"),
        ("a**", "a repetition of a repetition"),
        ("*a", "nothing to repeat"),
        ("^*", "nothing to repeat"),
        ("(a", "does not end"),
        ("[a", "a set does not end"),
        ("a)", "closes nothing"),
        ("[b-a]", "a range goes from"),
        ("a\\", "a backslash stands at its end"),
        (r"\q", "means nothing"),
        (r"\x1", "takes 2 hexadecimal digits"),
        (r"\U00110000", "no such character"),
        ("a{2,1}", "from few to many"),
        ("a{1001}", "at most 1000"),
        ("(a{100}){100}", "parts, counting what is repeated"),
        ("(" * 60 + ")" * 60, "more than 50 deep"),
        ("a" * 5000, "there may be 4096"),
    ],
)
def test_what_is_not_taken_says_why(pattern, says):
    with pytest.raises(Wrong, match=re.escape(says)):
        read_pattern(pattern)


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*b", "(.*.*.*)*=", "(a?){30}a{30}b", r"(\w+\s?)+$"]
)
def test_what_takes_python_for_ever_takes_a_moment(pattern):
    assert not found(read_pattern(pattern), "a" * 20_000 + "!", Purse(200_000))


def test_many_sets_of_ways_cost_what_they_take_and_no_more_than_there_is():
    pattern, text = (
        read_pattern("(a|b)*a(a|b){60}$"),
        "".join("ab"[it * it % 7 % 2] for it in range(5000)),
    )
    purse = Purse(PLENTY)
    found(pattern, text, purse)
    spent = PLENTY - purse.left
    again = Purse(spent)
    found(pattern, text, again)
    assert again.left == 0
    with pytest.raises(TooMuch):
        found(pattern, text, Purse(spent - 1))


def test_what_is_kept_of_the_way_is_bounded_and_changes_nothing(monkeypatch):
    pattern = read_pattern("(a|b)*a(a|b){5}c")
    text = "".join("ab"[it * it % 11 % 2] for it in range(500))
    monkeypatch.setattr("wasm_engine.capabilities.chat.pattern_search._MOST_KEPT", 3)
    assert not found(pattern, text, Purse(PLENTY))
    assert found(pattern, text + "abbbbbc", Purse(PLENTY))
