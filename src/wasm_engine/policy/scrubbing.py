"""Takes secrets out of what servers answer: some say again what they were asked.

Found are a secret's own bytes, whatever of it is percent-encoded, escaped as JSON or HTML, all of
it in Base64 (at any place in what was encoded) and in hexadecimal digits. Not found is what was
changed in any other way: turned around, compressed, encrypted, cut into pieces.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence

from wasm_engine.concepts.effect import HttpResponse
from wasm_engine.concepts.secrets import MIN_VALUE

INSTEAD = b"[secret]"
"""What stands in a secret's place: no longer than any secret, so that nothing grows."""
assert len(INSTEAD) <= MIN_VALUE

_ENTITIES = {"&": b"amp", "<": b"lt", ">": b"gt", '"': b"quot", "'": b"apos"}
_HEAD = 12
"""Characters that are looked for at once; only where they are the rest is compared."""


class Scrubber:
    """Takes some secrets out of responses.

    Args:
        values: The secrets.
    """

    def __init__(self, values: Iterable[str]) -> None:
        # The longest first: one may be part of another.
        ordered = sorted(set(values), key=lambda it: (-len(it), it))
        self._forms = [form for value in ordered for form in _forms(value)]

    def response(self, response: HttpResponse) -> HttpResponse:
        """The response, without them."""
        status, headers, body = response
        clean = [(self._text(name), self._text(value)) for name, value in headers]
        return status, clean, self.bytes(body)

    def bytes(self, data: bytes) -> bytes:
        """The bytes, without them."""
        for form in self._forms:
            data = form.taken_out_of(data)
        return data

    def _text(self, text: str) -> str:
        return self.bytes(text.encode("latin-1", "replace")).decode("latin-1")


class _Form:
    """A text in any spelling of each of its characters.

    Args:
        spellings: Of each character, its spellings: patterns that begin with a literal byte, so
            that the search passes quickly over all that begins otherwise.
    """

    def __init__(self, spellings: Sequence[Sequence[bytes]]) -> None:
        each = [b"(?:" + b"|".join(ways) + b")" for ways in spellings[:_HEAD]]
        then = b"".join(each[1:])
        self._head = re.compile(b"|".join(first + then for first in spellings[0]))
        self._each = [[re.compile(way) for way in ways] for ways in spellings]

    def taken_out_of(self, data: bytes) -> bytes:
        """The bytes, without it."""
        kept, at, start = [], 0, 0
        while found := self._head.search(data, start):
            end = self._end(data, found.start())
            if end is None:
                start = found.start() + 1
                continue
            kept += [data[at : found.start()], INSTEAD]
            at = start = end
        return b"".join([*kept, data[at:]]) if kept else data

    def _end(self, data: bytes, start: int) -> int | None:
        """Where it ends that begins there, if it does; of several ends the last.

        One spelling may begin another (a backslash, and two for one): all are followed at once.
        """
        ends = {start: None}
        for ways in self._each:
            found = [way.match(data, at) for at in ends for way in ways]
            ends = dict.fromkeys(it.end() for it in found if it is not None)
            if not ends:
                return None
        return max(ends)


def _forms(value: str) -> list[_Form]:
    """All that a secret may look like."""
    data = value.encode()
    spelled = [[_any(char) for char in value], *(_within(data, at) for at in range(3))]
    return [*map(_Form, spelled), _Form([_digit(digit) for digit in data.hex()])]


def _any(char: str) -> list[bytes]:
    """The spellings of a character."""
    code = ord(char)
    named = b"|" + _ENTITIES[char] if char in _ENTITIES else b""
    spelled = [
        re.escape(char).encode(),
        rb"%%(?i:%02x)" % code,
        rb"\\\\*u(?i:%04x)" % code,
        rb"&(?:#0*%d|#[xX]0*(?i:%x)%s);" % (code, code, named),
    ]
    if char in '"\\/':  # escaped as JSON, or as JSON within JSON
        spelled.append(rb"\\\\*" + re.escape(char).encode())
    if char == " ":
        spelled.append(rb"\+")
    return spelled


def _digit(digit: str) -> list[bytes]:
    return [case.encode() for case in sorted({digit, digit.upper()})]


def _within(data: bytes, before: int) -> list[list[bytes]]:
    """What Base64 makes of data that so many bytes (of each three) stand before, whatever they are.

    The digits that other bytes have a part in are left out at both ends.
    """
    digits = base64.b64encode(bytes(before) + data).decode()
    first, last = -(-before * 8 // 6), (before + len(data)) * 8 // 6
    safe = {"+": [b"-"], "/": [b"_"]}
    return [_any(digit) + safe.get(digit, []) for digit in digits[first:last]]
