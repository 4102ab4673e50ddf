"""URLs, patterns and rules of them, networks, redirects: one reading, or none."""

from __future__ import annotations

from contextlib import suppress

from wasm_engine.concepts.addresses import may_reach, read_address, read_network
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.redirects import Request, redirected
from wasm_engine.concepts.url_patterns import check_pattern, check_rule, fits, origin_part, ruled_in
from wasm_engine.concepts.web import Url, check_headers, check_method, check_origin, covers
from wasm_engine.policy.grants import Grant
from wasm_engine.policy.sources import check_source

FORMS = ("text",)
REFUSES = (Wrong,)
WORDS = (
    b"https://", b"http://", b"*.", b"[::1]", b"[::ffff:1.2.3.4]", b"0x7f.1", b":443", b":80", b"@",
    b"%2e", b"%2F", b"%c0%af", b"/../", b"//", b"/*", b"?", b"#", b"GET ", b"* ", b"127.0.0.1",
    b"a.b",
    b"mount:", b"address:", b"10.0.0.0/8", b"fd00::/8", b"/0", b"/129", b"%eth0", b".", b"xn--",
)  # fmt: skip
_ASKED = Request("POST", Url.parse("https://a.example:8443/x/y?z"), [("Cookie", "1")], b"body")


def check(data: bytes) -> None:
    """Whatever is read has one spelling, which is read as the same again."""
    text = data.decode("utf-8", "surrogateescape")
    _addresses(text)
    for look in (_origin, _pattern, _rule, _grant, _redirect, check_method, check_source):
        with suppress(Wrong):
            look(text)
    with suppress(Wrong):
        check_headers([(text[:20], text)])
    url = Url.parse(text)
    assert Url.parse(url.text) == url
    assert covers(url.origin, url.origin)
    check_origin(url.origin)
    ruled_in(["* https://a.example/*"], "GET", url)


def _origin(text: str) -> None:
    check_origin(text)
    if "://*." not in text:
        assert Url.parse(text).origin == text


def _pattern(text: str) -> None:
    check_pattern(text)
    check_origin(origin_part(text))
    fits(text, "https://a.example", "/x")


def _rule(text: str) -> None:
    check_rule(text)
    method, _, pattern = text.partition(" ")
    if "*" not in pattern:
        assert ruled_in([text], "GET" if method == "*" else method, Url.parse(pattern))


def _grant(text: str) -> None:
    assert str(Grant.parse(text)) == text


def _redirect(text: str) -> None:
    onward = redirected(_ASKED, 302, [("Location", text)])
    assert onward is not None
    assert Url.parse(onward.url.text) == onward.url


def _addresses(text: str) -> None:
    with suppress(ValueError):
        may_reach(read_address(text), [])
    with suppress(Wrong):
        assert str(read_network(text)) == text


def seeds() -> list[bytes]:
    """One of each."""
    return [
        *(b"https://api.example.com/v1/x?y=1", b"http://[::1]:8080/", b"http://127.0.0.1"),
        *(b"https://*.example.com/orders/*", b"GET https://a.example/v1/%20x/*", b"* https://a.b/"),
        *(b"10.0.0.0/8", b"fd00::/8", b"::ffff:10.0.0.1", b"fe80::1%eth0", b"../x?y#z", b"//b/c"),
        *(b"mount:/usr/share/*", b"spawn:worker", b"stop:a/*", b"address:10.0.0.0/8", b"https:*"),
    ]
