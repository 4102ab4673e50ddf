"""A message that arrived, and which one is being handled."""

from __future__ import annotations

from typing import Any

from wasm_agent.contract import call, messaging, types
from wasm_agent.faults import NoRequest, RequestClosed
from wasm_agent.values import Content, shortened, to_body


class Message(Content):
    """What another agent sent.

    Attributes:
        id: Position in the world's total order.
        sender: Who sent it, not to be forged. `operator` is outside the world, `world` is the
            world itself.
        topic: What it is about.
        headers: Labels; where a name occurs twice, the first counts.
        request: The number of the request it opens, or None where nobody waits for a reply.
        answered: Whether the agent replied to it.
    """

    def __init__(self, received: types.Message) -> None:
        super().__init__(received.body)
        self.id: int = received.id
        self.sender: str = received.sender
        self.topic: str = received.topic
        self.headers: dict[str, str] = dict(reversed(received.headers))
        self.request: int | None = received.request
        self._deferred = False
        self.answered = False

    def reply(self, value: Any) -> None:
        """Answers it: the same as returning the value from the function that handles it.

        Raises:
            NoRequest: Nobody waits for a reply.
            RequestClosed: It was answered already.
        """
        if self.request is None:
            detail = f"{self.sender} does not wait for a reply to {self.topic!r}"
            raise NoRequest(detail)
        if self is current.message:
            call(messaging.reply, to_body(value))
            self.answered = True
        elif self._deferred:
            call(messaging.reply_to, self.request, to_body(value))
        else:
            detail = f"message {self.id} was handled before; defer() keeps a request open"
            raise RequestClosed(detail)

    def defer(self) -> int:
        """Keeps the request open when the function returns.

        Returns:
            Its number. Keep it in `state`, for `reply_to(number, value)` later.
        """
        number: int = call(messaging.defer)
        self._deferred = True
        return number

    def __repr__(self) -> str:
        return f"Message({self.id}, {self.sender!r}, {self.topic!r}, {shortened(self._value)})"


class _Current:
    """Which message is being handled: None between messages."""

    message: Message | None = None


current = _Current()
