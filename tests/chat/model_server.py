"""A real server that speaks chat completions, streamed or not, and misbehaves as servers do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Seen(NamedTuple):
    """One question, as the server got it."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class ModelServer(ThreadingHTTPServer):
    """Answers by what the last message says; see `_Requests`. What hangs, hangs until the end."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.seen: list[Seen] = []
        self.busy = 0
        self.retry_after = ""
        self.status = 503
        self.released = threading.Event()
        self.arrived = threading.Event()

    @property
    def url(self) -> str:
        """Where its protocol begins."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up is no error of ours."""


@contextmanager
def serving() -> Iterator[ModelServer]:
    """A server, as long as it is needed."""
    server = ModelServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


WORDS = "aye, said the model"
TOO_LONG = "This model's maximum context length is 16 tokens."
BROKEN = {
    "no json": b"data: {\n\n",
    "no object": b"data: []\n\n",
    "no end": b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n',
    "error": b'data: {"error":{"message":"out of\\n memory"}}\n\n',
    "many calls": b'data: {"choices":[{"delta":{"tool_calls":[{"index":999}]}}]}\n\n',
    "half": b'data: {"choices":[{"delta":{"content":"\\ud83d"},"finish_reason":"stop"}]}\n\n',
}


class _Requests(BaseHTTPRequestHandler):
    server: ModelServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """Whoever comes lets all go on that wait."""
        self.server.released.set()
        self._send(200, b"go on", "text/plain")

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        body = json.loads(self.rfile.read(length))
        self.server.seen.append(Seen(self.path, dict(self.headers.items()), body))
        self.server.arrived.set()
        with suppress(ConnectionError):
            self._answer(body)

    def _answer(self, body: dict[str, Any]) -> None:
        last = body["messages"][-1]
        text = last["content"] or ""
        if self.path != "/v1/chat/completions":
            self._error(404, "no such path")
        elif self.server.busy:
            self.server.busy -= 1
            self._error(self.server.status, "busy")
        elif not self._misbehaves(text):
            tools = body.get("tools") and body.get("tool_choice") != "none"
            if text == "whole":
                self._whole()
            elif "response_format" in body:
                self._say('{"n":3}', body)
            elif tools and last["role"] != "tool":
                self._calls(body)
            else:
                secret = self.headers["authorization"]
                self._say(f"you are {secret}" if text == "who" else WORDS, body)

    def _misbehaves(self, text: str) -> bool:
        if text == "hang":
            self.server.released.wait()
        elif text == "wait":
            self.server.released.wait()
            return False
        elif text == "refuse":
            self._error(401, f"not for {self.headers['authorization']}")
        elif text == "plain error":
            self._send(500, b"<html>", "text/html")
        elif text in BROKEN:
            self._send(200, BROKEN[text], "text/event-stream")
        elif text == "endless":
            self._send(200, b"data: " + b"x" * (9 << 20), "text/event-stream")
        elif "long " in text:
            self._error(400, TOO_LONG, code="context_length_exceeded")
        else:
            return False
        return True

    def _error(self, status: int, message: str, code: str | None = None) -> None:
        said = json.dumps({"error": {"message": message, "code": code}}).encode()
        self._send(status, said, "application/json")

    def _send(self, status: int, data: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        if self.server.retry_after:
            self.send_header("retry-after", self.server.retry_after)
        self.end_headers()
        self.wfile.write(data)

    def _whole(self) -> None:
        message = {"role": "assistant", "content": WORDS}
        said = {
            "choices": [{"message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 7, "completion_tokens": 4},
        }
        self._send(200, json.dumps(said).encode(), "application/json")

    def _say(self, text: str, body: dict[str, Any]) -> None:
        stops = [text.find(it) for it in body.get("stop", ()) if it in text]
        text = text[: min(stops)] if stops else text
        pieces = [text[at : at + 4] for at in range(0, len(text), 4)]
        finish = "length" if len(pieces) > body["max_tokens"] else "stop"
        pieces = pieces[: body["max_tokens"]]
        self._stream([{"content": piece} for piece in pieces], finish, len(pieces))

    def _calls(self, body: dict[str, Any]) -> None:
        name = body["tools"][0]["function"]["name"]
        deltas = [
            {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": name}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": '{"city":'}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": '"Ulm"}'}}]},
        ]
        self._stream(deltas, "tool_calls", 5)

    def _stream(self, deltas: list[dict[str, Any]], finish: str, tokens: int) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self._chunk(b": hello\n\n")
        for delta in deltas:
            self._event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        usage = {"prompt_tokens": 7, "completion_tokens": tokens}
        self._event({"choices": [], "usage": usage})
        self._chunk(b"data: [DONE]\r\n\r\n")
        self._chunk(b"")

    def _event(self, value: dict[str, Any]) -> None:
        data = b"data: " + json.dumps(value).encode() + b"\n\n"
        self._chunk(data[:5])  # servers cut where they like
        self._chunk(data[5:])

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()
