"""What may be sent: text stays text, bytes stay bytes, the rest is JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.interpreter.fake_host import Body_Bytes, Body_Text


@dataclass
class Point:
    x: int
    tags: frozenset[str]


@pytest.mark.parametrize(
    ("value", "body"),
    [
        ("plain", Body_Text("plain")),
        (b"\x00\xff", Body_Bytes(b"\x00\xff")),
        (bytearray(b"ab"), Body_Bytes(b"ab")),
        ({"a": [1, None, True]}, Body_Text('{"a":[1,null,true]}')),
        ([], Body_Text("[]")),
        (7, Body_Text("7")),
        (None, Body_Text("null")),
        ("é", Body_Text("é")),
        (["é"], Body_Text('["é"]')),
        (Point(1, frozenset({"b", "a"})), Body_Text('{"x":1,"tags":["a","b"]}')),
        (["\ud800"], Body_Text('["\\ud800"]')),
    ],
)
def test_a_value_has_one_body(sdk, host, value, body):
    sdk.send("other", "topic", value)
    assert host.called("messaging.send")[0][2] == body


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud800", [[math.nan]]])
def test_what_is_no_value_is_refused_before_it_reaches_the_bindings(sdk, host, value):
    with pytest.raises(ValueError, match=r"JSON|surrogate"):
        sdk.send("other", "topic", value)
    assert not host.calls


def test_an_object_is_refused_by_the_name_of_its_type(sdk):
    with pytest.raises(TypeError, match="object"):
        sdk.send("other", "topic", object())


@pytest.mark.parametrize(
    ("to", "topic", "error", "named"),
    [
        (5, "topic", TypeError, "to must be text"),
        ("other", None, TypeError, "topic must be text"),
        ("other", "\udfff", ValueError, "topic holds half of a surrogate pair"),
    ],
)
def test_the_bindings_never_see_what_they_cannot_convert(sdk, host, to, topic, error, named):
    with pytest.raises(error, match=named):
        sdk.send(to, topic)
    assert not host.calls


def test_headers_are_text(sdk, host):
    sdk.send("other", "topic", headers={"trace": "1"})
    assert host.called("messaging.send")[0][3].headers == [("trace", "1")]
    with pytest.raises(TypeError, match="trace"):
        sdk.send("other", "topic", headers={"trace": 1})


@pytest.mark.parametrize(
    ("span", "nanoseconds"),
    [(0, 0), (1.5, 1_500_000_000), (3, 3_000_000_000), (timedelta(days=1), 86_400 * 10**9)],
)
def test_spans_are_seconds_or_timedeltas(sdk, host, span, nanoseconds):
    sdk.schedule("tick", after=span)
    assert host.called("messaging.schedule")[0][0] == nanoseconds


@pytest.mark.parametrize("span", [-1, math.inf, math.nan, 1e30, timedelta(seconds=-1)])
def test_spans_that_are_none_are_refused(sdk, span):
    with pytest.raises(ValueError, match="584 years"):
        sdk.schedule("tick", after=span)


def test_a_reply_is_read_in_three_ways(sdk, host):
    host.answers["messaging.ask"] = Body_Text('{"a":1}')
    reply = sdk.ask("other", "topic", timeout=2)
    assert reply.text == '{"a":1}'
    assert reply.bytes == b'{"a":1}'
    assert reply.json() == {"a": 1}
    assert host.called("messaging.ask")[0][3].timeout == 2 * 10**9
    host.answers["messaging.ask"] = Body_Bytes(b"\xc3\xa9")
    assert sdk.ask("other", "topic").text == "é"
