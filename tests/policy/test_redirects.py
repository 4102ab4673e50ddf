"""Where a redirect leads: methods, bodies, headers, and URLs that nobody can tell."""

from __future__ import annotations

import pytest

from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.redirects import Request, redirected
from wasm_engine.concepts.web import Url

HEADERS = [
    *(("Accept", "x"), ("Authorization", "secret"), ("Cookie", "a=b"), ("X-Api-Key", "secret")),
    *(("Content-Type", "text/plain"), ("Idempotency-Key", "mine"), ("Referer", "here")),
]


def led(location, status=302, method="GET", url="https://a.com/x/y?z", headers=()):
    body = None if method in {"GET", "HEAD"} else b"body"
    request = Request(method, Url.parse(url), list(headers), body)
    return redirected(request, status, [("location", location)])


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        *((301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (303, "PUT", "GET")),
        *((303, "DELETE", "GET"), (303, "GET", "GET"), (303, "HEAD", "HEAD")),
        *((301, "PUT", "PUT"), (302, "DELETE", "DELETE"), (301, "HEAD", "HEAD")),
        *((307, "POST", "POST"), (308, "POST", "POST"), (307, "PATCH", "PATCH")),
    ],
)
def test_methods_and_what_goes_with_them(status, method, then):
    onward = led("/new", status, method, headers=HEADERS)
    names = {name.lower() for name, _ in onward.headers}
    assert onward.method == then
    if method == then:
        assert onward.body == (None if method in {"GET", "HEAD"} else b"body")
        assert (onward.keyed, onward.headers) == (True, HEADERS)
    else:
        assert (onward.body, onward.keyed) == (None, False)
        assert names == {"accept", "authorization", "cookie", "x-api-key", "referer"}


@pytest.mark.parametrize("status", [200, 201, 300, 304, 305, 306, 309, 400, 500])
def test_other_statuses_lead_nowhere(status):
    assert led("/new", status) is None


def test_without_a_location_it_leads_nowhere():
    request = Request("GET", Url.parse("https://a.com"), [], None)
    assert redirected(request, 302, [("X", "/new")]) is None
    assert redirected(request, 302, [("Location", "/new"), ("location", "/new")]) is not None
    with pytest.raises(Wrong):
        redirected(request, 302, [("Location", "/new"), ("location", "/other")])


@pytest.mark.parametrize(
    "location",
    ["https://b.com/", "http://a.com/x", "https://a.com:8443/", "//b.com/", "https://a.com.evil.com"],
)  # fmt: skip
def test_to_another_origin_goes_nothing_that_may_be_secret(location):
    onward = led(location, 307, "POST", headers=HEADERS)
    assert {name.lower() for name, _ in onward.headers} == {
        *("accept", "content-type", "idempotency-key")
    }
    back = redirected(onward, 307, [("Location", "https://a.com/x")])
    assert back.headers == onward.headers


@pytest.mark.parametrize(
    ("location", "url"),
    [
        *(("/new", "https://a.com/new"), ("new", "https://a.com/x/new"), ("?q", "https://a.com/x/y?q")),
        *(("../n", "https://a.com/n"), ("../../../n", "https://a.com/n"), ("./", "https://a.com/x/")),
        *(("", "https://a.com/x/y?z"), ("#f", "https://a.com/x/y?z"), ("/n#f", "https://a.com/n")),
        *(("//B.com/n", "https://b.com/n"), ("HTTP://b.com", "http://b.com/")),
        *((" /new\t", "https://a.com/new"), ("https://b.com:443/", "https://b.com/")),
    ],
)  # fmt: skip
def test_where_it_leads(location, url):
    assert led(location).url.text == url


@pytest.mark.parametrize(
    "location",
    [
        *(
            "ftp://b.com/",
            "file:///etc/passwd",
            "javascript:x",
            "data:,x",
            "http:b",
            "https:/b.com",
        ),
        *("https://u:p@b.com/", "https://a.com@b.com/", "///b.com/", "////b.com", "/\\b.com/"),
        *("\\\\b.com", "https://b.com\\@a.com/", "/a b", "/caf\xe9", "/\x7f", "https:///b.com"),
        *("http://127.1/", "http://0x7f.1/", "http://2130706433/", "http://[::1%25lo]/"),
        *("https://b.com:99999/", "https://b.com:x/", "//", f"/{'x' * 9000}", "http://[::1/"),
    ],
)
def test_where_nobody_can_tell(location):
    with pytest.raises(Wrong):
        led(location)
