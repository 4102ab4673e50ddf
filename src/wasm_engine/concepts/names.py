"""Addresses, topics and keys: their grammar, their bounds, and the names kept for the world."""

from __future__ import annotations

import re
from functools import lru_cache

MAX_NAME_BYTES = 200
OPERATOR = "operator"
"""The sender of a message that came from outside the world."""
WORLD = "world"
"""The sender of the world's own notices."""
RESERVED = frozenset({OPERATOR, WORLD})

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*", re.ASCII)
_SEGMENT = re.compile(r"[a-z0-9][a-z0-9._-]*", re.ASCII)


def is_name(text: str) -> bool:
    """Whether the text may be an address or a topic: `[a-z0-9][a-z0-9._-]*(/...)*`, 200 bytes."""
    return len(text) <= MAX_NAME_BYTES and _is_name(text)


@lru_cache(maxsize=4096)
def _is_name(text: str) -> bool:
    """Asked of every message, and most have a topic that another one had."""
    return _NAME.fullmatch(text) is not None


def is_kind(text: str) -> bool:
    """Whether the text may name a kind of agent: one segment of an address, not reserved."""
    return (
        len(text) <= MAX_NAME_BYTES
        and _SEGMENT.fullmatch(text) is not None
        and text not in RESERVED
    )


def kind_of(address: str) -> str:
    """The kind in an address: `worker` of `worker/17`."""
    return address.partition("/")[0]
