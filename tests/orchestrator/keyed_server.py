"""A real server on this machine that keeps a log of what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, Self


class Asked(NamedTuple):
    """One request as the server got it."""

    method: str
    path: str
    key: str
    body: str


class Server:
    """Answers `METHOD PATH`; `before` may hold a request back."""

    def __init__(self) -> None:
        self.log: list[Asked] = []
        self.before: Callable[[Asked], None] = lambda _asked: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size).decode()
                key = self.headers["Idempotency-Key"]
                asked = Asked(self.command, self.path, key, body)
                outer.log.append(asked)
                outer.before(asked)
                data = f"{self.command} {self.path}".encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PUT = do_POST = answer  # noqa: N815 - their names

            def date_time_string(self, *_args: object) -> str:
                """Always the same: chains are compared."""
                return "Wed, 01 Jan 2025 00:00:00 GMT"

            def log_message(self, *_args: object) -> None:
                """Quiet."""

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_args: object) -> None:
                """A client that has gone is no trouble."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
