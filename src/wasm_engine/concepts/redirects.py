"""Where a redirect leads, and with what: RFC 9110, section 15.4, as browsers follow it (fetch)."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urljoin

from wasm_engine.concepts.message import Headers
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.web import Url

MOST_REDIRECTS = 10
IDEMPOTENCY_KEY = "Idempotency-Key"

_STATUSES = frozenset({301, 302, 303, 307, 308})
_OF_A_BODY = frozenset({"content-encoding", "content-language", "content-location", "content-type"})
_ABROAD = _OF_A_BODY | {
    *("accept", "accept-charset", "accept-encoding", "accept-language", "cache-control"),
    *("idempotency-key", "pragma", "range", "user-agent"),
}
"""Headers that go along to another origin. Any other may hold a secret: `authorization` does, and
`cookie`, and whatever name a server has for its own."""
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.ASCII | re.IGNORECASE)
_READABLE = re.compile(r"[!-\[\]-~]*", re.ASCII)


class Request(NamedTuple):
    """A request on its way.

    Attributes:
        headers: What the guest set, as far as it still goes along.
        keyed: Whether it is the request that was asked for, which its key stands for.
    """

    method: str
    url: Url
    headers: Headers
    body: bytes | None
    keyed: bool = True


def redirected(request: Request, status: int, headers: Headers) -> Request | None:
    """The request that a response leads to; None where it leads nowhere.

    Raises:
        Wrong: Nobody can tell where it leads.
    """
    if status not in _STATUSES:
        return None
    found = [value.strip(" \t") for name, value in headers if name.lower() == "location"]
    if not found:
        return None
    if any(place != found[0] for place in found):
        raise Wrong("it leads to two places")
    url = _resolved(request.url, found[0])
    method, body, kept, keyed = request.method, request.body, request.headers, request.keyed
    if _becomes_get(status, method):
        # Not the request that was asked for any more: a server that knows the key may refuse it.
        without = _OF_A_BODY | {IDEMPOTENCY_KEY.lower()}
        kept = [(name, value) for name, value in kept if name.lower() not in without]
        method, body, keyed = "GET", None, False
    if url.origin != request.url.origin:
        kept = [(name, value) for name, value in kept if name.lower() in _ABROAD]
    return Request(method, url, kept, body, keyed)


def _becomes_get(status: int, method: str) -> bool:
    if status == 303:
        return method not in {"GET", "HEAD"}
    return status in {301, 302} and method == "POST"


def _resolved(base: Url, location: str) -> Url:
    """An absolute URL. What two readers take for two places is none."""
    text = location.partition("#")[0]
    if not _READABLE.fullmatch(text) or text.startswith("///"):
        raise Wrong("it is no URL")
    if _SCHEME.match(text):
        return Url.parse(text)
    if text.startswith("//"):
        return Url.parse(f"{base.scheme}:{text}")
    return Url.parse(urljoin(base.text, text))
