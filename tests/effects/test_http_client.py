"""The client against a real server: what it sends, and how each misbehaviour ends."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from time import monotonic

import pytest

from tests.effects.server import HERE, running
from wasm_engine.concepts.effect import Issued
from wasm_engine.concepts.hostcall import Err
from wasm_engine.host.http_client import HttpClient
from wasm_engine.host.outside import Cancellation

SECOND = 10**9
CERTIFICATE = HERE / "localhost.pem"


def ask(url, method="GET", headers=(), body=None, *, timeout=20.0, most=1 << 20, **more):
    """Performs one request; the outcome."""
    arguments = (method, url, list(headers), body, int(timeout * SECOND), most)
    issued = Issued(7, "a", 1, 0, 0, "http", arguments, "0123abcd")
    client = more.get("client") or HttpClient()
    return client.perform(issued, more.get("cancellation") or Cancellation())


def code(outcome):
    assert isinstance(outcome, Err), outcome
    return outcome.payload[0]


def test_what_is_sent(server):
    status, _, body = ask(
        server.origin + "/echo?x=%20y", "PUT", [("X-One", "1"), ("x-one", "2")], b"\x00caf\xc3\xa9"
    )
    said = json.loads(body)
    assert (status, said["method"], said["path"]) == (200, "PUT", "/echo?x=%20y")
    assert said["body"].encode("latin-1") == b"\x00caf\xc3\xa9"
    assert {k: v for k, v in said["headers"].items() if k != "host"} == {
        "connection": "close",
        "content-length": "6",
        "x-one": "1, 2",
        "accept-encoding": "identity",
        "user-agent": "wasm-engine",
        "idempotency-key": "0123abcd",
    }
    assert said["headers"]["host"] == server.origin.removeprefix("http://")


def test_a_guest_may_have_its_own_key_and_name_but_not_our_headers(server):
    headers = [("idempotency-key", "mine"), ("user-agent", "me"), ("Host", "elsewhere")]
    headers += [("Transfer-Encoding", "chunked"), ("Connection", "keep-alive")]
    said = json.loads(ask(server.origin, "POST", headers, b"x")[2])["headers"]
    assert (said["idempotency-key"], said["user-agent"]) == ("mine", "me")
    assert (said["host"], said["connection"]) == (server.origin.removeprefix("http://"), "close")
    assert "transfer-encoding" not in said


@pytest.mark.parametrize(("method", "length"), [("GET", None), ("POST", "0"), ("DELETE", None)])
def test_a_request_without_a_body(server, method, length):
    assert json.loads(ask(server.origin, method)[2])["headers"].get("content-length") == length


@pytest.mark.parametrize("status", [200, 204, 301, 304, 404, 429, 500, 503])
def test_every_status_is_a_response_and_none_is_followed(server, status):
    found, headers, body = ask(f"{server.origin}/status/{status}")
    assert found == status
    assert ("Location", "/echo") in headers
    assert body == (b"" if status in {204, 304} else b"as you wish")
    assert len(server.seen) == 1


def test_head_has_no_body(server):
    status, headers, body = ask(server.origin + "/status/200", "HEAD", most=1)
    assert (status, body) == (200, b"")
    assert ("Content-Length", "11") in headers


def test_headers_arrive_in_order_with_every_one_of_a_name(server):
    _, headers, body = ask(server.origin + "/headers")
    assert body == b"ok"
    assert headers == [
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("X-Any", "caf\xe9"),
        ("X-Folded", "one two"),
        ("Content-Length", "2"),
    ]


def test_bodies_of_every_kind(server):
    data = bytes(range(256)) * 1000
    assert ask(server.origin + "/same", "POST", body=data)[2] == data
    assert ask(server.origin + "/chunked")[2] == b"hello world"
    assert ask(server.origin + "/huge?mib=1")[2] == b"x" * (1 << 20)
    assert ask(server.origin + "/same", "POST", body=b"", most=0)[2] == b""


def test_what_is_compressed_stays_so(server):
    raw = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x00\x00"
    headers = [("Accept-Encoding", "gzip")]
    assert ask(server.origin + "/raw", "POST", headers, raw)[2] == b"\x1f\x8b\x00\x00"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/reset", "connection-lost"),
        ("/hang-up", "connection-lost"),
        ("/garbage", "bad-response"),
        ("/huge?mib=3", "too-large"),
        ("/many-headers", "bad-response"),
        ("/endless-chunk-line", "bad-response"),
    ],
)
def test_servers_that_misbehave(server, path, expected):
    assert code(ask(server.origin + path)) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "bad-response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", "too-large"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nx", "bad-response"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "bad-response"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "bad-response"),
        (b"HTTP/1.1 abc OK\r\n\r\n", "bad-response"),
        (b"HTTP/1.1 99999 OK\r\n\r\n", "bad-response"),
        (b"HTTP/9 OK\r\n\r\n", "bad-response"),
        (b"HTTP/1.1 101 Switching\r\n\r\n", "bad-response"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", "too-large"),
        (b"HTTP/1.1 200 OK\r\n" + (b"X: " + b"x" * 990 + b"\r\n") * 90 + b"\r\n", "too-large"),
        (b"", "connection-lost"),
        (b"HTTP/1.1 200", "connection-lost"),
        (b"HTTP/1.1 200 OK\r\nContent-Ty", "connection-lost"),
        (b"HTTP/1.1 200 OK\r\nX: y\r\n", "connection-lost"),
        (b"\r\n\r\n", "bad-response"),
    ],
)
def test_responses_that_are_none(server, raw, expected):
    assert code(ask(server.origin + "/raw", "POST", body=raw)) == expected


def test_a_server_that_answers_before_it_has_read_everything(server):
    outcome = ask(server.origin + "/refuses-body", "POST", body=b"x" * (8 << 20))
    assert code(outcome) == "connection-lost" if isinstance(outcome, Err) else outcome[0] == 413


@pytest.mark.parametrize("path", ["/hang", "/hang-in-body", "/drip"])
def test_the_time_is_that_of_the_whole_answer(server, path):
    began = monotonic()
    assert code(ask(server.origin + path, timeout=0.2)) == "timeout"
    assert monotonic() - began < 5


@pytest.mark.parametrize("path", ["/hang", "/hang-in-body", "/drip"])
def test_cancelling_hangs_up(server, path):
    cancellation, ended = Cancellation(), []
    thread = threading.Thread(
        target=lambda: ended.append(ask(server.origin + path, cancellation=cancellation))
    )
    thread.start()
    server.wait_for(1)
    cancellation.cancel()
    thread.join(5)
    assert code(ended[0]) == "cancelled"


def test_cancelled_before_it_began(server):
    cancellation = Cancellation()
    cancellation.cancel()
    assert code(ask(server.origin, cancellation=cancellation)) == "cancelled"
    assert server.seen == []


def test_nobody_listens():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    assert code(ask(f"http://127.0.0.1:{port}/")) == "connection-failed"


def test_a_name_that_nobody_knows():
    assert code(ask(f"http://{'a' * 60}.invalid/")) == "unknown-host"


def test_a_name_that_is_known(server):
    assert ask(server.origin.replace("127.0.0.1", "localhost"))[0] == 200


def test_nothing_of_the_environment_is_used(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert ask(server.origin)[0] == 200


def test_servers_prove_who_they_are():
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATE)
    trusting = ssl.create_default_context(cafile=CERTIFICATE)
    with running(tls) as server:
        assert code(ask(server.origin)) == "tls-failed"
        assert server.seen == []
        status, _, body = ask(server.origin, "POST", body=b"x", client=HttpClient(trusting))
        assert (status, json.loads(body)["body"]) == (200, "x")
        named = server.origin.replace("127.0.0.1", "localhost")
        assert code(ask(named, client=HttpClient(trusting))) == "tls-failed"
        assert code(ask(server.origin + "/hang", timeout=0.3, client=HttpClient(trusting))) == (
            "timeout"
        )


def test_a_server_that_knows_no_tls(server):
    origin = server.origin.replace("http:", "https:")
    assert code(ask(origin, timeout=5)) in {"tls-failed", "connection-failed"}
