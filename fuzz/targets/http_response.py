"""What a server answers: heads, framing, chunks, redirects, as the client reads them."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import cast
from unittest import mock

from wasm_engine.concepts.effect import Issued
from wasm_engine.concepts.errors import Misuse
from wasm_engine.host.http_client import HttpClient
from wasm_engine.host.lines import Line
from wasm_engine.host.outside import Cancellation
from wasm_engine.host.reach import Reach

FORMS = ("text",)
REFUSES = (Misuse,)
WORDS = (
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 302 Found\r\n", b"HTTP/1.1 100 Continue\r\n\r\n",
    b"\r\n\r\n",
    b"Content-Length: 5\r\n", b"Content-Length: 99999999999\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Location: //b.example/\r\n", b"Location: /x\r\n", b"5\r\nhello\r\n", b"0\r\n\r\n",
    b"ffffffff\r\n",
    b"\r", b"\n ", b":", b"Connection: close\r\n", b"Content-Encoding: gzip\r\n", b"-1\r\n",
)  # fmt: skip
_MOST = 4096
"""Bytes that the body may have."""


def _connected(data: bytes) -> socket.socket:
    """A connection whose other end has said everything, and hung up."""
    ours, theirs = socket.socketpair()
    with closing(theirs):
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        theirs.setblocking(False)
        theirs.send(data)
        theirs.shutdown(socket.SHUT_WR)
        ours.settimeout(5)
        return ours


def check(data: bytes) -> None:
    """However a server answers, it is a response within its bounds, or one of the codes."""
    client = HttpClient(reach=lambda _issued: Reach((), 3, lambda _request: True))
    headers: list[tuple[str, str]] = []
    request = ("POST", "http://a.example/x", headers, b"body", 5_000_000_000, _MOST)
    issued = Issued(1, "a", 1, 0, 0, "http", request, "00" * 16)
    with mock.patch.object(Line, "dial", side_effect=lambda *_: _connected(data)):
        outcome = client.perform(issued, Cancellation())
    if isinstance(outcome, tuple):
        status, told, body = cast("tuple[int, list[tuple[str, str]], bytes]", outcome)
        assert 200 <= status <= 999
        assert len(body) <= _MOST
        assert all(isinstance(text, str) for row in told for text in row)
    else:
        code, said = outcome.payload
        assert code
        assert said


def seeds() -> list[bytes]:
    """Answers of every kind."""
    ok = b"HTTP/1.1 200 OK\r\n"
    return [
        ok + b"Content-Length: 5\r\nX: y\r\n\r\nhello",
        ok + b"Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: z\r\n\r\n",
        ok + b"X-Folded: a\r\n b\r\nX-Latin: \xe9\r\n\r\nhello",
        b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n" + ok + b"Content-Length: 2\r\n\r\nok",
        b"HTTP/1.1 302 Found\r\nLocation: //b.example/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 204 No Content\r\n\r\n",
    ]
