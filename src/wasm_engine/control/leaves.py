"""Where in two values the first byte differs: down through their parts to a text or bytes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, Final, NamedTuple

AROUND = 60
"""Bytes that are shown on either side of the first one that differs."""

_NOTHING: Final = object()


class Leaf(NamedTuple):
    """The first part, of two values, that differs and has no parts itself.

    Attributes:
        a, b: It, in both.
        byte: Offset of the first byte that differs (of a text: in UTF-8); None where these are no
            two texts and no two bytes.
    """

    a: Any
    b: Any
    byte: int | None

    def around(self, value: str | bytes) -> str:
        """What stands around that byte, in one of them."""
        data = value if isinstance(value, bytes) else value.encode()
        at = self.byte or 0
        start = 0 if at <= 2 * AROUND else at - AROUND
        piece = data[start : at + AROUND]
        shown = piece.hex() if isinstance(value, bytes) else piece.decode(errors="ignore")
        before, after = "..." if start else "", "..." if at + AROUND < len(data) else ""
        return f"{before}{shown}{after}"


def first_difference(x: Any, y: Any) -> Leaf | None:
    """Where two canonical values differ first; None where they do not."""
    if x == y and type(x) is type(y):
        return None
    for p, q in zip_longest(_parts(x), _parts(y), fillvalue=_NOTHING):
        if p is _NOTHING or q is _NOTHING:
            break
        found = first_difference(p, q)
        if found is not None:
            return found
    return Leaf(x, y, _byte(x, y))


def _parts(value: Any) -> Sequence[Any]:
    if isinstance(value, list | tuple):
        return value
    return [getattr(value, name) for name in getattr(value, "__struct_fields__", ())]


def _byte(x: Any, y: Any) -> int | None:
    if isinstance(x, str) and isinstance(y, str):
        x, y = x.encode(), y.encode()
    if not isinstance(x, bytes) or not isinstance(y, bytes):
        return None
    both = min(len(x), len(y))
    return next((i for i in range(both) if x[i] != y[i]), both)
