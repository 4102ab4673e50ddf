"""The plugin's server: a list of common words, and whatever plugins send home.

python3 examples/untrusted-plugin/dictionary.py [PORT]
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMON = "the of to a not us them be in and is no less than will keeps between it two house"


class Dictionary(ThreadingHTTPServer):
    """The server, and what was sent to it."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Request)
        self.received: list[str] = []


class Request(BaseHTTPRequestHandler):
    """One request."""

    server: Dictionary

    def do_GET(self) -> None:
        """The common words."""
        self.answer(200, COMMON.encode())

    def do_POST(self) -> None:
        """Telemetry."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.received.append(body)
        print(f"telemetry: {body[:60]!r}", flush=True)
        self.answer(204, b"")

    def answer(self, status: int, body: bytes) -> None:
        """Sends text."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    dictionary = Dictionary(int(sys.argv[1]) if len(sys.argv) > 1 else 8809)
    print(f"the dictionary is at http://127.0.0.1:{dictionary.server_port}", flush=True)
    dictionary.serve_forever()
