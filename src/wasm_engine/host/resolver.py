"""Addresses of names, as the resolver of this machine has them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

Resolve: TypeAlias = Callable[[str], Sequence[str]]
"""All addresses of a name, in the order in which they are to be tried; one with a zone has it at
its end (`fe80::1%2`). Raises NoSuchHost."""

_FAMILIES = frozenset({socket.AF_INET, socket.AF_INET6})


class NoSuchHost(Exception):
    """Nobody knows an address for the name."""


def system_resolver(name: str) -> list[str]:
    """What `getaddrinfo` says.

    Raises:
        NoSuchHost: It knows none.
    """
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NoSuchHost from None
    return [_spelled(place) for family, _, _, _, place in found if family in _FAMILIES]


def _spelled(place: tuple[Any, ...]) -> str:
    host, zone = str(place[0]).partition("%")[0], place[3:]
    return f"{host}%{zone[0]}" if any(zone) else host
