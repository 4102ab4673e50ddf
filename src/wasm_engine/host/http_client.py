"""Asks a server, once: no redirects, no cookies, no proxies, no second try of its own.

One request is one connection. What that costs is seldom much beside what is asked, and there is no
connection that the server has closed meanwhile: whatever fails, it is known what was sent.
"""

from __future__ import annotations

import contextlib
import re
import ssl
import threading
from collections.abc import Iterator
from http.client import HTTPException, LineTooLong
from http.client import HTTPResponse as Received
from typing import TYPE_CHECKING, Any

from urllib3 import HTTPHeaderDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from wasm_engine.concepts import faults
from wasm_engine.concepts.effect import HttpResponse, Issued, Outcome
from wasm_engine.concepts.errors import HostFault
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.message import Headers
from wasm_engine.concepts.web import MAX_HEADER_BYTES, OURS, Url
from wasm_engine.host.lines import Cut, Line, NoSuchHost

if TYPE_CHECKING:
    from urllib3.response import HTTPResponse

    from wasm_engine.host.outside import Cancellation

KEY_HEADER = "Idempotency-Key"
_PIECE = 64 << 10
_FOLD = re.compile(r"\r?\n[ \t]*")

# What is said of each end: our own words, for these are kept in the run.
_SAYS = {
    faults.TIMEOUT: "no whole answer came in time",
    faults.CANCELLED: "nobody waits for it any more",
    faults.UNKNOWN_HOST: "nobody knows an address for the server's name",
    faults.CONNECTION_FAILED: "the server cannot be reached; nothing was sent",
    faults.TLS_FAILED: "the server did not prove who it is; nothing was sent",
    faults.CONNECTION_LOST: "the connection broke; the server may have got the request",
    faults.BAD_RESPONSE: "what came back is no HTTP",
    faults.TOO_LARGE: "the response is larger than it may be",
}


class _Ended(Exception):
    """How a request ended without a response: the code."""


class HttpClient:
    """Performs effects of the capability `http`.

    Args:
        tls: How servers prove who they are; None for the system's own store of authorities.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._lock = threading.Lock()

    def perform(self, issued: Issued, cancellation: Cancellation) -> Outcome:
        """Sends one request and waits for the whole answer.

        Raises:
            HostFault: This machine failed, and nobody out there.
        """
        method, url, headers, body, timeout, most = issued.arguments
        line = Line(timeout / 1e9)
        alarm = threading.Timer(timeout / 1e9, line.cut, [faults.TIMEOUT])
        alarm.daemon = True
        try:
            alarm.start()
        except RuntimeError as error:
            message = f"no thread could be started ({error})"
            raise HostFault(message) from error
        cancellation.on_cancel(lambda: line.cut(faults.CANCELLED))
        try:
            with _told(line):
                sent = _sent_headers(Url.parse(url), headers, issued.key, body)
                response = self._ask(line, method, Url.parse(url), sent, body, most)
            if not line.why:  # a body without a length ends where the line was cut
                return response
            code = line.why
        except _Ended as end:
            code = line.why or str(end)
        finally:
            alarm.cancel()
            line.close()
        return refusal(code, _SAYS[code])

    def _ask(
        self, line: Line, method: str, url: Url, headers: Any, body: bytes | None, most: int
    ) -> HttpResponse:
        connection = self._connection(line, url)
        try:
            with _otherwise(faults.CONNECTION_FAILED):
                connection.connect()
            with _otherwise(faults.CONNECTION_LOST):
                with contextlib.suppress(BrokenPipeError):  # it may have answered before it hung up
                    connection.request(
                        method, url.target, body, headers, preload_content=False,
                        decode_content=False,
                    )  # fmt: skip
                response = connection.getresponse()
                try:
                    if response.status < 200:
                        raise _Ended(faults.BAD_RESPONSE)
                    return response.status, _headers(response), _body(response, most)
                finally:
                    response.close()
        finally:
            connection.close()

    def _connection(self, line: Line, url: Url) -> HTTPConnection:
        if url.scheme == "http":
            return _Plain(line, url.host, url.port)
        return _Sealed(line, url.host, url.port, self._context())

    def _context(self) -> ssl.SSLContext:
        """Read once, when the first server has to prove who it is: it takes a while."""
        with self._lock:
            if self._tls is None:
                self._tls = ssl.create_default_context()
                self._tls.set_alpn_protocols(["http/1.1"])
            return self._tls


class _Lines:
    """The lines of a response's head, each of them whole."""

    def __init__(self, beneath: Any) -> None:
        self._beneath = beneath
        self._begun = False

    def readline(self, limit: int) -> bytes:
        """The next line; nothing, where the server hung up before the first."""
        line: bytes = self._beneath.readline(limit)
        if not line.endswith(b"\n") and len(line) < limit and (line or self._begun):
            raise ConnectionResetError
        self._begun = True
        return line

    def close(self) -> None:
        """Closes what lies beneath."""
        self._beneath.close()


class _Response(Received):
    """A response whose head has an end: the library takes a broken connection for one."""

    def begin(self) -> None:
        """Reads the head."""
        fp: Any = self.fp
        self.fp = _Lines(fp)  # type: ignore[assignment]
        try:
            super().begin()
        finally:
            if self.fp is not None:  # nothing is left of what is no response
                self.fp = fp


class _Plain(HTTPConnection):
    """A connection over a line that can be cut."""

    response_class: type[Received] = _Response

    def __init__(self, line: Line, host: str, port: int) -> None:
        super().__init__(host, port, timeout=line.left)
        self._line = line

    def _new_conn(self) -> Any:
        return self._line.dial(self._dns_host, self.port)


class _Sealed(HTTPSConnection):
    """The same under TLS."""

    response_class: type[Received] = _Response

    def __init__(self, line: Line, host: str, port: int, tls: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=line.left, ssl_context=tls)
        self._line = line

    def _new_conn(self) -> Any:
        return self._line.dial(self._dns_host, self.port)


@contextlib.contextmanager
def _told(line: Line) -> Iterator[None]:
    """Whatever a line that was cut leads to, it was cut."""
    try:
        yield
    except (_Ended, HostFault):
        raise
    except Exception:
        if line.why:
            raise _Ended(line.why) from None
        raise


@contextlib.contextmanager
def _otherwise(broken: str) -> Iterator[None]:
    """What went wrong, as a code; `broken` is what a broken connection means at this point."""
    try:
        yield
    except NoSuchHost:
        code = faults.UNKNOWN_HOST
    except TimeoutError:
        code = faults.TIMEOUT
    except ssl.SSLError:
        code = faults.TLS_FAILED if broken == faults.CONNECTION_FAILED else broken
    except LineTooLong:
        code = faults.TOO_LARGE
    except (ConnectionError, Cut):
        code = broken
    except HTTPError as error:
        code = _code_of(error, broken)
    except HTTPException:
        code = faults.BAD_RESPONSE
    except OSError:
        code = broken
    else:
        return
    raise _Ended(code)


def _code_of(error: HTTPError, broken: str) -> str:
    """What lies beneath an error of the library: it wraps what it reads from."""
    cause = error.__cause__
    if isinstance(cause, TimeoutError):
        return faults.TIMEOUT
    if broken == faults.CONNECTION_FAILED or isinstance(cause, OSError):
        return broken
    return faults.BAD_RESPONSE


def _sent_headers(url: Url, headers: Headers, key: str, body: bytes | None) -> HTTPHeaderDict:
    sent = HTTPHeaderDict({"Host": url.authority, "Connection": "close"})
    for name, value in headers:
        if name.lower() not in OURS:
            sent.add(name, value)
    if body is not None:
        sent["Content-Length"] = str(len(body))
    for name, value in (("User-Agent", "wasm-engine"), (KEY_HEADER, key)):
        sent.setdefault(name, value)
    return sent


def _headers(response: HTTPResponse) -> list[tuple[str, str]]:
    found = [(name, _FOLD.sub(" ", value)) for name, value in response.headers.iteritems()]
    if sum(len(name) + len(value) for name, value in found) > MAX_HEADER_BYTES:
        raise _Ended(faults.TOO_LARGE)
    return found


def _body(response: HTTPResponse, most: int) -> bytes:
    """Piece by piece, by the standard library's own reading, which bounds what it holds."""
    if response.length_remaining is not None and response.length_remaining > most:
        raise _Ended(faults.TOO_LARGE)
    body = bytearray()
    while piece := response.read(min(_PIECE, most + 1 - len(body)), decode_content=False):
        body += piece
        if len(body) > most:
            raise _Ended(faults.TOO_LARGE)
    return bytes(body)
