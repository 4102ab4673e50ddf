"""What may be asked of a server: method, URL, headers; and origins, of which grants speak.

Stricter than browsers are: a text that two readers could take for two different servers is none.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

from wasm_engine.concepts.message import Headers
from wasm_engine.concepts.mistakes import Wrong, shown

MAX_URL = 8 << 10
MAX_HEADERS = 100
MAX_HEADER_BYTES = 64 << 10
"""Names and values of all headers together, of a request or of a response."""
MAX_REQUEST_BODY = 8 << 20
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
"""Methods that do no more when they are sent twice: RFC 9110, section 9.2.2."""
OURS = frozenset(
    {
        *("connection", "content-length", "expect", "host", "http2-settings", "keep-alive"),
        *("proxy-authenticate", "proxy-authorization", "proxy-connection"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    }
)
"""Headers that say how a message travels: they are the client's to set, never a guest's."""

_PORTS = {"http": 80, "https": 443}
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]*\]|[^/?#@:\[\]]*)(:(?P<port>[0-9]*))?"
    r"(?P<rest>([/?].*)?)",
    re.ASCII | re.IGNORECASE,
)
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*", re.ASCII)
_NUMBER = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)", re.ASCII)
_VISIBLE = re.compile(r"[!-~]*", re.ASCII)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
ORIGIN_RULE = (
    'an origin such as "https://api.example.com", "http://127.0.0.1:8080" or '
    '"https://*.example.com"'
)
ORIGIN_PATTERN = r"https?://((\*\.)?[a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?"


class Url(NamedTuple):
    """A URL, taken apart.

    Attributes:
        host: A name in small letters, or the address of a machine; IPv6 without its brackets.
        port: Also where the text has none.
        target: Path and query, as they are sent.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host, and port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Which server it is, in the one spelling that there is."""
        return f"{self.scheme}://{self.authority}"

    @property
    def text(self) -> str:
        """All of it, in the one spelling that there is."""
        return self.origin + self.target

    @classmethod
    def parse(cls, text: str) -> Url:
        """Takes `http://host:port/path?query` apart.

        Raises:
            Wrong: It is not such a URL; the text says why.
        """
        if len(text) > MAX_URL:
            raise Wrong(f"a URL has at most {MAX_URL} characters")
        if not _VISIBLE.fullmatch(text):
            raise Wrong("a URL has no spaces and no letters beyond ASCII; percent-encode them")
        found = _URL.fullmatch(text)
        if found is None:
            raise Wrong(f"{shown(text)} is no URL such as https://host/path")
        scheme, rest = found["scheme"].lower(), found["rest"]
        if "#" in rest:
            raise Wrong("a URL that is asked for has no fragment (#)")
        target = rest if rest.startswith("/") else f"/{rest}"
        return cls(scheme, _host(found["host"].lower()), _port(found["port"], scheme), target)


def _host(text: str) -> str:
    try:
        if text.startswith("["):
            return _spelled(ipaddress.IPv6Address(text[1:-1]))
        if _NUMBER.fullmatch(text):  # 0x7f.1 and 2130706433 are addresses, too, to some
            return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise Wrong(f"{shown(text)} is no address of a machine") from None
    if not _NAME.fullmatch(text) or len(text) > 253:
        raise Wrong(f"{shown(text)} is no name of a machine")
    return text


def _spelled(address: ipaddress.IPv6Address) -> str:
    """The one spelling; that of IPv4 within IPv6 differs between releases of Python."""
    if address.ipv4_mapped is None:
        return str(address)
    number = int(address.ipv4_mapped)
    return f"::ffff:{number >> 16:x}:{number & 0xFFFF:x}"


def _port(text: str | None, scheme: str) -> int:
    if text is None:
        return _PORTS[scheme]
    if not text or text.startswith("0") or len(text) > 5 or int(text) > 65_535:
        raise Wrong(f"{shown(text)} is no port")
    return int(text)


def check_origin(text: str) -> None:
    """Lets pass what a grant may name: an origin, or `https://*.` and the rest of a name.

    Raises:
        Wrong: It is none, or spelled otherwise than the one way; the text says how.
    """
    concrete = text.replace("://*.", "://", 1)
    try:
        url = Url.parse(concrete)
    except Wrong as wrong:
        raise Wrong(f"{shown(text)} is no origin: {wrong}") from None
    if concrete != text and (":" in url.host or _NUMBER.fullmatch(url.host)):
        raise Wrong(f"{shown(text)}: `*.` goes before a name, not before an address")
    if url.origin != concrete:
        spelled = url.origin if concrete == text else url.origin.replace("://", "://*.")
        raise Wrong(f"{shown(text)} is no origin; write {shown(spelled)}")


def covers(pattern: str, origin: str) -> bool:
    """Whether an origin is the one that is named, or one of those below `*.`.

    The origin may itself have a `*.`: then all that it means is covered, or it is not.
    """
    if pattern == origin:
        return True
    scheme, star, rest = pattern.partition("://*")
    return bool(star) and origin.startswith(f"{scheme}://") and origin.endswith(rest)


def check_method(method: str) -> None:
    """Lets a method pass.

    Raises:
        Wrong: It is none, or opens a tunnel.
    """
    if not _TOKEN.fullmatch(method) or len(method) > 32:
        raise Wrong(f"{shown(method)} is no method")
    if method.upper() == "CONNECT":
        raise Wrong("CONNECT opens a tunnel, which nobody could look into")


def check_headers(headers: Headers) -> None:
    """Lets headers pass that a guest may set.

    Raises:
        Wrong: One is none, or is the client's own to set.
    """
    for name, value in headers:
        if not _TOKEN.fullmatch(name):
            raise Wrong(f"{shown(name)} is no name of a header")
        if name.lower() in OURS:
            raise Wrong(f"the header {name} is not an agent's to set")
        if not _VALUE.fullmatch(value):
            raise Wrong(f"the header {name} has a value that cannot be sent")
