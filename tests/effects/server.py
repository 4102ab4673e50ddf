"""A real server in threads, which can misbehave as servers do: by path."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

HERE = Path(__file__).parent


class Seen(NamedTuple):
    """One request, as the server got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Server(ThreadingHTTPServer):
    """Keeps a log of what it was asked. What hangs, hangs until `release`."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(
        self, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.address = address
        super().__init__((address, port), _Requests)
        self.scheme = "http" if tls is None else "https"
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.seen: list[Seen] = []
        self.at_once = 0
        self.most_at_once = 0
        self.lock = threading.Lock()
        self.last = ""
        self.released = threading.Event()
        self.arrived = threading.Condition()

    @property
    def origin(self) -> str:
        """Its origin, as a grant names it."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{host}:{self.server_port}"

    def named(self, name: str) -> str:
        """Its origin under a name that leads to it."""
        return f"{self.scheme}://{name}:{self.server_port}"

    def release(self) -> None:
        """Lets everything go on that hangs."""
        self.released.set()

    def wait_for(self, count: int) -> None:
        """Returns when it has been asked that often."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.seen) >= count, 20)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what some tests are about."""


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def date_time_string(self, timestamp: float | None = None) -> str:
        """No answer tells the time: two runs must be answered the same."""
        return "Wed, 01 Jan 2025 00:00:00 GMT"

    def handle_one_request(self) -> None:
        with suppress(OSError):
            super().handle_one_request()

    def log_message(self, *args: Any) -> None:
        """The log is `seen`."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        server, url = self.server, urlsplit(self.path)
        if url.path == "/refuses-body":
            self._send(413, b"no")
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with server.arrived:
            server.at_once += 1
            server.most_at_once = max(server.most_at_once, server.at_once)
            server.seen.append(Seen(self.command, self.path, dict(self.headers.items()), body))
            server.arrived.notify_all()
        try:
            name = url.path.strip("/").split("/")[0].replace("-", "_") or "echo"
            getattr(self, f"on_{name}", self.on_echo)(body, parse_qs(url.query))
        finally:
            with server.arrived:
                server.at_once -= 1
                server.arrived.notify_all()

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _raw(self, data: bytes) -> None:
        self.close_connection = True
        self.wfile.write(data)
        self.wfile.flush()

    def on_echo(self, body: bytes, query: dict[str, list[str]]) -> None:
        """Says what it was asked."""
        names = {name.lower(): self.headers.get_all(name, []) for name in self.headers}
        headers = {name: ", ".join(values) for name, values in names.items()}
        row = {"method": self.command, "path": self.path, "headers": headers}
        self._send(200, json.dumps({**row, "body": body.decode("latin-1")}).encode())

    def on_same(self, body: bytes, query: dict[str, list[str]]) -> None:
        """Gives the body back."""
        self._send(200, body, Content_Type="application/octet-stream")

    def on_status(self, body: bytes, query: dict[str, list[str]]) -> None:
        """A status of one's choice."""
        status = int(self.path.rpartition("/")[2])
        self._send(status, b"" if status in {204, 304} else b"as you wish", Location="/echo")

    def on_redirect(self, body: bytes, query: dict[str, list[str]]) -> None:
        """Leads to as many places as one likes, with a status of one's choice."""
        self.send_response(int(self.path.partition("?")[0].rpartition("/")[2]))
        for place in query.get("to", []):
            self.send_header("Location", place)
        self.send_header("Content-Length", "6")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"onward")

    def on_circle(self, body: bytes, query: dict[str, list[str]]) -> None:
        """Leads to itself."""
        self._send(302, b"onward", Location=self.path)

    def on_plain(self, body: bytes, query: dict[str, list[str]]) -> None:
        """The same bytes each time: no date among the headers. One path may have to be last."""
        server = self.server
        if self.path == server.last:
            with server.arrived:
                server.arrived.wait_for(lambda: len(server.seen) >= 3 and server.at_once == 1, 20)
        self._raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain")

    def on_headers(self, body: bytes, query: dict[str, list[str]]) -> None:
        """Headers that come twice, or are in Latin-1, or folded."""
        self._raw(
            b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX-Any: caf\xe9\r\nset-cookie: b=2\r\n"
            b"X-Folded: one\r\n two\r\nContent-Length: 2\r\n\r\nok"
        )

    def on_hang(self, body: bytes, query: dict[str, list[str]]) -> None:
        """Answers when it is told to."""
        self.server.released.wait(20)
        self._send(200, b"at last")

    def on_hang_in_body(self, body: bytes, query: dict[str, list[str]]) -> None:
        """Half of a body, and the rest when it is told to; no length."""
        self._raw(b"HTTP/1.1 200 OK\r\n\r\nhalf")
        self.server.released.wait(20)

    def on_drip(self, body: bytes, query: dict[str, list[str]]) -> None:
        """A header, byte by byte, without end: none of them comes late."""
        self._raw(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not self.server.released.wait(0.01):
            self._raw(b"x")

    def on_reset(self, body: bytes, query: dict[str, list[str]]) -> None:
        """Hangs up with a reset, as a server that crashes does."""
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def on_hang_up(self, body: bytes, query: dict[str, list[str]]) -> None:
        """Hangs up without a word."""
        self.close_connection = True

    def on_garbage(self, body: bytes, query: dict[str, list[str]]) -> None:
        """Says something else than HTTP."""
        self._raw(b"220 ready for mail\r\n\r\n")

    def on_raw(self, body: bytes, query: dict[str, list[str]]) -> None:
        """Says what it was sent."""
        self._raw(body)

    def on_huge(self, body: bytes, query: dict[str, list[str]]) -> None:
        """As many bytes as one likes; the length is not told."""
        self._raw(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(int(query["mib"][0])):
            self._raw(b"x" * (1 << 20))

    def on_chunked(self, body: bytes, query: dict[str, list[str]]) -> None:
        """A body in chunks, with a trailer."""
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        self._raw(head + b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n")

    def on_endless_chunk_line(self, body: bytes, query: dict[str, list[str]]) -> None:
        """The line before a chunk never ends."""
        self._raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not self.server.released.is_set():
            self._raw(b"0" * 65536)

    def _without_end(self, head: bytes, piece: bytes) -> None:
        self._raw(head)
        while not self.server.released.is_set():
            self._raw(piece * 100)

    def on_interim(self, body: bytes, query: dict[str, list[str]]) -> None:
        """Interim responses without end."""
        self._without_end(b"", b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n")

    def on_trailers(self, body: bytes, query: dict[str, list[str]]) -> None:
        """Trailers without end."""
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
        self._without_end(head, b"X-Trailer: yes\r\n")

    def on_extensions(self, body: bytes, query: dict[str, list[str]]) -> None:
        """Chunks of one byte, of which each has much to say."""
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        self._without_end(head, b"1;" + b"x" * 1000 + b"\r\ny\r\n")

    def on_many_headers(self, body: bytes, query: dict[str, list[str]]) -> None:
        """Headers without end."""
        self._raw(b"HTTP/1.1 200 OK\r\n")
        while not self.server.released.is_set():
            self._raw(b"X-More: " + b"x" * 1000 + b"\r\n")


@contextmanager
def running(
    tls: ssl.SSLContext | None = None, address: str = "127.0.0.1", port: int = 0
) -> Iterator[Server]:
    """A server, for as long as one is inside."""
    server = Server(tls, address, port)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.release()
        server.shutdown()
        server.server_close()
        thread.join()
