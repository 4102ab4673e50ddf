"""What carries out a world's effects: one performer for each capability that has any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wasm_engine.agents.manifest import Manifest
from wasm_engine.concepts.effect import HTTP, Issued, Outcome
from wasm_engine.host.outside import Cancellation, OutsideWorkers
from wasm_engine.policy.effects import may_repeat


def outside() -> OutsideWorkers:
    """The outside; its threads and libraries come with the first effect."""
    return OutsideWorkers({HTTP: _http()})


def _http() -> Callable[[Issued, Cancellation], Outcome]:
    client: list[Any] = []

    def perform(issued: Issued, cancellation: Cancellation) -> Outcome:
        if not client:
            # Imported when it is needed: most worlds ask nobody outside.
            from wasm_engine.host.http_client import HttpClient  # noqa: PLC0415

            client.append(HttpClient().perform)
        outcome: Outcome = client[0](issued, cancellation)
        return outcome

    return perform


def repeatable(manifest: Manifest) -> Callable[[Issued], bool]:
    """Whether an effect whose outcome is unknown may be sent again, as its kind's manifest says."""

    def may(issued: Issued) -> bool:
        kind = manifest.kind(issued.agent.partition("/")[0])
        method, url = issued.arguments[:2]
        return kind is not None and may_repeat(method, url, kind.http_idempotent)

    return may
