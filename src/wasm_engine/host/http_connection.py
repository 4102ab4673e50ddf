"""Connections that speak HTTP over lines that can be cut, and hold a server to what it may say."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Sequence
from email.errors import MissingHeaderBodySeparatorDefect
from functools import partial
from http.client import HTTPException, HTTPMessage
from http.client import HTTPResponse as Received
from socket import socket
from typing import Any, NamedTuple

from urllib3.connection import HTTPConnection, HTTPSConnection

from wasm_engine.concepts.addresses import Network
from wasm_engine.concepts.web import Url
from wasm_engine.host.lines import Line

MOST_HEAD = 256 << 10
"""Bytes before a body: of the response's head, and of all the interim ones before it."""
_FRAMING = 8
"""Bytes that may come for each one of a body: a chunk of one byte takes six."""

_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)


class TooMuch(HTTPException):
    """A server sends more than it may, of what is no body."""


class Broken(HTTPException):
    """What came is no HTTP, or is HTTP to one reader and something else to another."""


class _Bounded:
    """What a response is read from; there is no more of it than there may be."""

    def __init__(self, beneath: Any, most: int) -> None:
        self._beneath = beneath
        self._left = most

    def read(self, size: int) -> bytes:
        """Up to so many bytes; never all there are, which a chunk of -1 bytes would ask for."""
        if size < 0:
            raise Broken
        return self._counted(self._beneath.read(size))

    def read1(self, size: int) -> bytes:
        """Up to so many bytes of what is there, or is about to be."""
        if size < 0:
            raise Broken
        return self._counted(self._beneath.read1(size))

    def readinto(self, buffer: Any) -> int:
        """As many bytes as the buffer takes."""
        count: int = self._beneath.readinto(buffer)
        self._take(count)
        return count

    def readline(self, limit: int) -> bytes:
        """The next line."""
        return self._counted(self._beneath.readline(limit))

    def flush(self) -> None:
        """Nothing is ever written."""

    def close(self) -> None:
        """Closes what lies beneath."""
        self._beneath.close()

    def _counted(self, data: bytes) -> bytes:
        self._take(len(data))
        return data

    def _take(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise TooMuch


class _Lines:
    """The lines of a response's head, each of them whole."""

    def __init__(self, beneath: Any) -> None:
        self._beneath = _Bounded(beneath, MOST_HEAD)
        self._begun = False

    def readline(self, limit: int) -> bytes:
        """The next line; nothing, where the server hung up before the first."""
        line = self._beneath.readline(limit)
        if not line.endswith(b"\n") and len(line) < limit and (line or self._begun):
            raise ConnectionResetError
        if _CONTROL.search(line.removesuffix(b"\n").removesuffix(b"\r")):
            raise Broken  # a bare CR ends a line for some
        self._begun = True
        return line

    def close(self) -> None:
        """Closes what lies beneath."""
        self._beneath.close()


class _Response(Received):
    """A response whose head has an end: the library takes a broken connection for one."""

    def __init__(self, *given: Any, most: int, **more: Any) -> None:
        super().__init__(*given, **more)
        self._most = most

    def begin(self) -> None:
        """Reads the head."""
        fp: Any = self.fp
        self.fp = _Lines(fp)  # type: ignore[assignment]
        try:
            super().begin()
        finally:
            if self.fp is not None:  # nothing is left of what is no response
                self.fp = _Bounded(fp, MOST_HEAD + _FRAMING * self._most)  # type: ignore[assignment]
        _check_framing(self.headers)


def _check_framing(headers: HTTPMessage) -> None:
    """Where the body ends must be told in one way."""
    if any(isinstance(defect, MissingHeaderBodySeparatorDefect) for defect in headers.defects):
        raise Broken
    coding = [value.strip().lower() for value in headers.get_all("transfer-encoding", [])]
    if coding not in ([], ["chunked"], ["identity"]):
        raise Broken
    said = headers.get_all("content-length", [])
    lengths = {value.strip() for one in said for value in one.split(",")}
    if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
        raise Broken


class Terms(NamedTuple):
    """How a connection is made, and what may come in on it.

    Attributes:
        line: What it goes over.
        named: Networks where a name may lead to beside the public ones.
        most: Bytes that the body of a response may have.
    """

    line: Line
    named: Sequence[Network]
    most: int


def connection(terms: Terms, url: Url, tls: Callable[[], ssl.SSLContext]) -> HTTPConnection:
    """A connection to the server of a URL; nothing is dialled yet.

    Args:
        terms: How.
        url: Whose server it is.
        tls: How servers prove who they are; asked for where this one must.
    """
    if url.scheme == "http":
        return _Plain(terms, url.host, url.port)
    return _Sealed(terms, url.host, url.port, ssl_context=tls())


class _Plain(HTTPConnection):
    """A connection over a line that can be cut."""

    def __init__(self, terms: Terms, host: str, port: int) -> None:
        super().__init__(host, port, timeout=terms.line.left)
        self.response_class = partial(_Response, most=terms.most)  # type: ignore[assignment]
        self._terms = terms

    def _new_conn(self) -> Any:
        return _dialled(self._terms, self._dns_host, self.port)


class _Sealed(HTTPSConnection):
    """The same under TLS."""

    def __init__(self, terms: Terms, host: str, port: int, ssl_context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=terms.line.left, ssl_context=ssl_context)
        self.response_class = partial(_Response, most=terms.most)  # type: ignore[assignment]
        self._terms = terms

    def _new_conn(self) -> Any:
        return _dialled(self._terms, self._dns_host, self.port)


def _dialled(terms: Terms, host: str, port: int) -> socket:
    return terms.line.dial(host, port, terms.named)
