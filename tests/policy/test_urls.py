"""URLs, methods and headers: one way to read each, or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.web import Url, check_headers, check_method


@pytest.mark.parametrize(
    ("text", "origin", "target"),
    [
        ("https://a.com", "https://a.com", "/"),
        ("HTTPS://A.com:443/X", "https://a.com", "/X"),
        ("http://a.com:8080/x?y=z", "http://a.com:8080", "/x?y=z"),
        ("http://a.com?y", "http://a.com", "/?y"),
        ("http://127.0.0.1/@x", "http://127.0.0.1", "/@x"),
        ("http://[0:0::1]:81/", "http://[::1]:81", "/"),
        ("http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]", "/"),
        ("http://a_b.c/", "http://a_b.c", "/"),
    ],
)
def test_a_url(text, origin, target):
    url = Url.parse(text)
    assert (url.origin, url.target) == (origin, target)


@pytest.mark.parametrize(
    "text",
    [
        *("", "a.com", "//a.com", "ftp://a.com", "https:/a.com", "https://", "https:///x"),
        *("https://a.com#x", "https://a.com/#x", "https://a b.com", "https://a.com/\n"),
        *("https://u@a.com", "https://u:p@a.com/", "https://a.com@b.com", "https://a.com\\@b.com"),
        *("https://a.com:", "https://a.com:0", "https://a.com:x", "https://a.com:99999"),
        *("https://1.2.3", "https://1.2.3.4.5", "https://01.2.3.4", "https://0x7f.0.0.1"),
        *("https://a..b", "https://.a", "https://a.", "https://-a.b", f"https://{'a' * 64}.b"),
        *("https://[::1", "https://::1", "https://[::g]", "https://[1.2.3.4]", "https://[]"),
        f"https://a/{'x' * 9000}",
    ],
)
def test_what_is_no_url(text):
    with pytest.raises(Wrong) as caught:
        Url.parse(text)
    assert str(caught.value).isprintable()


@given(st.from_regex(r"https?://[a-b0-9.:@/?#\[\]\\_-]{0,12}", fullmatch=True))
def test_what_is_a_url_is_spelled_again_as_itself(text):
    try:
        url = Url.parse(text)
    except Wrong:
        return
    again = Url.parse(url.origin + url.target)
    assert again == url
    assert again.origin == url.origin


@pytest.mark.parametrize("method", ["GET", "get", "PROPFIND", "M-SEARCH"])
def test_methods(method):
    check_method(method)


@pytest.mark.parametrize("method", ["", "GE T", "GET\r\n", "G:T", "connect", "X" * 33, "Ö"])
def test_what_is_no_method(method):
    with pytest.raises(Wrong):
        check_method(method)


def test_headers():
    check_headers([("accept", "a, b\tc"), ("X-Any", "caf\xe9"), ("x-empty", "")])


@pytest.mark.parametrize(
    "header",
    [
        *(("Host", "a"), ("content-length", "1"), ("Transfer-Encoding", "chunked")),
        *(("connection", "close"), ("upgrade", "x"), ("Proxy-Connection", "x")),
        *(("", "x"), ("a b", "x"), ("a:", "x"), ("a\n", "x"), ("é", "x")),
        *(("a", "x\r\ny: z"), ("a", "x\n"), ("a", "\0"), ("a", "\x7f"), ("a", "☃")),
    ],
)
def test_headers_that_no_guest_may_set(header):
    with pytest.raises(Wrong):
        check_headers([header])
