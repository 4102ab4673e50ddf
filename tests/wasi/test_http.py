"""wasi:http, call by call: fields, requests, bodies, what becomes of them, and limits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.wasi.activations import Calls, PlainGuest, plain_guest
from wasm_engine.concepts import faults
from wasm_engine.concepts.errors import GuestTrap, LimitExceeded
from wasm_engine.concepts.hostcall import SUSPEND, Err
from wasm_engine.concepts.web import MAX_HEADERS, MAX_REQUEST_BODY, MAX_URL
from wasm_engine.runtime.wasi import Tree
from wasm_engine.runtime.wasi.room import MAX_HELD

HANDLE = "wasi:http/outgoing-handler#handle"
IMMUTABLE, FORBIDDEN, INVALID = (
    Err((case, None)) for case in ("immutable", "forbidden", "invalid-syntax")
)
TERMS_TIMEOUT = 10**10


@pytest.fixture
def guest() -> PlainGuest:
    return plain_guest(tree=Tree())


@pytest.fixture
def calls(guest: PlainGuest) -> Calls:
    return Calls(guest)


def fields(calls: Calls, *entries: tuple[str, bytes]) -> Any:
    return calls("[static]fields.from-list", list(entries))


def request(calls: Calls, *entries: tuple[str, bytes], path: str = "/", **other: Any) -> Any:
    made = calls("[constructor]outgoing-request", fields(calls, *entries))
    settings = {"scheme": ("HTTP", None), "authority": "server", "path-with-query": path, **other}
    for name, value in settings.items():
        assert calls(f"outgoing-request.set-{name}", made, value) is None
    return made


def body_of(calls: Calls, asked: Any, *pieces: bytes) -> Any:
    """A body with these pieces written, its stream dropped."""
    body = calls("outgoing-request.body", asked)
    stream = calls("outgoing-body.write", body)
    for piece in pieces:
        assert calls("output-stream.blocking-write-and-flush", stream, piece) is None
    stream.drop()
    return body


def ended(calls: Calls, future: Any) -> Any:
    """What a future ends with."""
    assert calls("pollable.block", calls("future-incoming-response.subscribe", future)) is SUSPEND
    assert calls.guest.wake() is None
    ((answer),) = calls("future-incoming-response.get", future)
    return answer


# Fields


def test_names_are_found_however_they_are_spelled_and_shown_as_they_were(calls: Calls) -> None:
    made = fields(calls, ("X-One", b"1"), ("x-two", b"2"), ("x-ONE", b"3"))
    assert calls("fields.get", made, "x-one") == [b"1", b"3"]
    assert calls("fields.has", made, "X-TWO")
    assert not calls("fields.has", made, "x-three")
    assert calls("fields.append", made, "x-two", b"4") is None
    assert calls("fields.set", made, "X-one", [b"5", b"6"]) is None
    assert calls("fields.entries", made) == [
        ("x-two", b"2"),
        ("x-two", b"4"),
        ("X-one", b"5"),
        ("X-one", b"6"),
    ]
    assert calls("fields.delete", made, "X-TWO") is None
    assert calls("fields.delete", made, "x-none") is None
    assert calls("fields.get", made, "x-two") == []


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("Host", b"x", FORBIDDEN),
        ("transfer-encoding", b"chunked", FORBIDDEN),
        ("connection", b"close", FORBIDDEN),
        ("bad name", b"x", INVALID),
        ("", b"x", INVALID),
        ("x", b"a\r\nb: c", INVALID),
        ("x", b"\0", INVALID),
        ("content-length", b"1\n", INVALID),
    ],
)
def test_what_cannot_be_sent_cannot_be_set(
    calls: Calls, name: str, value: bytes, problem: Err
) -> None:
    made = calls("[constructor]fields")
    assert calls("fields.append", made, name, value) == problem
    assert calls("fields.set", made, name, [value]) == problem
    assert calls("[static]fields.from-list", [(name, value)]) == problem
    assert calls("fields.entries", made) == []


def test_values_may_be_any_text_of_latin_1(calls: Calls) -> None:
    made = fields(calls, ("x", b"caf\xe9"), ("empty", b""))
    assert calls("fields.get", made, "x") == [b"caf\xe9"]
    assert calls("fields.get", made, "empty") == [b""]


def test_headers_of_a_request_are_for_looking_only_and_a_clone_is_not(calls: Calls) -> None:
    shown = calls("outgoing-request.headers", request(calls, ("x", b"1")))
    for change in (("fields.append", b"2"), ("fields.set", [b"2"])):
        assert calls(change[0], shown, "x", change[1]) == IMMUTABLE
    assert calls("fields.delete", shown, "x") == IMMUTABLE
    copy = calls("fields.clone", shown)
    assert calls("fields.append", copy, "x", b"2") is None
    assert calls("fields.get", copy, "x") == [b"1", b"2"]
    assert calls("fields.get", shown, "x") == [b"1"]


# Requests


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("method", [("get", None), ("other", "PURGE"), ("connect", None)], [("other", "a b")]),
        ("path-with-query", [None, "/", "/a?b=c", "?q", ""], ["a", "/#x", "/a b", "/\xe9"]),
        ("scheme", [None, ("HTTP", None), ("other", "ftp")], [("other", "1:"), ("other", "")]),
        ("authority", [None, "a.b", "[::1]:80", "127.0.0.1"], ["u@h", "h/", "h:0", "", "h?"]),
    ],
)
def test_parts_of_a_request_are_looked_at_when_they_are_set(
    calls: Calls, name: str, good: list[Any], bad: list[Any]
) -> None:
    made = request(calls)
    for value in good:
        assert calls(f"outgoing-request.set-{name}", made, value) is None
        assert calls(f"outgoing-request.{name}", made) == value
    for value in bad:
        assert calls(f"outgoing-request.set-{name}", made, value) == Err(None)
    assert calls(f"outgoing-request.{name}", made) == good[-1]


def test_a_request_without_a_body_goes_out_at_once(calls: Calls, guest: PlainGuest) -> None:
    asked = request(calls, ("X-A", b"caf\xe9"), path="/a?b")
    future = calls(HANDLE, asked, None)
    headers = [("X-A", "caf\xe9")]
    assert guest.issued == {
        1: ("GET", "http://server/a?b", headers, None, TERMS_TIMEOUT, guest.http.most)
    }
    assert calls("future-incoming-response.get", future) is None


def test_a_request_goes_out_when_its_body_is_finished(calls: Calls, guest: PlainGuest) -> None:
    asked = request(calls, method=("post", None))
    body = body_of(calls, asked, b"one ", b"two")
    future = calls(HANDLE, asked, None)
    assert guest.issued == {}
    pollable = calls("future-incoming-response.subscribe", future)
    assert not calls("pollable.ready", pollable)
    with pytest.raises(GuestTrap, match="stuck"):
        calls("pollable.block", pollable)
    assert calls("[static]outgoing-body.finish", body, None) is None
    assert guest.issued[1][0] == "POST"
    assert guest.issued[1][3] == b"one two"


def test_a_body_may_be_finished_before_its_request_is_handed_over(
    calls: Calls, guest: PlainGuest
) -> None:
    asked = request(calls, method=("put", None))
    calls("[static]outgoing-body.finish", body_of(calls, asked), calls("[constructor]fields"))
    calls(HANDLE, asked, None)
    assert guest.issued[1][3] == b""
    assert guest.wasi.room.held == 0


def test_each_body_and_each_stream_is_given_once(calls: Calls) -> None:
    asked = request(calls)
    body = calls("outgoing-request.body", asked)
    assert calls("outgoing-request.body", asked) == Err(None)
    calls("outgoing-body.write", body).drop()
    assert calls("outgoing-body.write", body) == Err(None)


def test_a_body_is_not_finished_before_its_stream_is_dropped(calls: Calls) -> None:
    body = calls("outgoing-request.body", request(calls))
    stream = calls("outgoing-body.write", body)
    with pytest.raises(GuestTrap, match="child-in-use"):
        calls("[static]outgoing-body.finish", body, None)
    with pytest.raises(GuestTrap, match="child-in-use"):
        body.drop()
    stream.drop()
    body.drop()


def test_a_body_that_is_dropped_unfinished_ends_its_request(calls: Calls) -> None:
    asked = request(calls)
    body = body_of(calls, asked, b"half")
    future = calls(HANDLE, asked, None)
    body.drop()
    ((problem),) = calls("future-incoming-response.get", future)
    assert problem == Err(("internal-error", "the body of the request was not finished"))
    assert calls("future-incoming-response.get", future) == Err(None)


@pytest.mark.parametrize(("said", "written"), [(b"3", b"12"), (b"0", b"")])
def test_a_body_is_as_long_as_its_header_says(
    calls: Calls, guest: PlainGuest, said: bytes, written: bytes
) -> None:
    asked = request(calls, ("Content-Length", said))
    body = body_of(calls, asked, written)
    future = calls(HANDLE, asked, None)
    problem = None if int(said) == len(written) else Err(("HTTP-request-body-size", len(written)))
    assert calls("[static]outgoing-body.finish", body, None) == problem
    if problem:
        assert calls("future-incoming-response.get", future) == (problem,)
    else:
        assert guest.issued[1][2] == []  # the client says it itself


def test_more_than_the_header_says_is_not_written(calls: Calls) -> None:
    asked = request(calls, ("content-length", b"3"))
    stream = calls("outgoing-body.write", calls("outgoing-request.body", asked))
    failed = calls("output-stream.blocking-write-and-flush", stream, b"1234")
    case, failure = failed.payload
    assert case == "last-operation-failed"
    assert calls("http-error-code", failure) == ("HTTP-request-body-size", 4)
    assert calls("filesystem-error-code", failure) is None
    assert calls("wasi:io/error#[method]error.to-debug-string", failure) == "HTTP-request-body-size"


def test_two_lengths_are_none(calls: Calls) -> None:
    asked = request(calls, ("content-length", b"3"), ("content-length", b"4"))
    assert calls("outgoing-request.body", asked) == Err(None)


def test_a_body_has_a_limit(calls: Calls, guest: PlainGuest) -> None:
    stream = calls("outgoing-body.write", calls("outgoing-request.body", request(calls)))
    piece = bytes(MAX_REQUEST_BODY)
    assert calls("output-stream.blocking-write-and-flush", stream, piece) is None
    failed = calls("output-stream.blocking-write-and-flush", stream, b"x")
    assert calls("http-error-code", failed.payload[1]) == (
        "HTTP-request-body-size",
        MAX_REQUEST_BODY + 1,
    )
    assert calls("output-stream.check-write", stream) == Err(("closed", None))


def test_trailers_are_not_sent(calls: Calls) -> None:
    body = body_of(calls, request(calls))
    trailers = fields(calls, ("x", b"1"))
    answer = calls("[static]outgoing-body.finish", body, trailers)
    assert answer == Err(("HTTP-request-trailer-section-size", 2))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"method": ("connect", None)}, ("HTTP-request-method-invalid", None)),
        ({"authority": None}, ("HTTP-request-URI-invalid", None)),
        ({"scheme": ("other", "ftp")}, ("HTTP-request-URI-invalid", None)),
        ({"scheme": None}, ("HTTP-request-denied", None)),  # https, which is not granted
        ({"authority": "other"}, ("HTTP-request-denied", None)),
        ({"authority": "server:81"}, ("HTTP-request-denied", None)),
        ({"path": "/" + "a" * (MAX_URL - 9)}, ("HTTP-request-URI-too-long", None)),
    ],
)
def test_what_is_not_sent_says_why(
    calls: Calls, guest: PlainGuest, changed: dict[str, Any], code: Any
) -> None:
    assert calls(HANDLE, request(calls, **changed), None) == Err(code)
    assert guest.issued == {}
    assert guest.wasi.room.held == 0


def test_what_a_budget_refuses_is_denied(calls: Calls, guest: PlainGuest) -> None:
    guest.refused = Err(("budget", "x: effects"))
    future = calls(HANDLE, request(calls), None)
    assert calls("pollable.ready", calls("future-incoming-response.subscribe", future)) is True
    ((answer),) = calls("future-incoming-response.get", future)
    assert answer == Err(("HTTP-request-denied", None))
    assert guest.denials == 1


def test_what_is_granted_is_asked(calls: Calls, guest: PlainGuest) -> None:
    asked = request(calls, scheme=("HTTPS", None), authority="api.Example.com:443")
    calls(HANDLE, asked, None)
    assert guest.issued[1][1] == "https://api.example.com/"


def test_headers_have_a_limit(calls: Calls) -> None:
    many = [("x", b"1")] * (MAX_HEADERS + 1)
    assert calls(HANDLE, request(calls, *many), None) == Err(
        ("HTTP-request-header-section-size", 2 * (MAX_HEADERS + 1))
    )
    large = ("x", b"1" * 70_000)
    assert calls(HANDLE, request(calls, large), None) == Err(
        ("HTTP-request-header-section-size", 70_001)
    )


def test_nothing_is_sent_while_an_instance_is_initialised(calls: Calls, guest: PlainGuest) -> None:
    guest.in_init = True
    answer = calls(HANDLE, request(calls), None)
    assert answer == Err(("internal-error", "unavailable-in-init"))


@pytest.mark.parametrize(
    ("connect", "first", "timeout"),
    [
        (None, None, TERMS_TIMEOUT),
        (5, None, TERMS_TIMEOUT),
        (None, 1000, 1000),
        (500, 1000, 1500),
        (None, 1 << 63, TERMS_TIMEOUT),
        (None, 0, 1),
    ],
)
def test_the_answer_comes_in_the_time_of_its_first_byte(
    calls: Calls, guest: PlainGuest, connect: int | None, first: int | None, timeout: int
) -> None:
    options = calls("[constructor]request-options")
    for name, value in (("connect", connect), ("first-byte", first), ("between-bytes", 7)):
        assert calls(f"request-options.set-{name}-timeout", options, value) is None
        assert calls(f"request-options.{name}-timeout", options) == value
    calls(HANDLE, request(calls), options)
    assert guest.issued[1][4] == timeout


# Responses


def test_a_response_is_read_from_memory(calls: Calls, guest: PlainGuest) -> None:
    guest.serve = lambda *_: (201, [("X-B", "caf\xe9")], b"hello world")
    response = ended(calls, calls(HANDLE, request(calls), None))
    assert calls("incoming-response.status", response) == 201
    shown = calls("incoming-response.headers", response)
    assert calls("fields.entries", shown) == [("X-B", b"caf\xe9")]
    assert calls("fields.append", shown, "x", b"1") == IMMUTABLE
    body = calls("incoming-response.consume", response)
    assert calls("incoming-response.consume", response) == Err(None)
    stream = calls("incoming-body.stream", body)
    assert calls("incoming-body.stream", body) == Err(None)
    assert calls("input-stream.blocking-read", stream, 5) == b"hello"
    assert calls("pollable.ready", calls("input-stream.subscribe", stream))
    assert calls("input-stream.read", stream, 100) == b" world"
    assert calls("input-stream.read", stream, 100) == Err(("closed", None))
    with pytest.raises(GuestTrap, match="child-in-use"):
        calls("[static]incoming-body.finish", body)
    stream.drop()
    trailers = calls("[static]incoming-body.finish", body)
    assert calls("pollable.ready", calls("future-trailers.subscribe", trailers))
    assert calls("future-trailers.get", trailers) == (None,)
    assert calls("future-trailers.get", trailers) == Err(None)
    shown.drop()
    response.drop()
    assert guest.wasi.room.held == 0


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (faults.TIMEOUT, ("HTTP-response-timeout", None)),
        (faults.CANCELLED, ("connection-terminated", None)),
        (faults.UNKNOWN_HOST, ("DNS-error", (None, None))),
        (faults.CONNECTION_FAILED, ("connection-refused", None)),
        (faults.TLS_FAILED, ("TLS-certificate-error", None)),
        (faults.CONNECTION_LOST, ("connection-terminated", None)),
        (faults.BAD_RESPONSE, ("HTTP-protocol-error", None)),
        (faults.TOO_LARGE, ("HTTP-response-body-size", None)),
        (faults.OUTCOME_UNKNOWN, ("internal-error", "outcome-unknown")),
    ],
)
def test_every_other_end_has_its_code(calls: Calls, guest: PlainGuest, end: str, code: Any) -> None:
    guest.serve = lambda *_: faults.refusal(end, "why")
    assert ended(calls, calls(HANDLE, request(calls), None)) == Err(code)


def test_the_outcome_is_taken_once_and_asked_for_no_more(calls: Calls, guest: PlainGuest) -> None:
    future = calls(HANDLE, request(calls), None)
    ended(calls, future)
    assert guest.effects == {}
    assert calls("future-incoming-response.get", future) == Err(None)
    assert calls("pollable.ready", calls("future-incoming-response.subscribe", future))


def test_a_future_that_is_dropped_is_cancelled(calls: Calls, guest: PlainGuest) -> None:
    calls(HANDLE, request(calls), None).drop()
    assert guest.abandoned == [1]
    asked = request(calls)
    body = body_of(calls, asked)
    calls(HANDLE, asked, None).drop()
    assert calls("[static]outgoing-body.finish", body, None) is None
    assert list(guest.issued) == [1]


def test_a_future_of_an_earlier_message_ends(calls: Calls, guest: PlainGuest) -> None:
    future = calls(HANDLE, request(calls), None)
    guest.effects.clear()
    problem = Err(("internal-error", "unknown-request"))
    assert calls("future-incoming-response.get", future) == (problem,)


def test_requests_and_timers_are_waited_for_together(calls: Calls, guest: PlainGuest) -> None:
    first, second = (calls(HANDLE, request(calls), None) for _ in range(2))
    pollables = [
        calls("future-incoming-response.subscribe", first),
        calls("subscribe-duration", 10**9),
        calls("future-incoming-response.subscribe", second),
    ]
    assert calls("poll", pollables) is SUSPEND
    assert guest.waiting is not None
    numbers, deadline, _ = guest.waiting
    assert list(numbers) == [1, 2]
    assert deadline == pollables[1].deadline
    assert guest.wake() == [0]
    assert calls("poll", pollables) == [0]
    guest.time = pollables[1].deadline
    assert calls("poll", pollables) == [0, 1]


def test_what_one_instance_holds_has_a_limit(calls: Calls, guest: PlainGuest) -> None:
    value = b"v" * (MAX_HELD // 8)
    held = [fields(calls, ("x", value)) for _ in range(7)]
    with pytest.raises(LimitExceeded, match="held-bytes"):
        fields(calls, ("x", value))
    asked = request(calls)
    stream = calls("outgoing-body.write", calls("outgoing-request.body", asked))
    failed = calls("output-stream.blocking-write-and-flush", stream, bytes(MAX_REQUEST_BODY))
    assert failed.payload[0] == "last-operation-failed"
    guest.serve = lambda *_: (200, [], bytes(MAX_REQUEST_BODY))
    answer = ended(calls, calls(HANDLE, request(calls), None))
    assert answer == Err(("HTTP-response-body-size", None))
    for it in held:
        it.drop()
    stream.drop()
    assert calls("output-stream.check-write", stream) == Err(("closed", None))


def test_texts_of_requests_and_listings_are_held_too(calls: Calls, guest: PlainGuest) -> None:
    before = guest.wasi.room.held
    asked = request(calls, path="/" + "a" * 1000)
    assert guest.wasi.room.held == before + 1001 + len("server")
    calls("outgoing-request.set-path-with-query", asked, None)
    assert guest.wasi.room.held == before + len("server")
    asked.drop()
    ((base, _),) = calls("get-directories")
    calls("descriptor.create-directory-at", base, "name")
    listing = calls("descriptor.read-directory", base)
    again = calls("descriptor.read-directory", base)
    one = guest.wasi.room.held // 2
    assert one > len("name")
    assert calls("directory-entry-stream.read-directory-entry", listing) == ("directory", "name")
    assert guest.wasi.room.held == one
    listing.drop()
    again.drop()
    assert guest.wasi.room.held == 0


def test_a_dropped_future_keeps_nothing(calls: Calls, guest: PlainGuest) -> None:
    asked = request(calls, ("x", b"1" * 1000))
    body = body_of(calls, asked)
    future = calls(HANDLE, asked, None)
    pollable = calls("future-incoming-response.subscribe", future)
    assert guest.wasi.room.held > 1000
    future.drop()
    assert guest.wasi.room.held == 0
    assert calls("pollable.ready", pollable)
    body.drop()
    guest.serve = lambda *_: (200, [], bytes(1000))
    other = calls(HANDLE, request(calls), None)
    assert calls("pollable.block", calls("future-incoming-response.subscribe", other)) is SUSPEND
    guest.wake()
    calls("pollable.ready", calls("future-incoming-response.subscribe", other))
    assert guest.wasi.room.held >= 1000
    other.drop()
    assert guest.wasi.room.held == 0
