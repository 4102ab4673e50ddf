"""Three shops behind one small server: prices, and orders that are taken once for each key.

python3 examples/shops/server.py [PORT]
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import parse_qs, urlsplit

PRICES = {"north": {"tea": 340, "salt": 90}, "south": {"tea": 310}, "harbour": {"salt": 85}}


class Shops(ThreadingHTTPServer):
    """The shops, and the orders that they have: by the key that came with each."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Request)
        self.orders: dict[str, dict[str, object]] = {}
        self.lock = Lock()


class Request(BaseHTTPRequestHandler):
    """One request."""

    server: Shops

    def do_GET(self) -> None:
        """A price: /prices/SHOP?item=NAME."""
        url = urlsplit(self.path)
        shop = PRICES.get(url.path.rpartition("/")[2], {})
        item = parse_qs(url.query).get("item", [""])[0]
        if item in shop:
            self.answer(200, {"price": shop[item]})
        else:
            self.answer(404, {"error": f"no {item} here"})

    def do_POST(self) -> None:
        """An order. Who sends it again under the same key is told the same again."""
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers["Idempotency-Key"]
        with self.server.lock:
            known = self.server.orders.setdefault(
                key, {**order, "number": len(self.server.orders) + 1}
            )
        self.answer(201, known)

    def answer(self, status: int, value: object) -> None:
        """Sends JSON."""
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    shops = Shops(int(sys.argv[1]) if len(sys.argv) > 1 else 8808)
    print(f"shops are open at http://127.0.0.1:{shops.server_port}", flush=True)
    shops.serve_forever()
