"""What may be sent a second time, and the patterns that say so."""

from __future__ import annotations

import pytest

from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.url_patterns import check_pattern
from wasm_engine.policy.effects import may_follow, may_repeat

ORDERS = ["https://a.com/orders", "https://b.com/orders/*", "https://*.c.com"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "get"])
def test_methods_that_do_no_more_when_they_are_sent_twice(method):
    assert may_repeat(method, "https://elsewhere/x", [])


@pytest.mark.parametrize("method", ["POST", "PATCH", "post", "QUERY", "LOCK"])
def test_others_only_where_the_manifest_says_so(method):
    assert not may_repeat(method, "https://a.com/orders", [])
    assert may_repeat(method, "https://a.com/orders", ORDERS)


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://a.com/orders?x=1", True),
        ("https://a.com/orders/1", False),
        ("https://a.com/", False),
        ("http://a.com/orders", False),
        ("https://a.com:8443/orders", False),
        ("https://b.com/orders/1", True),
        ("https://b.com/orders/", True),
        ("https://b.com/orders", False),
        ("https://b.com/orders/../admin", False),
        ("https://b.com/orders/%2e%2e/admin", False),
        ("https://x.c.com", True),
        ("https://X.C.com:443/any?thing", True),
        ("https://c.com/", False),
        ("no url", False),
    ],
)
def test_where(url, may):
    assert may_repeat("POST", url, ORDERS) is may


@pytest.mark.parametrize(
    ("first", "then", "may"),
    [
        (("GET", "https://a.com/"), ("GET", "https://b.com/"), True),
        (("POST", "https://a.com/elsewhere"), ("POST", "https://b.com/"), True),
        (("POST", "https://a.com/orders"), ("POST", "https://b.com/orders/1"), True),
        (("POST", "https://a.com/orders"), ("GET", "https://b.com/"), True),
        (("POST", "https://a.com/orders"), ("POST", "https://b.com/"), False),
    ],
)
def test_who_may_send_again_is_led_only_where_that_holds(first, then, may):
    assert may_follow(first, then, ORDERS) is may


@pytest.mark.parametrize(
    "text",
    ["https://a.com", "https://*.a.com", "http://[::1]:80" + "80/x", "https://a.com/x/*"],
)
def test_patterns(text):
    check_pattern(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "orders", "/orders", "a.com", "https://A.com", "https://a.com/*/x"),
        *("https://a.com/x*", "https://a.com/x?y", "https://a.com/x#y", "https://a.com/ö"),
    ],
)
def test_what_is_no_pattern(text):
    with pytest.raises(Wrong):
        check_pattern(text)
