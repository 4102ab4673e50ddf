"""On what terms an agent may ask servers: what its manifest grants it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from wasm_engine.concepts.url_patterns import OVERRIDES, ruled_in
from wasm_engine.concepts.web import Url, covers


class HttpTerms(NamedTuple):
    """On what terms an agent may ask servers.

    Attributes:
        origins: Those it was granted, each an origin or `https://*.` and the rest of a name.
        timeout: Real time that an answer may take (ns).
        most: Bytes that the body of a response may have.
        rules: Which requests it may send to them, `GET https://host/path/*`; None for any.
    """

    origins: tuple[str, ...]
    timeout: int
    most: int
    rules: tuple[str, ...] | None = None

    def allows(self, origin: str) -> bool:
        """Whether the server of that origin may be asked."""
        return any(covers(pattern, origin) for pattern in self.origins)

    def objection(self, method: str, url: Url, headers: Iterable[str]) -> str:
        """What of a request was not granted; empty where all of it was.

        Args:
            method: Its method.
            url: Where it goes.
            headers: The names of its headers.
        """
        if not self.allows(url.origin):
            return f"asking {url.origin}"
        if self.rules is None:
            return ""
        if not ruled_in(self.rules, method, url):
            return f"no rule of the manifest lets this request go to {url.origin}"
        overriding = (name for name in headers if name.lower().replace("_", "-") in OVERRIDES)
        name = next(overriding, None)
        return "" if name is None else f"under a rule, the header {name}"
