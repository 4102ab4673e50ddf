"""Patterns of URLs in a manifest, and rules: which method, of which of them.

Under a rule a path has one reading, or none. A server that decodes twice, resolves `..` late, cuts
`;` off or folds full-width letters makes another path of what it gets; so whatever some server is
known to read otherwise than it is written is not covered by any rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from wasm_engine.concepts.mistakes import Wrong, shown
from wasm_engine.concepts.web import ORIGIN_PATTERN, Url, check_method, check_origin, covers

URL_RULE = (
    'an origin, or an origin with a path, as in "https://api.example.com/orders", or with "/*" '
    "for all below it"
)
RULE_RULE = (
    'a method, or "*" for any, and an origin with a path, or with "/*" for all below it, as in '
    '"GET https://api.example.com/v1/*"'
)
RULE_PATTERN = rf"^(\*|[!#$%&'+.^_`|~0-9A-Z-]+) {ORIGIN_PATTERN}(/[!-~]*)?$"
OVERRIDES = frozenset(
    {
        *("x-http-method", "x-http-method-override", "x-method-override", "x-forwarded-method"),
        *("x-original-url", "x-original-uri", "x-rewrite-url"),
        *("x-forwarded-uri", "x-forwarded-path"),
    }
)
"""Headers from which some servers take another method or path than the request has."""

_RAW = re.compile(r"([!$&'()*+,:=@A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})*", re.ASCII)
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+", re.ASCII)
_ESCAPED = frozenset(" !\"$&'()*+,:<=>@[]^`{|}")
"""ASCII that may be percent-encoded: neither a letter or digit, which nobody encodes who is honest,
nor anything that separates, ends or decodes a path."""
_LETTERS = ((0xC0, 0x37D), (0x37F, 0x1FFF), (0x3040, 0x31FF), (0x3400, 0x9FFF), (0xAC00, 0xD7A3),
            (0x20000, 0x3FFFF))  # fmt: skip
"""Blocks of letters beyond ASCII. What is left out looks like `/`, `.`, `;` or `\\` to somebody:
punctuation, the Greek question mark, full-width and small forms."""


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


def fits(pattern: str, origin: str, path: str) -> bool:
    """Whether a pattern covers the path, without its query, at an origin."""
    allowed, below = _parts(pattern)
    if not covers(allowed, origin):
        return False
    if below.endswith("/*"):
        return path.startswith(below[:-1])
    return below in {"", path}


def origin_part(pattern: str) -> str:
    """The origin that a pattern speaks of."""
    return _parts(pattern)[0]


def check_rule(text: str) -> None:
    """Lets a rule pass: a method or `*`, a space, and a pattern of URLs.

    Raises:
        Wrong: It is none; the text says why.
    """
    method, space, pattern = text.partition(" ")
    if not space:
        raise Wrong(f"{shown(text)} is no rule; write {RULE_RULE}")
    if method != "*":
        check_method(method)
        if method != method.upper():
            raise Wrong(f"{shown(text)}: methods are in capitals; write {shown(method.upper())}")
    check_pattern(pattern)
    if not is_plain(_parts(pattern)[1].removesuffix("*") or "/"):
        raise Wrong(f"{shown(text)}: servers may read its path as another; {_PLAIN_RULE}")


def pattern_of(rule: str) -> str:
    """The pattern of URLs that a rule speaks of."""
    return rule.partition(" ")[2]


def ruled_in(rules: Iterable[str], method: str, url: Url) -> bool:
    """Whether one of the rules covers a request, whichever way a server may read its path."""
    path = url.target.partition("?")[0]
    if not is_plain(path):
        return False
    asked = (rule.partition(" ") for rule in rules)
    return any(
        wanted in {"*", method} and fits(pattern, url.origin, path) for wanted, _, pattern in asked
    )


_PLAIN_RULE = "there is no `//`, `.`, `..`, `;` or `\\` in it, and nothing percent-encoded that"\
    " stands for these, for `/` or `%`, or for a letter"  # fmt: skip


def is_plain(path: str) -> bool:
    """Whether every server reads the path, without its query, as it is written."""
    first, *segments = path.split("/")
    if first or not segments:
        return False
    last = segments.pop()
    return all(map(_is_segment, segments)) and (last == "" or _is_segment(last))


def _is_segment(text: str) -> bool:
    """Whether it stands for itself; some servers strip dots and spaces from the end of a name."""
    if not _RAW.fullmatch(text):
        return False
    try:
        decoded = _ESCAPES.sub(_decoded, text)
    except ValueError:
        return False
    return decoded.strip(". ") != ""


def _decoded(escapes: re.Match[str]) -> str:
    text = bytes.fromhex(escapes[0].replace("%", "")).decode("utf-8")
    if not all(char in _ESCAPED or _is_letter(ord(char)) for char in text):
        raise ValueError
    return text


def _is_letter(code: int) -> bool:
    return any(first <= code <= last for first, last in _LETTERS)


def _parts(pattern: str) -> tuple[str, str]:
    """Origin and path."""
    scheme, mark, rest = pattern.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host}", f"{slash}{path}"
