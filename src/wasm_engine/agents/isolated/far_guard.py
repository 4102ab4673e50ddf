"""Labels and the policy in force as a worker process sees them: all of it is asked for.

Stands in for `orchestrator.guard.Guard` while guests run. It lives for one part of an activation,
in which nothing that it was answered can change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from wasm_engine.agents.isolated.protocol import LabelsOf
from wasm_engine.concepts.segment import NO_LABELS, Labels


class Asks(Protocol):
    """The way to whoever knows."""

    def ask(self, what: Any, key: str | int | None = None, number: int = 0) -> Any:
        """A value that only the other process knows."""

    def judge(
        self, action: str, target: str, context: Mapping[str, Any], labels: Labels, call: int
    ) -> str | None:
        """The rule by which that is refused, or None."""


class FarGuard:
    """What the other process knows of labels, and what it decides.

    Args:
        told: What goes along with a message; see `knowing.FarKnowing.around`.
        asks: For the rest.

    Attributes:
        decides, judged_from: See `Guard`.
        labels: What the guest knows as the part begins.
        sources: Where it read that.
    """

    __slots__ = ("_asks", "_found", "_keys", "_verdicts", "decides", "judged_from", "labels",
                 "sources")  # fmt: skip

    def __init__(self, told: list[Any], asks: Asks) -> None:
        self.decides, self.judged_from, labels, sources, keys = told
        self.labels: Labels = frozenset(labels)
        self.sources: dict[str, None] = dict.fromkeys(sources)
        self._keys = None if keys is None else {key: frozenset(it) for key, it in keys}
        self._asks = asks
        self._found: dict[tuple[str, str | int], Labels] = {}
        self._verdicts: dict[tuple[Any, ...], str | None] = {}

    def refuses(
        self, guest: Any, action: str, target: str, context: Mapping[str, Any]
    ) -> str | None:
        """The rule by which a guest may not do something now, or None."""
        values = (tuple(it) if isinstance(it, list) else it for it in context.values())
        key = (guest.agent.address, action, target, guest.labels, *values)
        if key not in self._verdicts:
            call = len(guest.calls) - 1
            verdict = self._asks.judge(action, target, context, guest.labels, call)
            self._verdicts[key] = verdict
        return self._verdicts[key]

    def entering(self, _agent: Any, _message: int) -> Labels:
        """Labels of what an agent knows as it begins to handle a message."""
        return self.labels

    def of_source(self, source: str) -> Labels:
        """Labels of what is in a source."""
        return self._labels("source", source)

    def of_key(self, _address: str, key: str) -> Labels:
        """Labels of what the agent keeps under a key, or kept there."""
        return self._labels("key", key) if self._keys is None else self._keys.get(key, NO_LABELS)

    def of_keys(self, _address: str, prefix: str) -> Labels:
        """Labels of all keys that begin so."""
        if self._keys is None:
            return self._labels("keys", prefix)
        rows = self._keys.items()
        return NO_LABELS.union(*(labels for key, labels in rows if key.startswith(prefix)))

    def of_outcome(self, _address: str, number: int) -> Labels:
        """Labels of what became of a request or an effect of the agent."""
        return self._labels("outcome", number)

    def _labels(self, what: LabelsOf, key: str | int) -> Labels:
        found = self._found.get((what, key))
        if found is None:
            found = self._found[what, key] = frozenset(self._asks.ask(what, key))
        return found
