"""What may stand behind an option."""

from __future__ import annotations

import argparse

import pytest

from wasm_engine.cli import values
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control.moment import Moment
from wasm_engine.control.orders import Outside


@pytest.mark.parametrize(
    "text", ["-1", "9223372036854775808", "1.0", "", "x", "\uff19", "1" * 5000]
)
def test_a_seed_is_a_whole_number_of_63_bits(text):
    with pytest.raises(argparse.ArgumentTypeError, match="whole number from 0"):
        values.seed(text)


def test_the_largest_seed():
    assert values.seed("9223372036854775807") == 2**63 - 1


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1970-01-01T00:00:01Z", 10**9),
        ("1970-01-01T01:00:00+01:00", 0),
        ("2025-01-01T00:00:00.000001Z", 1_735_689_600_000_001_000),
        ("+0s", 7),
        ("+10m", 600 * 10**9 + 7),
        ("+3ms", 3 * 10**6 + 7),
    ],
)
def test_a_moment_is_a_time_with_its_zone_or_a_while_after_the_epoch(text, nanoseconds):
    assert values.moment(text).at(epoch=7) == nanoseconds


@pytest.mark.parametrize("text", ["", "tomorrow", "2025-01-01T00:00:00", "+10", "+1y", "10m"])
def test_anything_else_is_no_moment(text):
    with pytest.raises(argparse.ArgumentTypeError, match="must be a time such as"):
        values.moment(text)


def test_a_moment_knows_what_it_is_counted_from():
    assert values.moment("+1s") == Moment(10**9, after_epoch=True)


def test_a_message_is_an_address_a_topic_and_text():
    assert values.message("worker/1", "go", "text") == Outside("worker/1", "go", "text")


@pytest.mark.parametrize("words", [("Bad", "t", "b"), ("a", "../t", "b"), ("a", "t", "\udcff")])
def test_a_message_with_a_mistake_is_refused_by_name(words):
    with pytest.raises(Misuse, match="--send"):
        values.message(*words)


def test_a_mapping_names_both_sides_or_one_for_both():
    assert values.mapping("/a::/b") == ("/a", "/b")
    assert values.mapping("here") == ("here", "here")
    with pytest.raises(argparse.ArgumentTypeError):
        values.mapping("::x")


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("0x1000:256", (0, 4096, 256)),
        ("010:0X10", (0, 10, 16)),
        ("1:0:", (1, 0, None)),
        ("0:0:0x20", (0, 0, 32)),
        ("4096:", (0, 4096, None)),
    ],
)
def test_a_region_is_an_address_and_a_length_and_maybe_a_memory(text, region):
    assert values.region(text) == region


@pytest.mark.parametrize(
    "text", ["", ":", "1", "x:1", "-1:2", "0x:1", "1:2:3:4", "1 :2", "\uff11:2"]
)
def test_anything_else_is_no_region(text):
    with pytest.raises(argparse.ArgumentTypeError, match="must be ADDRESS:LENGTH"):
        values.region(text)


def test_text_is_not_looked_for_where_it_is_noise():
    assert values.least("4") == 4
    with pytest.raises(argparse.ArgumentTypeError, match="from 4 to"):
        values.least("3")


def test_a_component_is_a_kind_and_a_file():
    assert values.component("worker=new=er.wasm") == ("worker", "new=er.wasm")
    for text in ("worker", "worker=", "=x", "worker/1=x", "operator=x"):
        with pytest.raises(argparse.ArgumentTypeError, match="KIND=FILE"):
            values.component(text)


def test_what_an_agent_is_to_keep_is_named_by_address_and_key():
    assert values.keeping("worker/1", "A key", "text") == ("worker/1", "A key", "text")
    for words in (("No", "k", "v"), ("a", "\udcff", "v"), ("a", "k", "\udcff")):
        with pytest.raises(Misuse, match="--set"):
            values.keeping(*words)
