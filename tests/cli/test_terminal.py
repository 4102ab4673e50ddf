"""Whatever a guest writes, a terminal shows it and obeys none of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasm_engine.cli.terminal import escape, escape_lines, shorten


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x9b31m", "\\x9b31m"),
        ("abc\u202edcba", "abc\\u202edcba"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("\u2028", "\\u2028"),
        ("\x7f", "\\x7f"),
        ("\udc80", "\\udc80"),
        ("\U000e0001", "\\U000e0001"),
        ("Grüße, 世界, שלום", "Grüße, 世界, שלום"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_instead(text, shown):
    assert escape(text) == shown


@given(st.text())
def test_nothing_unprintable_is_left(text):
    assert escape(text).isprintable()


def test_lines_stay_lines():
    assert escape_lines("one\n\ttwo\x1b\n") == "one\n    two\\x1b\n"


def test_what_is_cut_says_so():
    assert shorten("abcdef", 6) == "abcdef"
    assert shorten("abcdefg", 6) == "abc..."
