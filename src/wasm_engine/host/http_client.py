"""Asks a server, once: no cookies, no proxies, no second try of its own.

Redirects are followed as far as the manifest says, each as good as a first request. One request is
one connection. What that costs is seldom much beside what is asked, and there is no connection that
the server has closed meanwhile: whatever fails, it is known what was sent.
"""

from __future__ import annotations

import contextlib
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPException, LineTooLong
from typing import TYPE_CHECKING, TypeAlias

from urllib3 import HTTPHeaderDict
from urllib3.exceptions import HTTPError

from wasm_engine.concepts import faults
from wasm_engine.concepts.effect import HttpResponse, Issued, Outcome
from wasm_engine.concepts.errors import HostFault
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.redirects import IDEMPOTENCY_KEY, Request, redirected
from wasm_engine.concepts.web import MAX_HEADER_BYTES, OURS, Url
from wasm_engine.host.http_connection import Terms, TooMuch, connection
from wasm_engine.host.lines import AddressRefused, Cut, Line
from wasm_engine.host.reach import Reach, nowhere_else
from wasm_engine.host.resolver import NoSuchHost, Resolve, system_resolver

if TYPE_CHECKING:
    from urllib3.response import HTTPResponse

    from wasm_engine.host.outside import Cancellation

Hears: TypeAlias = Callable[[int, bytes], None]
"""Told a response's status, and a piece of its body."""
_UNSENT = OURS | {"proxy"}
_PIECE = 64 << 10
_FOLD = re.compile(r"\r?\n[ \t]*")

# What is said of each end: our own words, for these are kept in the run.
_SAYS = {
    faults.TIMEOUT: "no whole answer came in time",
    faults.CANCELLED: "nobody waits for it any more",
    faults.UNKNOWN_HOST: "nobody knows an address for the server's name",
    faults.ADDRESS_REFUSED: "the server's name leads to no address that it may lead to",
    faults.NOT_GRANTED: "a redirect leads to what this agent may not ask",
    faults.CONNECTION_FAILED: "the server cannot be reached; nothing was sent",
    faults.TLS_FAILED: "the server did not prove who it is; nothing was sent",
    faults.CONNECTION_LOST: "the connection broke; the server may have got the request",
    faults.BAD_RESPONSE: "what came back is no HTTP",
    faults.TOO_LARGE: "the response is larger than it may be",
}
# After a redirect it is no longer true that nothing was sent.
_ON_THE_WAY = {
    faults.ADDRESS_REFUSED: faults.NOT_GRANTED,
    faults.UNKNOWN_HOST: faults.CONNECTION_LOST,
    faults.CONNECTION_FAILED: faults.CONNECTION_LOST,
    faults.TLS_FAILED: faults.CONNECTION_LOST,
}


class _Ended(Exception):
    """How a request ended without a response: the code."""


class HttpClient:
    """Performs effects of the capability `http`.

    Args:
        tls: How servers prove who they are; None for the system's own store of authorities.
        resolve: Who knows the addresses of names.
        reach: Where each effect may get to.
    """

    def __init__(
        self,
        tls: ssl.SSLContext | None = None,
        *,
        resolve: Resolve = system_resolver,
        reach: Callable[[Issued], Reach] = nowhere_else,
    ) -> None:
        self._tls = tls
        self._resolve = resolve
        self._reach = reach
        self._lock = threading.Lock()

    def perform(
        self, issued: Issued, cancellation: Cancellation, hears: Hears | None = None
    ) -> Outcome:
        """Sends one request and waits for the whole answer.

        Args:
            issued: The request.
            cancellation: Whether somebody still wants to know.
            hears: Told each piece of the last response's body as it comes, with its status.

        Raises:
            HostFault: This machine failed, and nobody out there.
        """
        method, url, headers, body, timeout, _ = issued.arguments
        line = Line(timeout / 1e9, self._resolve)
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
                request = Request(method, Url.parse(url), headers, body)
                response = self._along(line, issued, request, hears)
            if not line.why:  # a body without a length ends where the line was cut
                return response
            code = line.why
        except _Ended as end:
            code = line.why or str(end)
        finally:
            alarm.cancel()
            line.close()
        return refusal(code, _SAYS[code])

    def _along(
        self, line: Line, issued: Issued, request: Request, hears: Hears | None
    ) -> HttpResponse:
        """The response of the last server that a request is led to."""
        reach, key = self._reach(issued), issued.key
        terms = Terms(line, reach.named, issued.arguments[5])
        left = reach.redirects
        answer = self._ask(terms, request, key, hears, follow=left > 0)
        while isinstance(answer, Request):
            downgraded = (request.url.scheme, answer.url.scheme) == ("https", "http")
            if downgraded or not reach.leads(answer):
                raise _Ended(faults.NOT_GRANTED)
            line.close()
            request, left = answer, left - 1
            try:
                answer = self._ask(terms, request, key, hears, follow=left > 0)
            except _Ended as end:
                raise _Ended(_ON_THE_WAY.get(str(end), str(end))) from None
        return answer

    def _ask(
        self, terms: Terms, request: Request, key: str, hears: Hears | None, *, follow: bool
    ) -> HttpResponse | Request:
        """What one server answers; where to ask next, if its answer is that and is followed."""
        made = connection(terms, request.url, self._context)
        try:
            with _otherwise(faults.CONNECTION_FAILED):
                made.connect()
            with _otherwise(faults.CONNECTION_LOST):
                with contextlib.suppress(BrokenPipeError):  # it may have answered before it hung up
                    made.request(
                        request.method, request.url.target, request.body,
                        _sent_headers(request, key), preload_content=False, decode_content=False,
                    )  # fmt: skip
                response = made.getresponse()
                try:
                    return _answer(request, response, terms.most, hears, follow=follow)
                finally:
                    response.close()
        finally:
            made.close()

    def _context(self) -> ssl.SSLContext:
        """Read once, when the first server has to prove who it is: it takes a while."""
        with self._lock:
            if self._tls is None:
                self._tls = ssl.create_default_context()
                self._tls.set_alpn_protocols(["http/1.1"])
            return self._tls


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
    except AddressRefused:
        code = faults.ADDRESS_REFUSED
    except (LineTooLong, TooMuch):
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
    if isinstance(cause, TooMuch):
        return faults.TOO_LARGE
    if broken == faults.CONNECTION_FAILED or isinstance(cause, OSError):
        return broken
    return faults.BAD_RESPONSE


def _sent_headers(request: Request, key: str) -> HTTPHeaderDict:
    sent = HTTPHeaderDict({"Host": request.url.authority, "Connection": "close"})
    for name, value in request.headers:
        # Some servers take `_` for `-`; and `Proxy` for a setting of their own (CGI).
        if name.lower().replace("_", "-") not in _UNSENT:
            sent.add(name, value)
    if request.body is not None:
        sent["Content-Length"] = str(len(request.body))
    sent.setdefault("User-Agent", "wasm-engine")
    if request.keyed:
        sent.setdefault(IDEMPOTENCY_KEY, key)
    return sent


def _answer(
    request: Request,
    response: HTTPResponse,
    most: int,
    hears: Hears | None,
    *,
    follow: bool,
) -> HttpResponse | Request:
    if response.status < 200:
        raise _Ended(faults.BAD_RESPONSE)
    headers = _headers(response)
    if follow:
        try:
            onward = redirected(request, response.status, headers)
        except Wrong:
            raise _Ended(faults.BAD_RESPONSE) from None
        if onward is not None:
            return onward
    return response.status, headers, _body(response, most, hears)


def _headers(response: HTTPResponse) -> list[tuple[str, str]]:
    found = [(name, _FOLD.sub(" ", value)) for name, value in response.headers.iteritems()]
    if sum(len(name) + len(value) for name, value in found) > MAX_HEADER_BYTES:
        raise _Ended(faults.TOO_LARGE)
    return found


def _body(response: HTTPResponse, most: int, hears: Hears | None) -> bytes:
    """Piece by piece, by the standard library's own reading, which bounds what it holds."""
    if response.length_remaining is not None and response.length_remaining > most:
        raise _Ended(faults.TOO_LARGE)
    read = response.read if hears is None else response.read1  # what there is, and not more
    body = bytearray()
    while piece := read(min(_PIECE, most + 1 - len(body)), decode_content=False):
        body += piece
        if len(body) > most:
            raise _Ended(faults.TOO_LARGE)
        if hears is not None:
            hears(response.status, piece)
    return bytes(body)
