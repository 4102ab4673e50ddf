"""Rules: which method and path of a server, and no way round them by another spelling."""

from __future__ import annotations

import sys
import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasm_engine.concepts import url_patterns
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.url_patterns import check_rule, ruled_in
from wasm_engine.concepts.web import Url
from wasm_engine.concepts.web_terms import HttpTerms

A = "https://a.com"
RULES = (f"GET {A}/v1/*", f"POST {A}/v1/orders", f"* {A}/any", "GET https://*.b.com")


def asked(method, url, rules=RULES):
    return ruled_in(rules, method, Url.parse(url))


@pytest.mark.parametrize(
    ("method", "url"),
    [
        *(("GET", f"{A}/v1/"), ("GET", f"{A}/v1/x"), ("GET", f"{A}/v1/x/y/")),
        ("GET", f"{A}/v1/x?y"),
        ("GET", f"{A}/v1/x?to=/../..;%2e//"),  # a query is the server's to read
        *(("POST", f"{A}/v1/orders"), ("POST", f"{A}:443/v1/orders?x=1")),
        *(("DELETE", f"{A}/any"), ("X-Y", f"{A}/any")),
        *(("GET", "https://x.b.com"), ("GET", "https://x.y.b.com/any/where")),
        *(("GET", f"{A}/v1/M%C3%BCnchen"), ("GET", f"{A}/v1/a%20b"), ("GET", f"{A}/v1/%E4%B8%AD")),
        *(("GET", f"{A}/v1/a:b@c,d=e+f!$&'()*~_-"), ("GET", f"{A}/v1/a%3Ab%40c%2B")),
        *(("GET", f"{A}/v1/file.txt"), ("GET", f"{A}/v1/.well-known"), ("GET", f"{A}/v1/a..b")),
    ],
)  # fmt: skip
def test_what_a_rule_covers(method, url):
    assert asked(method, url)


@pytest.mark.parametrize(
    ("method", "url"),
    [
        *(("POST", f"{A}/v1/x"), ("get", f"{A}/v1/x"), ("Get", f"{A}/v1/x"), ("HEAD", f"{A}/v1/x")),
        *(("GET", f"{A}/v1"), ("GET", f"{A}/v10"), ("GET", f"{A}/V1/x"), ("GET", f"{A}/")),
        *(("POST", f"{A}/v1/orders/"), ("POST", f"{A}/v1/Orders"), ("POST", f"{A}/v1/orders/1")),
        *(("GET", "http://a.com/v1/x"), ("GET", f"{A}:8443/v1/x"), ("GET", "https://b.com/")),
    ],
)
def test_what_no_rule_covers(method, url):
    assert not asked(method, url)


TRICKS = [
    *("..", "../admin", "x/../../admin", "./x", ".", "x/.", "x/..", "...", "x/.../y"),
    *("%2e%2e/admin", "%2E%2E/admin", ".%2e/admin", "%2e", "x%2fy", "..%2fadmin", "%2Fadmin"),
    *("..%5cadmin", "x%5C..", "..\\admin", "x\\y", "%252e%252e/admin", "x%25", "%%32%65"),
    *("/admin", "x//y", "x//", "//", "..;/admin", "x;y", "x;y=z/admin", "x%3by", "%3b"),
    *("%00", "x%00.png", "%0a", "%0d%0aX:y", "%09", "x%7f", "x%1f"),
    *("%61dmin", "%41", "x%2Dy", "x%7Ey", "x%3fy", "x%23y"),
    *("%c0%ae%c0%ae/admin", "%c0%af", "%e0%80%ae", "%ff", "%c3", "%ed%a0%80", "%fe%fe"),
    *("%ef%bc%8e%ef%bc%8e/admin", "%ef%bc%8f", "%e2%80%a5/x", "%e2%88%95", "%e2%81%84x"),
    *("%cd%be", "%ef%bb%bf", "%e2%80%8b", "%e2%80%ae", "%c2%ad", "%c2%a0", "%e3%80%82%e3%80%82/x"),
    *("%u002e", "%", "x%2", "%zz", "..%20/admin", "%20/x", ".%20", "x/%20.%20/y"),
    *("x|y", "x^y", "x`y", 'x"y', "<x>", "{x}", "[x]"),
]


@pytest.mark.parametrize("trick", TRICKS)
def test_what_a_server_may_read_as_another_path_is_covered_by_no_rule(trick):
    for rules in (RULES, (f"* {A}",), (f"GET {A}/*",)):
        assert not asked("GET", f"{A}/v1/{trick}", rules)
        assert not asked("GET", f"{A}/v1/{trick}?x", rules)
    assert HttpTerms((A,), 1, 1).objection("GET", Url.parse(f"{A}/v1/{trick}"), ()) == ""


def test_no_letter_that_is_let_through_looks_like_what_separates():
    """In no form of Unicode: some servers fold what they get."""
    parts = set("./\\%;?#\0 ")
    for first, last in url_patterns._LETTERS:
        for code in range(first, min(last, sys.maxunicode) + 1):
            for form in ("NFC", "NFKC", "NFKD"):
                folded = unicodedata.normalize(form, chr(code))
                # An accent that stands alone is a space and the accent to some: no separator.
                assert not parts & set(folded.replace(" ", "")), hex(code)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8))
def test_what_is_covered_is_one_segment_to_whoever_decodes_it(text):
    path = quote(text, safe="")
    if asked("GET", f"{A}/v1/{path}"):
        for form in ("NFC", "NFKC"):
            folded = unicodedata.normalize(form, text)
            assert not set(folded) & set("/\\;?#%")
            assert folded.strip(". ") != ""


@pytest.mark.parametrize(
    "text", [f"GET {A}", f"* {A}/x", f"M-SEARCH {A}/x/*", f"GET {A}/%C3%BC", "GET http://[::1]:8/*"]
)
def test_rules(text):
    check_rule(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *(("", "is no rule"), (A, "is no rule"), ("GET", "is no rule"), (f"GET  {A}", "no origin")),
        *((f"get {A}", 'write "GET"'), (f"CONNECT {A}", "tunnel"), (f"G:T {A}", "no method")),
        *((f"GET {A}/x?y", "no query"), (f"GET {A}/x*", "to the end"), ("GET a.com", "no origin")),
        *[(f"GET {A}/{it}", "another") for it in ("../x", "x//y", "%2e", "a;b", "x%2F/*", "%41")],
    ],
)  # fmt: skip
def test_what_is_no_rule(text, said):
    with pytest.raises(Wrong, match=said) as caught:
        check_rule(text)
    assert str(caught.value).isprintable()


def test_rules_narrow_what_is_granted_and_widen_nothing():
    terms = HttpTerms((A,), 1, 1, (f"GET {A}/v1/*", "GET https://elsewhere.com/*"))
    assert terms.objection("GET", Url.parse(f"{A}/v1/x"), ["accept"]) == ""
    assert "asking https://elsewhere.com" in terms.objection(
        "GET", Url.parse("https://elsewhere.com/"), ()
    )
    assert "no rule" in terms.objection("POST", Url.parse(f"{A}/v1/x"), ())
    nothing = terms._replace(rules=())
    assert "no rule" in nothing.objection("GET", Url.parse(f"{A}/v1/x"), ())


@pytest.mark.parametrize(
    "name", ["X-HTTP-Method-Override", "x_http_method", "X-Original-URL", "x-rewrite-url"]
)
def test_a_header_that_stands_for_the_method_or_the_path_is_not_sent_under_a_rule(name):
    url = Url.parse(f"{A}/v1/x")
    assert name in HttpTerms((A,), 1, 1, (f"GET {A}/v1/*",)).objection("GET", url, ["a", name])
    assert HttpTerms((A,), 1, 1).objection("GET", url, [name]) == ""
