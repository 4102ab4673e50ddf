"""References become secrets where they may, in the spelling of the place, or nothing is sent."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qs

import pytest

from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.secrets import Secret, reference_to
from wasm_engine.policy.secret_use import Filled, filled

VALUE = 'a"b\\c/d e&f=g%h'
REFERENCE = reference_to("key", "world", 7)
ALL = ("body", "header", "url")
SECRET = Secret("key", REFERENCE, VALUE, ("https://api.example.com", "https://*.wide.org"), ALL)
URL = "https://api.example.com/x"


def fill(url=URL, headers=(), body=None, *, secrets=(SECRET,), granted=("key",)):
    return filled(("POST", url, list(headers), body, 1, 2), secrets, granted)


def test_a_reference_outlives_urls_forms_and_json():
    assert json.dumps(REFERENCE) == f'"{REFERENCE}"'
    assert parse_qs(f"a={REFERENCE}")["a"] == [REFERENCE]
    assert reference_to("key", "world", 7) == REFERENCE
    assert len({reference_to("key", "world", 8), reference_to("key", "w", 7), REFERENCE}) == 3
    assert VALUE not in repr(SECRET)


def test_what_holds_no_reference_is_as_it_was():
    made = fill(headers=[("x", "y")], body=b"\xff")
    assert made == Filled(("POST", URL, [("x", "y")], b"\xff", 1, 2), ())


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        ("application/json; charset=utf-8", lambda body: json.loads(body)["k"]),
        ("application/problem+json", lambda body: json.loads(body)["k"]),
        ("application/x-www-form-urlencoded", lambda body: parse_qs(body.decode())["k"][0]),
        ("text/plain", lambda body: body.decode().partition("=")[2]),
        (None, lambda body: body.decode().partition("=")[2]),
    ],
)
def test_a_body_spells_it_as_its_type_does(kind, read):
    json_like = kind is not None and "json" in kind
    body = json.dumps({"k": REFERENCE}) if json_like else f"k={REFERENCE}"
    headers = [] if kind is None else [("Content-Type", kind)]
    made = fill(headers=headers, body=body.encode())
    assert made.used == ("key",)
    assert read(made.arguments[3]) == VALUE


def test_a_url_is_percent_encoded():
    made = fill(f"{URL}/{REFERENCE}?k={REFERENCE}")
    target = made.arguments[1].partition("?")
    assert parse_qs(target[2])["k"] == [VALUE]
    assert target[0] == f"{URL}/a%22b%5Cc%2Fd%20e%26f%3Dg%25h"


def test_credentials_in_base64_are_opened():
    inside = base64.b64encode(f"me:{REFERENCE}".encode()).decode()
    made = fill(headers=[("Authorization", f"Basic {inside}"), ("x", f"Basic {inside}")])
    (_, basic), other = made.arguments[2]
    assert base64.b64decode(basic.removeprefix("Basic ")).decode() == f"me:{VALUE}"
    assert other == ("x", f"Basic {inside}")


@pytest.mark.parametrize("value", ["Basic !", "Basic abc", "Basic", "basic  ====", "Basic YWJj"])
def test_credentials_that_are_none_stay(value):
    assert fill(headers=[("authorization", value)]).arguments[2] == [("authorization", value)]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"granted": ()}, "secret:key"),
        ({"url": "https://example.com/"}, "secret:key at https://example.com"),
        ({"url": "http://api.example.com/"}, "secret:key at http://api.example.com"),
        ({"url": "https://api.example.com:8443/"}, "secret:key at https://api.example.com:8443"),
        ({"url": "https://wide.org/"}, "secret:key at https://wide.org"),
        ({"secrets": (SECRET._replace(places=("body",)),)}, "secret:key in a request's header"),
        ({"secrets": ()}, "a reference that stands for no secret"),
        ({"url": f"https://{REFERENCE}.wide.org/"}, "secret:key in a request's host"),
        ({"headers": [(REFERENCE, "x")]}, "a reference that stands for no secret"),
        ({"headers": [("x", REFERENCE.upper())]}, "a reference that stands for no secret"),
        ({"body": REFERENCE[:-1].encode() + b"z" + b"0" * 40}, "a reference that stands for no"),
    ],
)
def test_where_it_is_not_for_the_request_is_refused(more, said):
    made = fill(**{"headers": [("x", REFERENCE)], **more})
    assert isinstance(made, Err)
    assert made.payload[0] == "not-granted"
    assert made.payload[1].startswith(said)


def test_below_a_name_it_may_go_where_the_manifest_says_so():
    assert fill("https://a.wide.org/", headers=[("x", REFERENCE)]).used == ("key",)


def test_a_url_that_grows_too_long_is_none():
    made = fill(f"{URL}?" + REFERENCE * 100, secrets=(SECRET._replace(value=VALUE * 50),))
    assert made.payload[0] == "too-large"


def test_several_secrets_in_one_request():
    other = Secret("other", reference_to("other", "world", 7), "something else", SECRET[3], ALL)
    made = fill(
        headers=[("x", f"{other.reference} {REFERENCE}")],
        secrets=(SECRET, other),
        granted=("key", "other"),
    )
    assert made.arguments[2] == [("x", f"something else {VALUE}")]
    assert made.used == ("key", "other")
    refused = fill(headers=[("x", f"{other.reference} {REFERENCE}")], secrets=(SECRET, other))
    assert refused.payload == ("not-granted", "secret:other")
