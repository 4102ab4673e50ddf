"""Asks servers: those that the manifest grants to the agent, and the operator to the world.

    from wasm_agent import http, on

    @on("weather")
    def weather(message):
        answer = http.get("https://api.example.com/now", params={"place": message.text})
        return answer.expect_ok().json()["temperature"]

What comes back is kept in the run: a replay asks nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from wasm_agent.contract import call, checked_text
from wasm_agent.contract import http as _host
from wasm_agent.faults import Fault, HttpStatus
from wasm_agent.requests import Request
from wasm_agent.values import Reply, Span, nanoseconds, shortened, to_body

_KINDS = (
    (str, "text/plain; charset=utf-8"),
    ((bytes, bytearray, memoryview), "application/octet-stream"),
)


class Headers(Mapping[str, str]):
    """What came with a response, by name, in whatever letters. Several of one name are joined."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._all: dict[str, list[str]] = {}
        for name, value in pairs:
            self._all.setdefault(name.lower(), []).append(value)

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._all[name.lower()])

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def all(self, name: str) -> list[str]:
        """Each value of a name by itself, such as those of `set-cookie`."""
        return list(self._all.get(name.lower(), ()))

    def __repr__(self) -> str:
        return f"Headers({dict(self)})"


class Response(Reply):
    """What a server answered: `.text`, `.bytes`, `.json()`.

    Attributes:
        status: 200 and so on.
        headers: By name, in whatever letters.
    """

    def __init__(self, received: Any) -> None:
        super().__init__(received.body)
        self.status: int = received.status
        self.headers = Headers(received.headers)

    @property
    def ok(self) -> bool:
        """Whether the status is one of success: 200 to 299."""
        return 200 <= self.status <= 299

    def expect_ok(self) -> Response:
        """Itself, if the status is one of success.

        Raises:
            HttpStatus: It is not.
        """
        if self.ok:
            return self
        raise HttpStatus(f"{self.status}: {shortened(self.bytes[:200].decode(errors='replace'))}")

    def __repr__(self) -> str:
        return f"Response({self.status}, {shortened(self._value)})"


class Asked(Request):
    """A request to a server on its way, from `start`. `wait_any` and `gather` take it too.

    Attributes:
        method: Its method.
        url: Its URL.
    """

    def __init__(self, method: str, url: str, number: int) -> None:
        super().__init__(url, method, number)
        self.method, self.url = method, url

    def wait(self) -> Response:
        """Waits for the response, and raises the fault if there is none. May be called again."""
        answer = super().wait()
        assert isinstance(answer, Response)
        return answer

    def _taken(self) -> Response | Fault:
        try:
            return Response(call(_host.take, self.number))
        except Fault as fault:
            return fault

    def __repr__(self) -> str:
        return f"Asked({self.method!r}, {self.url!r}, {self.number})"


def fetch(
    method: str,
    url: str,
    value: Any = None,
    *,
    params: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: Span | None = None,
) -> Response:
    """Asks a server and waits for its answer; the rest of the world goes on meanwhile.

    Args:
        method: `GET`, `POST` and so on.
        url: Absolute. Its server must be granted.
        value: What is sent: text, bytes, or anything JSON knows; None for nothing.
        params: Names and values that are added to the URL's query; a list counts as several.
        headers: Labels. A `content-type` is added that fits the value, if there is none.
        timeout: Seconds of real time (or a timedelta); never longer than the manifest allows.

    Raises:
        Fault: There is no response: `Timeout`, `ConnectionFailed`, `NotGranted`, `TooLarge`...
            A response of whatever status is one.
    """
    return Response(call(_host.fetch, _request(method, url, value, params, headers, timeout)))


def start(
    method: str,
    url: str,
    value: Any = None,
    *,
    params: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: Span | None = None,
) -> Asked:
    """Asks without waiting: the first half of `fetch`. It goes out when the agent waits."""
    request = _request(method, url, value, params, headers, timeout)
    return Asked(request.method, request.url, call(_host.start, request))


def get(url: str, **more: Any) -> Response:
    """`fetch("GET", url, ...)`."""
    return fetch("GET", url, **more)


def head(url: str, **more: Any) -> Response:
    """`fetch("HEAD", url, ...)`."""
    return fetch("HEAD", url, **more)


def delete(url: str, **more: Any) -> Response:
    """`fetch("DELETE", url, ...)`."""
    return fetch("DELETE", url, **more)


def post(url: str, value: Any = "", **more: Any) -> Response:
    """`fetch("POST", url, value, ...)`."""
    return fetch("POST", url, value, **more)


def put(url: str, value: Any = "", **more: Any) -> Response:
    """`fetch("PUT", url, value, ...)`."""
    return fetch("PUT", url, value, **more)


def patch(url: str, value: Any = "", **more: Any) -> Response:
    """`fetch("PATCH", url, value, ...)`."""
    return fetch("PATCH", url, value, **more)


def _request(
    method: str,
    url: str,
    value: Any,
    params: Mapping[str, Any] | None,
    headers: Mapping[str, str] | None,
    timeout: Span | None,
) -> Any:
    checked_text("a method", method)
    checked_text("a URL", url)
    if params:
        url += ("&" if "?" in url else "?") + urlencode(params, doseq=True)
    labels = [
        (checked_text("a header's name", name), checked_text(f"header {name!r}", it))
        for name, it in (headers or {}).items()
    ]
    body = None if value is None else to_body(value)
    if body is not None and not any(name.lower() == "content-type" for name, _ in labels):
        labels.append(("content-type", _content_type(value)))
    limit = None if timeout is None else nanoseconds(timeout)
    return _host.Request(method.upper(), url, labels, body, limit)


def _content_type(value: Any) -> str:
    return next((kind for types, kind in _KINDS if isinstance(value, types)), "application/json")
