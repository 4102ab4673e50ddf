"""What an agent may ask, and how it is told: the host functions upon a real guest's side."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from wasm_engine.agents.manifest import Budget
from wasm_engine.capabilities import http, messaging
from wasm_engine.concepts.budget import BYTES, TOKENS
from wasm_engine.concepts.errors import LimitExceeded
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import SUSPEND, Err
from wasm_engine.concepts.message import QUEUED_BYTES, Message
from wasm_engine.concepts.web_terms import HttpTerms
from wasm_engine.orchestrator.purse import Account, Purse
from wasm_engine.runtime.entropy import Entropy
from wasm_engine.runtime.guest import Guest

SECOND = 10**9
TERMS = HttpTerms(("http://127.0.0.1:8080", "https://*.example.com"), 30 * SECOND, 1000)
URL = "https://api.example.com/x"


class Agent:
    """What a guest's side needs of its agent."""

    def __init__(self):
        self.http = TERMS
        self.effects = {}
        self.requests = {}
        self.sent_bytes = 0
        self.purse = None
        self.numbers = iter(range(100, 1000))

    def next_ordinal(self):
        return next(self.numbers)


@pytest.fixture
def guest():
    made = Guest(config="{}", epoch=0, entropy=Entropy(), work=10**10, wasi=None)
    world = SimpleNamespace(
        time=0, step=1, queue_room=lambda: 1 << 30, guard=None, judged_from=None
    )
    message = Message(1, "operator", "t", ("text", ""), [], None)
    made.begin(Agent(), world, message, Entropy(), work=10**10, reading=0)
    return made


def request(method="GET", url=URL, headers=(), body=None, timeout=None):
    return (method, url, list(headers), body, timeout)


def effect(guest):
    """The one effect that the guest queued."""
    ((_, queued),) = guest.segment.effects.items()
    return queued


def commit(guest, outcome):
    """The segment is committed, and the effect comes to its end."""
    (number,) = guest.segment.effects
    guest.next_segment()
    guest.agent.effects[number] = outcome
    return number


def code(answer):
    assert isinstance(answer, Err), answer
    return answer.payload[0]


def budgeted(**bounds):
    return Purse((Account(Budget("b", **bounds), "a", 0),), again=False)


def test_a_request_beyond_a_budget_is_refused_also_where_the_guest_is_made_again(guest):
    guest.agent.purse = budgeted(effects=1)
    number = http.start(guest, request())
    refused = http.start(guest, request())
    assert refused == Err(("budget", "b: effects"))
    assert list(guest.segment.effects) == [number]
    guest.answers = list(guest.returned)
    assert [http.start(guest, request()), http.start(guest, request())] == [number, refused]
    assert guest.answers == []


def test_a_request_counts_its_arguments(guest):
    guest.agent.purse = budgeted(bytes=100_000)
    http.start(guest, request())
    assert guest.segment.costs[BYTES] == effect(guest).size() - QUEUED_BYTES


def test_what_a_capability_charges_is_refused_as_it_was_where_the_guest_is_made_again(guest):
    guest.agent.purse = budgeted(tokens=10)
    said = [guest.spend("tokens", 6), guest.spend("tokens", 6), guest.spend("tokens", 4)]
    assert said == [None, Err(("budget", "b: tokens")), None]
    guest.used("tokens", 5)
    guest.answers = list(guest.returned)
    assert [guest.spend("tokens", n) for n in (6, 6, 4)] == said
    guest.used("tokens", 5)
    assert (guest.agent.purse.spent[TOKENS], guest.answers) == (5, [])


def test_a_request_becomes_an_effect(guest):
    number = http.start(guest, request("POST", headers=[("a", "b")], body=("text", "ö")))
    queued = effect(guest)
    assert (queued.number, queued.capability) == (number, "http")
    assert queued.arguments == ("POST", URL, [("a", "b")], "ö".encode(), 30 * SECOND, 1000)


@pytest.mark.parametrize(
    ("asked", "taken"),
    [(None, 30 * SECOND), (SECOND, SECOND), (0, 0), (2**64 - 1, 30 * SECOND)],
)
def test_a_guest_may_be_less_patient_than_its_manifest(guest, asked, taken):
    http.start(guest, request(timeout=asked))
    assert effect(guest).arguments[4] == taken


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"method": "CONNECT"}, "invalid-request"),
        ({"method": "G T"}, "invalid-request"),
        ({"url": "ftp://a"}, "invalid-request"),
        ({"url": "/x"}, "invalid-request"),
        ({"url": "https://api.example.com@evil.com/"}, "invalid-request"),
        ({"headers": [("Host", "x")]}, "invalid-request"),
        ({"headers": [("x", "a\r\nb: c")]}, "invalid-request"),
        ({"url": "https://example.com/"}, "not-granted"),
        ({"url": "http://api.example.com/"}, "not-granted"),
        ({"url": "http://127.0.0.1/"}, "not-granted"),
        ({"url": "http://127.0.0.1:8081/"}, "not-granted"),
        ({"headers": [("x", "y")] * 101}, "too-large"),
        ({"headers": [("x", "y" * 70_000)]}, "too-large"),
        ({"body": ("bytes", bytes((8 << 20) + 1))}, "too-large"),
    ],
)
def test_what_is_refused_at_once(guest, wrong, expected):
    assert code(http.start(guest, request(**wrong))) == expected
    assert code(http.fetch(guest, request(**wrong))) == expected
    assert guest.segment.effects == {}


def test_what_is_granted_in_another_spelling_is_the_same_server(guest):
    assert isinstance(http.start(guest, request(url="HTTPS://API.Example.com:443")), int)


@pytest.mark.parametrize(
    ("asked", "may"),
    [
        ({}, True),
        ({"url": URL + "?to=/.."}, True),
        ({"method": "get"}, False),
        ({"method": "HEAD"}, False),
        ({"url": "https://api.example.com/y"}, False),
        ({"url": "https://other.example.com/x"}, False),
        ({"url": "https://api.example.com/a/../x"}, False),
        ({"url": "https://api.example.com/%78"}, False),
        ({"headers": [("x-http-method-override", "DELETE")]}, False),
        ({"method": "POST", "url": "http://127.0.0.1:8080/in/y"}, True),
        ({"method": "POST", "url": "http://127.0.0.1:8080/in/%2e%2e/y"}, False),
    ],
)
def test_rules_narrow_what_is_granted(guest, asked, may):
    free = http.start(guest, request(**asked))
    rules = (f"GET {URL}", "* http://127.0.0.1:8080/in/*")
    guest.agent.http = TERMS._replace(rules=rules)
    answer = http.start(guest, request(**asked))
    assert isinstance(free, int)
    assert isinstance(answer, int) if may else code(answer) == "not-granted"
    guest.agent.http = TERMS._replace(rules=())
    assert code(http.start(guest, request(**asked))) == "not-granted"


@pytest.mark.parametrize(
    ("url", "judged"),
    [
        ("HTTPS://API.Example.COM:443/x", URL),
        ("https://api.example.com?y", "https://api.example.com/?y"),
        ("https://api.example.com:8443/X", "https://api.example.com:8443/X"),
    ],
)
def test_policies_see_one_spelling_of_a_url(guest, monkeypatch, url, judged):
    """Else a rule that forbids `https://api.example.com/*` would let `HTTPS://...` pass."""
    seen = []
    monkeypatch.setattr(Guest, "authorize", lambda _, *asked: seen.append(asked))
    guest.agent.http = TERMS._replace(origins=("https://api.example.com", "https://*.com:8443"))
    assert isinstance(http.start(guest, request("get", url)), int)
    assert seen == [("http", judged, {"method": "GET"})]
    assert effect(guest).arguments[1] == url


def test_a_response_is_taken_once(guest):
    number = http.start(guest, request())
    assert code(http.take(guest, number)) == "request-pending"
    assert messaging.wait_any(guest, [number]) is SUSPEND
    assert list(guest.suspension.requests) == [number]
    commit(guest, (404, [("a", "b")], "nö".encode()))
    assert messaging.wait_any(guest, [number]) == number
    assert http.take(guest, number) == (404, [("a", "b")], ("text", "nö"))
    assert code(http.take(guest, number)) == "unknown-request"
    assert code(messaging.wait_any(guest, [number])) == "unknown-request"


def test_fetch_waits_and_takes(guest):
    assert http.fetch(guest, request()) is SUSPEND
    suspension, guest.suspension = guest.suspension, None
    number = commit(guest, (200, [], b"\xff"))
    assert suspension.answer(guest) == (200, [], ("bytes", b"\xff"))
    assert code(http.take(guest, number)) == "unknown-request"


def test_an_end_without_a_response_is_taken_once_too(guest):
    number = http.start(guest, request())
    commit(guest, refusal("timeout", "slow"))
    assert http.take(guest, number) == Err(("timeout", "slow"))
    assert code(http.take(guest, number)) == "unknown-request"


def test_a_number_that_is_a_request_to_an_agent_stays_one(guest):
    guest.agent.requests[5] = ("text", "reply")
    assert code(http.take(guest, 5)) == "unknown-request"
    assert messaging.take(guest, 5) == ("text", "reply")
    assert code(http.take(guest, 99)) == "unknown-request"


def test_cancelling(guest):
    number = http.start(guest, request())
    messaging.cancel_request(guest, number)
    assert guest.segment.effects == {}
    assert messaging.wait_any(guest, [number]) == number
    assert code(http.take(guest, number)) == "cancelled"
    assert code(messaging.wait_any(guest, [number])) == "unknown-request"
    number = http.start(guest, request())
    commit(guest, None)
    messaging.cancel_request(guest, number)
    assert list(guest.segment.abandoned) == [number]
    assert code(http.take(guest, number)) == "cancelled"


def test_text_of_any_size_crosses_and_other_bytes_up_to_a_bound(guest):
    for body, expected in (
        (b"x" * (8 << 20), "text"),
        (b"\xff" * (2 << 20), "bytes"),
        (b"\xff" * ((2 << 20) + 1), None),
    ):
        number = http.start(guest, request())
        commit(guest, (200, [], body))
        answer = http.take(guest, number)
        if expected is None:
            assert code(answer) == "too-large"
        else:
            assert answer[2][0] == expected


def test_bytes_are_paid_for(guest):
    http.start(guest, request())
    small, before = 10**10 - guest.work, guest.work
    http.start(guest, request(body=("bytes", bytes(1000))))
    assert before - guest.work == small + 50 * 1000
    number = next(iter(guest.segment.effects))
    guest.segment.effects.clear()
    guest.agent.effects[number] = (200, [], b"x" * 1000)
    before = guest.work
    http.take(guest, number)
    assert before - guest.work == 50 * 1000


def test_more_than_a_message_may_have_out_fails_it(guest):
    for _ in range(64):
        http.start(guest, request())
    with pytest.raises(LimitExceeded) as caught:
        http.start(guest, request())
    assert caught.value.code == "effects"
