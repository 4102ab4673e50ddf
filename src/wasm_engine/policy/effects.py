"""What may be sent a second time, where nobody knows what became of the first."""

from __future__ import annotations

from collections.abc import Sequence

from wasm_engine.concepts.mistakes import Wrong, shown
from wasm_engine.concepts.web import IDEMPOTENT, Url, check_origin, covers

URL_RULE = (
    'an origin, or an origin with a path, as in "https://api.example.com/orders", or with "/*" '
    "for all below it"
)


def check_pattern(text: str) -> None:
    """Lets a pattern of URLs pass: an origin, with a path, or with a path and `/*`.

    Raises:
        Wrong: It is none; the text says why.
    """
    origin, path = _parts(text)
    check_origin(origin)
    if not path:
        return
    try:
        target = Url.parse("http://any" + path.removesuffix("*")).target
    except Wrong as wrong:
        raise Wrong(f"{shown(text)}: {wrong}") from None
    if "?" in target or "*" in target or (path.endswith("*") and not path.endswith("/*")):
        raise Wrong(f"{shown(text)}: `*` goes to the end, as `/*`, and there is no query")


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
    return any(_fits(pattern, asked.origin, path) for pattern in idempotent)


def _fits(pattern: str, origin: str, path: str) -> bool:
    allowed, below = _parts(pattern)
    if not covers(allowed, origin):
        return False
    if below.endswith("/*"):
        return path.startswith(below[:-1])
    return below in {"", path}


def origin_part(pattern: str) -> str:
    """The origin that a pattern speaks of."""
    return _parts(pattern)[0]


def _parts(pattern: str) -> tuple[str, str]:
    """Origin and path."""
    scheme, mark, rest = pattern.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host}", f"{slash}{path}"
