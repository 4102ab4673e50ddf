"""Where an effect may get to on its way: whoever sends it asks, whoever knows grants answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from wasm_engine.concepts.addresses import Network
from wasm_engine.concepts.effect import Issued
from wasm_engine.concepts.redirects import Request


class Reach(NamedTuple):
    """Where an effect may get to on its way.

    Attributes:
        named: Networks where the names of servers may lead to beside the public ones.
        redirects: How many redirects are followed; one more is a response like any other.
        leads: Whether a redirect may lead to the request with this method, URL and headers.
    """

    named: Sequence[Network] = ()
    redirects: int = 0
    leads: Callable[[Request], bool] = lambda _: False


def nowhere_else(_: Issued) -> Reach:
    """To public addresses, along no redirect."""
    return Reach()
