"""What may be sent a second time, where nobody knows what became of the first."""

from __future__ import annotations

from collections.abc import Sequence

from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.url_patterns import fits
from wasm_engine.concepts.web import IDEMPOTENT, Url


def may_repeat(method: str, url: str, idempotent: Sequence[str]) -> bool:
    """Whether a request may be sent again, under the same key, though it may have been served.

    Args:
        method: Its method.
        url: Its URL.
        idempotent: Patterns of the URLs where the server knows a repetition by its key.
    """
    if method.upper() in IDEMPOTENT:
        return True
    try:
        asked = Url.parse(url)
    except Wrong:
        return False
    path = asked.target.partition("?")[0]
    if "/.." in path or "%" in path:  # what a server takes for another path
        path = ""
    return any(fits(pattern, asked.origin, path) for pattern in idempotent)


def may_follow(first: tuple[str, str], then: tuple[str, str], idempotent: Sequence[str]) -> bool:
    """Whether a redirect may lead a request on, as far as a second sending goes.

    Whoever may send a request a second time sends it along all of its way: where it led must keep
    the same promise.

    Args:
        first: Method and URL of the request.
        then: Method and URL that it is led to.
        idempotent: As for `may_repeat`.
    """
    return not may_repeat(*first, idempotent) or may_repeat(*then, idempotent)
