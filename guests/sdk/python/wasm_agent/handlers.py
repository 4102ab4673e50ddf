"""Which function of the agent takes which message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from wasm_agent.messages import Message

Handler = Callable[[Message], Any]
AnyHandler = TypeVar("AnyHandler", bound=Handler)


class Handlers:
    """The functions by topic: the exact one first, then the longest `prefix/*`, then `*`."""

    def __init__(self) -> None:
        self._by_topic: dict[str, Handler] = {}

    def on(self, *topics: str) -> Callable[[AnyHandler], AnyHandler]:
        """Makes a function the one that handles messages on these topics.

        `@on("order/new")` takes one topic, `@on("order/*")` all below `order`, `@on("*")` whatever
        no other function takes. The function is given the `Message`; what it returns, if not
        None, is the reply.
        """
        if not topics or not all(isinstance(topic, str) for topic in topics):
            message = 'write the topics: @on("topic"), or @on("*") for every message'
            raise TypeError(message)

        def register(handler: AnyHandler) -> AnyHandler:
            for topic in topics:
                self._add(topic, handler)
            return handler

        return register

    def find(self, topic: str) -> Handler | None:
        """The function for a topic, or None."""
        exact = self._by_topic.get(topic)
        if exact is not None:
            return exact
        prefix = topic
        while "/" in prefix:
            prefix = prefix.rpartition("/")[0]
            below = self._by_topic.get(prefix + "/*")
            if below is not None:
                return below
        return self._by_topic.get("*")

    def clear(self) -> None:
        """Forgets all of them."""
        self._by_topic.clear()

    def topics(self) -> list[str]:
        """What is handled, in the order it was written."""
        return list(self._by_topic)

    def _add(self, topic: str, handler: Handler) -> None:
        other = self._by_topic.get(topic)
        if other is not None:
            message = f"two functions for topic {topic!r}: {name_of(other)} and {name_of(handler)}"
            raise ValueError(message)
        self._by_topic[topic] = handler


def name_of(handler: Handler) -> str:
    """What to call a function when speaking to people."""
    return getattr(handler, "__name__", repr(handler))


registry = Handlers()
on = registry.on
