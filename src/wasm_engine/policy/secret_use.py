"""Which secret may go where: references in a request become secrets, or the request is refused."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Iterable
from typing import NamedTuple
from urllib.parse import quote

from wasm_engine.concepts import faults
from wasm_engine.concepts.effect import HttpArguments
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.message import Headers
from wasm_engine.concepts.secrets import ANY_REFERENCE, Secret
from wasm_engine.concepts.web import MAX_URL, Url, covers

_BASIC = re.compile(r"(basic +)([A-Za-z0-9+/_-]+=*)", re.ASCII | re.IGNORECASE)
_NOWHERE = "a reference that stands for no secret"


class Filled(NamedTuple):
    """A request as it goes out.

    Attributes:
        arguments: With secrets in place of references.
        used: Names of those that are in it.
    """

    arguments: HttpArguments
    used: tuple[str, ...]


def filled(
    arguments: HttpArguments, secrets: Iterable[Secret], granted: Collection[str]
) -> Filled | Err:
    """The request with secrets put in, or why it is not sent.

    Args:
        arguments: The request, as the agent made it.
        secrets: All of its world.
        granted: Names of those that the agent may use.
    """
    method, url, headers, body, timeout, most = arguments
    origin, used = Url.parse(url).origin, []
    pairs = [(name, *_opened(name, value)) for name, value in headers]
    for secret in secrets:
        places = _places(secret.reference, url, pairs, body)
        if not places:
            continue
        objection = _objection(secret, origin, places, granted)
        if objection:
            return refusal(faults.NOT_GRANTED, objection)
        used.append(secret.name)
        url = url.replace(secret.reference, quote(secret.value, safe=""))
        pairs = [(n, v.replace(secret.reference, secret.value), basic) for n, v, basic in pairs]
        if body is not None:
            written = _in_body(secret.value, headers).encode()
            body = body.replace(secret.reference.encode(), written)
    made = [(name, _closed(value, basic)) for name, value, basic in pairs]
    rest = [method, url, *(name for name, _ in made), *(value for _, value, _ in pairs)]
    if any(ANY_REFERENCE.search(text.encode("latin-1", "replace")) for text in rest) or (
        body is not None and ANY_REFERENCE.search(body)
    ):
        return refusal(faults.NOT_GRANTED, _NOWHERE)
    if len(url) > MAX_URL:
        return refusal(faults.TOO_LARGE, f"with the secret, a URL of more than {MAX_URL} bytes")
    return Filled((method, url, made, body, timeout, most), tuple(used))


def _places(
    reference: str, url: str, headers: list[tuple[str, str, str]], body: bytes | None
) -> list[str]:
    """Where in a request a reference stands; `host` is no place for any."""
    found = []
    if reference in url:
        target = url.find("/", url.find("://") + 3)
        query = url.find("?")
        begin = min((at for at in (target, query) if at >= 0), default=len(url))
        found.append("host" if reference in url[:begin] else "url")
    if any(reference in value for _, value, _ in headers):
        found.append("header")
    if body is not None and reference.encode() in body:
        found.append("body")
    return found


def _objection(
    secret: Secret, origin: str, places: list[str], granted: Collection[str]
) -> str | None:
    """Why a secret may not go there, or None."""
    if secret.name not in granted:
        return f"secret:{secret.name}"
    if not any(covers(pattern, origin) for pattern in secret.origins):
        return f"secret:{secret.name} at {origin}"
    wrong = [place for place in places if place not in secret.places]
    return f"secret:{secret.name} in a request's {wrong[0]}" if wrong else None


def _opened(name: str, value: str) -> tuple[str, str]:
    """A header's value, and what stands before it: credentials in Base64 are opened for a look."""
    found = _BASIC.fullmatch(value) if name.lower() == "authorization" else None
    if found is None:
        return value, ""
    try:
        inside = base64.b64decode(found[2], altchars=b"-_" if set("-_") & set(found[2]) else None)
    except binascii.Error:
        return value, ""
    if not ANY_REFERENCE.search(inside):
        return value, ""
    return inside.decode("latin-1"), found[1]


def _closed(value: str, basic: str) -> str:
    return basic + base64.b64encode(value.encode("latin-1")).decode() if basic else value


def _in_body(value: str, headers: Headers) -> str:
    """A secret as a body of that type spells it."""
    kind = next((value for name, value in headers if name.lower() == "content-type"), "").lower()
    kind = kind.partition(";")[0].strip()
    if kind == "application/json" or kind.endswith("+json"):
        return json.dumps(value)[1:-1]
    if kind == "application/x-www-form-urlencoded":
        return quote(value, safe="")
    return value
