"""Servers that say too much, or what two readers read in two ways; and what is never sent."""

from __future__ import annotations

import gzip
import json
from time import monotonic, process_time

import pytest

from tests.effects.test_http_client import ask, code

OK = b"HTTP/1.1 200 OK\r\n"


def raw(server, data, **more):
    return ask(server.origin + "/raw", "POST", body=data, **more)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/interim", "too-large"),
        ("/trailers", "too-large"),
        ("/extensions", "too-large"),
        ("/many-headers", "bad-response"),
        ("/endless-chunk-line", "bad-response"),
    ],
)
def test_what_never_ends_is_hung_up_on_long_before_its_time(server, path, expected):
    began, spent = monotonic(), process_time()
    assert code(ask(server.origin + path, timeout=60, most=1000)) == expected
    assert (monotonic() - began < 20, process_time() - spent < 10) == (True, True)


@pytest.mark.parametrize(
    "head",
    [
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: -5\r\n",
        b"Content-Length: 0x5\r\n",
        b"Content-Length: 5_0\r\n",
        b"Content-Length: \r\n",
        b"Content-Length: 99999999999999999999\r\n",
        b"X: a\rContent-Length: 5\r\n",
        b"X: a\0b\r\n",
        b"X: \x1b[2J\r\n",
        b"no header\r\nContent-Length: 5\r\n",
    ],
)
def test_a_body_whose_end_is_told_in_two_ways_is_none(server, head):
    assert code(raw(server, OK + head + b"\r\n5\r\nhello\r\n0\r\n\r\n")) == "bad-response"


@pytest.mark.parametrize("size", [b"-1", b"-2", b"-7fffffff", b"-0000000000000001"])
def test_a_chunk_of_less_than_nothing_is_none_and_asks_for_no_more(server, size):
    data = OK + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\n" + b"x" * 100_000
    assert code(raw(server, data)) == "bad-response"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"Content-Length: 5\r\n", b"hello"),
        (b"Content-Length: 5\r\nContent-Length: 5\r\n", b"hello"),
        (b"Content-Length: 5, 5\r\n", b"hello"),
        (b"Transfer-Encoding: Chunked\r\n", b"5\r\nhello\r\n0\r\n\r\n"),
        (b"Transfer-Encoding: identity\r\n", b"hello"),
        (b"X-Folded: a\r\n b\r\n", b"hello"),
        (b"X-Tab: a\tb\r\nX-Latin: \xe9\r\n", b"hello"),
        (b"", b"hello"),
    ],
)
def test_what_is_told_in_one_way_is_read(server, head, body):
    assert raw(server, OK + head + b"\r\n" + body)[2] == b"hello"


def test_interim_responses_before_the_response(server):
    interim = b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n" * 3
    assert raw(server, interim + OK + b"Content-Length: 2\r\n\r\nok")[::2] == (200, b"ok")


def test_chunks_of_one_byte_are_no_flood(server):
    body = b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n"
    answer = raw(server, OK + b"Transfer-Encoding: chunked\r\n\r\n" + body, most=100_000)
    assert answer[2] == b"x" * 100_000


def test_what_is_packed_is_not_unpacked(server):
    """A megabyte for each kilobyte is the guest's to unpack, in its own memory."""
    packed = gzip.compress(bytes(20 << 20), 9)
    head = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    assert raw(server, OK + head + packed, most=len(packed))[2] == packed
    assert code(raw(server, OK + head + packed, most=len(packed) - 1)) == "too-large"


def test_what_says_how_a_message_travels_is_never_the_guests(server):
    """A capability refuses these already; a clone of a response's headers may still hold them."""
    names = [
        *("Transfer-Encoding", "transfer_encoding", "Content_Length", "Connection", "Upgrade"),
        *(
            "Proxy",
            "Proxy-Authorization",
            "Expect",
            "TE",
            "Trailer",
            "HTTP2-Settings",
            "Keep-Alive",
        ),
    ]
    headers = [(name, "chunked") for name in names]
    said = json.loads(ask(server.origin, "POST", headers, b"x")[2])["headers"]
    assert set(said) == {
        *("host", "connection", "content-length", "accept-encoding", "user-agent"),
        "idempotency-key",
    }
    assert (said["connection"], said["content-length"]) == ("close", "1")
