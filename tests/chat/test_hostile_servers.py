"""Servers of language models that mean no good: each ends within its bounds, in our own words."""

from __future__ import annotations

import base64
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from tests.chat.test_servers import asked, user
from tests.hostile import footprint
from wasm_engine.concepts.chat import Answer
from wasm_engine.concepts.hostcall import Err
from wasm_engine.host import secret_store
from wasm_engine.host.chat_wire import MAX_TOKENS

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
MIB = 1 << 20
Says = Callable[[socket.socket], None]


class Liar:
    """Where it is reached, and how often it was asked."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/v1"
        self.seen = 0


@contextmanager
def lying(says: Says) -> Iterator[Liar]:
    """A server that says anything, as bytes, to whoever has asked something."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        liar = Liar(listening.getsockname()[1])

        def serve() -> None:
            while True:
                try:
                    line, _ = listening.accept()
                except OSError:
                    return
                with line, suppress(OSError):
                    liar.seen += 1
                    _read(line)
                    says(line)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield liar
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


def _read(line: socket.socket) -> None:
    """A question, to its end: what is not read would be told as a broken connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += line.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    left = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]) - len(body)
    while left > 0:
        left -= len(line.recv(left))


def sent(*data: bytes, times: int = 1, then: bytes = b"") -> Says:
    """Sends something, the last of it again and again."""

    def says(line: socket.socket) -> None:
        line.sendall(b"".join(data[:-1]))
        for _ in range(times):
            line.sendall(data[-1])
        line.sendall(then)

    return says


def event(**said: Any) -> bytes:
    return b"data: " + json.dumps(said).encode() + b"\n\n"


def delta(**said: Any) -> bytes:
    return event(choices=[{"delta": said}])


def reset(line: socket.socket) -> None:
    line.sendall(HEAD + delta(content="a"))
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


CALL = {"index": 0, "function": {"name": "t", "arguments": "x" * (3 * MIB)}}
FLOODS = {
    "a line, byte by byte": (
        sent(CHUNKED, b"1\r\nx\r\n" * 1000, times=500),
        "bad-response an event of more than 4 MiB",
    ),
    "an event of many lines": (
        sent(HEAD, b"data:xx\n" * 9000, times=500), "bad-response an event of more than 4 MiB"
    ),
    "an event of JSON that unfolds": (
        sent(HEAD, b'data:{"choices":[', b"[]," * MIB, times=2),
        "bad-response an event of more than 4 MiB",
    ),
    "JSON that unfolds": (
        sent(HEAD, b'{"choices":[', b"[]," * MIB, times=4, then=b"[]]}"),
        "bad-response an answer of more than 8 MiB in one piece",
    ),
    "arguments": (
        sent(HEAD, delta(tool_calls=[CALL]), times=2), "bad-response an answer of more than 4 MiB"
    ),
    "words": (
        sent(HEAD, delta(content="x" * 60_000), times=99),
        "bad-response an answer of more than 4 MiB",
    ),
    "blank lines": (
        sent(HEAD, b"\n" * 65_536, times=9), "bad-response more than 262,144 events"
    ),
    "JSON within JSON": (
        sent(HEAD, b"data:" + b'{"choices":[' * 99_999 + b"\n\n"),
        "bad-response what came is not JSON",
    ),
    "bytes that are no text": (
        sent(HEAD, b'data:{"choices":[{"delta":{"content":"\xff"}}]}\n\n'),
        "bad-response what came is not JSON",
    ),
    "numbers without end": (
        sent(HEAD, b'data:{"usage":' + b"9" * 99_999 + b"}\n\n"),
        "bad-response what came is not JSON",
    ),
    "an index that is none": (
        sent(HEAD, b'data:{"choices":[{"delta":{"tool_calls":[{"index":NaN}]}}]}\n\n'),
        "bad-response more than 256 calls",
    ),
    "the way to another": (
        sent(b"HTTP/1.1 307 x\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"),
        "model-failed the server answered 307: it does not say why",
    ),
    "a reset": (
        reset, "connection-lost the connection broke; the server may have got the request"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("says", "wanted"), FLOODS.values(), ids=FLOODS)
def test_a_flood_ends_with_a_fault_and_costs_little(says, wanted):
    with lying(says) as liar, footprint.peak() as peak:
        found = asked(liar, user("x"), retries=0)
    assert found == Err(tuple(wanted.split(" ", 1)))
    assert liar.seen == 1
    assert peak.extra < 192 * MIB


@pytest.mark.parametrize(
    "usage",
    [{}, {"prompt_tokens": -1, "completion_tokens": 1.5}, {"prompt_tokens": MAX_TOKENS + 1}, [7]],
)
def test_who_counts_what_cannot_be_has_not_counted(usage):
    said = event(choices=[{"delta": {"content": "a" * 40}, "finish_reason": "stop"}], usage=usage)
    with lying(sent(HEAD, said)) as liar:
        assert asked(liar, user("x" * 20)) == Answer("a" * 40, (), "stop", 5, 10)


def test_calls_have_ids_that_a_conversation_takes_whatever_the_server_calls_them():
    calls = [{"index": n, "id": "i" * 500, "function": {"name": "t"}} for n in range(256)]
    with lying(sent(HEAD, delta(tool_calls=calls), b"data: [DONE]\n\n")) as liar:
        found = asked(liar, user("x"))
    assert isinstance(found, Answer)
    ids = [call.id for call in found.calls]
    assert len(set(ids)) == 256
    assert max(map(len, ids)) <= 128


@pytest.mark.parametrize("before", [0, 290, 310, 330])
def test_of_a_secret_that_is_said_again_not_even_a_part_is_told(before):
    """However much of what the server says an agent is told."""
    said = json.dumps({"error": {"message": "x" * before + " Bearer a-secret-of-ours"}}).encode()
    head = b"HTTP/1.1 401 x\r\nContent-Length: %d\r\n\r\n" % len(said)
    with lying(sent(head, said)) as liar:
        found = asked(liar, user("x"), secret="a-secret-of-ours")
    assert found == Err(("model-failed", "what came back has the server's secret in it"))


def test_a_secret_that_is_said_again_in_other_words_is_found_too(talk, tmp_path):
    spelled = base64.b64encode(b"Authorization: Bearer a-secret-of-ours").decode()
    said = event(choices=[{"delta": {"content": spelled}, "finish_reason": "stop"}])
    talk.models["m"] = {"server": "local"}
    config = tmp_path / "home/config"
    config.mkdir(parents=True)
    with lying(sent(HEAD, said)) as liar:
        (config / "policy.toml").write_text(
            f'[servers.local]\nurl = "{liar.url}"\nsecret = "key"\n'
        )
        secret_store.keep("key", None, "a-secret-of-ours")
        talk.run(("say", "m x"))
    assert talk.log() == ["error model-failed what came back has the server's secret in it"]
