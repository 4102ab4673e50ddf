"""Servers, as an agent in Python asks them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.interpreter.fake_host import Body_Bytes, Body_Text, Err, Fault, HttpResponse


@pytest.fixture
def answers(host):
    """A server that answers `answers[url]`, or 200 with the URL."""
    found = {}

    def fetch(request):
        return found.get(request.url, HttpResponse(200, [], Body_Text(request.url)))

    host.answers["http.fetch"] = fetch
    return found


@pytest.fixture
def sent(host, answers):
    """The request that went out last."""
    return lambda: host.called("http.fetch")[-1][0]


def test_a_request_and_its_response(sdk, answers, sent):
    labels = [("Content-Type", "application/json"), ("Set-Cookie", "a"), ("set-cookie", "b")]
    answers["https://a/x"] = HttpResponse(201, labels, Body_Text('{"n":1}'))
    answer = sdk.http.get("https://a/x", headers={"accept": "*/*"}, timeout=timedelta(seconds=2))
    assert (sent().method, sent().headers, sent().body) == ("GET", [("accept", "*/*")], None)
    assert sent().timeout == 2_000_000_000
    assert (answer.status, answer.ok, answer.json()) == (201, True, {"n": 1})
    assert answer.expect_ok() is answer
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["SET-COOKIE"] == "a, b"
    assert answer.headers.all("Set-Cookie") == ["a", "b"]
    assert answer.headers.get("x") is None
    assert list(answer.headers) == ["content-type", "set-cookie"]
    assert repr(answer) == "Response(201, '{\"n\":1}')"


def test_a_binary_body(sdk, answers):
    answers["https://a/x"] = HttpResponse(200, [], Body_Bytes(b"\xff"))
    assert sdk.http.get("https://a/x").bytes == b"\xff"


@pytest.mark.parametrize(
    ("value", "body", "kind"),
    [
        ("text", Body_Text("text"), "text/plain; charset=utf-8"),
        (b"\x00", Body_Bytes(b"\x00"), "application/octet-stream"),
        ({"a": [1]}, Body_Text('{"a":[1]}'), "application/json"),
        (0, Body_Text("0"), "application/json"),
        ("", Body_Text(""), "text/plain; charset=utf-8"),
    ],
)
def test_what_is_sent_says_what_it_is(sdk, sent, value, body, kind):
    sdk.http.post("https://a", value)
    assert (sent().method, sent().body, sent().headers) == ("POST", body, [("content-type", kind)])
    sdk.http.put("https://a", value, headers={"Content-Type": "x/y"})
    assert (sent().method, sent().headers) == ("PUT", [("Content-Type", "x/y")])


@pytest.mark.parametrize("method", ["get", "head", "delete", "post", "put", "patch"])
def test_a_function_for_each_method(sdk, sent, method):
    getattr(sdk.http, method)("https://a")
    assert sent().method == method.upper()


def test_parameters_are_added_to_the_query(sdk, sent):
    sdk.http.get("https://a/x", params={"q": "a b&c", "n": [1, 2]})
    assert sent().url == "https://a/x?q=a+b%26c&n=1&n=2"
    sdk.http.get("https://a/x?y", params={"q": 1})
    assert sent().url == "https://a/x?y&q=1"


def test_a_status_that_is_none_of_success(sdk, answers):
    answers["https://a"] = HttpResponse(404, [], Body_Text("nobody\nhere"))
    answer = sdk.http.get("https://a")
    assert not answer.ok
    with pytest.raises(sdk.HttpStatus, match="404: 'nobody") as caught:
        answer.expect_ok()
    assert caught.value.code == "http-status"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("timeout", "Timeout"),
        ("not-granted", "NotGranted"),
        ("invalid-request", "InvalidRequest"),
        ("unknown-host", "UnknownHost"),
        ("connection-failed", "ConnectionFailed"),
        ("tls-failed", "TlsFailed"),
        ("connection-lost", "ConnectionLost"),
        ("bad-response", "BadResponse"),
        ("too-large", "TooLarge"),
        ("outcome-unknown", "OutcomeUnknown"),
    ],
)
def test_every_end_without_a_response_has_a_class(sdk, host, code, name):
    host.refuse("http.fetch", code, "why")
    with pytest.raises(getattr(sdk, name), match="why"):
        sdk.http.get("https://a")


def test_many_at_once_with_requests_to_agents_among_them(sdk, host):
    outcomes = {
        1: HttpResponse(200, [], Body_Text("one")),
        2: Body_Text("two"),
        3: Err(Fault("timeout", "")),
    }
    numbers = iter([1, 3])
    host.answers["http.start"] = lambda request: next(numbers)
    host.answers["messaging.start"] = lambda *_: 2
    host.answers["messaging.wait_any"] = lambda awaited: awaited[-1]
    host.answers["http.take"] = lambda number: outcomes[number]
    host.answers["messaging.take"] = lambda number: outcomes[number]
    asked = [sdk.http.start("get", "https://a"), sdk.start("b", "t"), sdk.http.start("GET", "x")]
    found = sdk.gather(*asked, faults=True)
    assert [getattr(it, "text", None) for it in found] == ["one", "two", None]
    assert isinstance(found[2], sdk.Timeout)
    assert asked[0].wait().status == 200
    assert repr(asked[0]) == "Asked('GET', 'https://a', 1)"
    asked[0].cancel()
    assert host.called("messaging.cancel_request") == []


def test_cancelling(sdk, host):
    host.answers["http.start"] = 7
    sdk.http.start("GET", "https://a").cancel()
    assert host.called("messaging.cancel_request") == [(7,)]


@pytest.mark.parametrize(
    ("arguments", "more"),
    [
        ((1, "https://a"), {}),
        (("GET", b"https://a"), {}),
        (("GET", "https://\ud800"), {}),
        (("GET", "https://a"), {"headers": {"x": 1}}),
        (("GET", "https://a"), {"headers": {"x": "\ud800"}}),
        (("GET", "https://a", object()), {}),
        (("GET", "https://a"), {"timeout": -1}),
    ],
)
def test_what_the_bindings_cannot_carry_is_the_agents_own_error(sdk, sent, arguments, more):
    with pytest.raises((TypeError, ValueError)):
        sdk.http.fetch(*arguments, **more)
