"""What goes out without waiting: messages, replies, timers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wasm_agent.contract import call, checked_text, messaging
from wasm_agent.values import Span, nanoseconds, to_body


def send(to: str, topic: str, value: Any = "", *, headers: Mapping[str, str] | None = None) -> None:
    """Sends a message. It leaves when the handling of the current message ends well."""
    call(messaging.send, to, topic, to_body(value), options(headers=headers))


def publish(topic: str, value: Any = "", *, headers: Mapping[str, str] | None = None) -> None:
    """Sends a message to every agent that subscribed to the topic, but oneself."""
    call(messaging.publish, topic, to_body(value), options(headers=headers))


def reply(value: Any) -> None:
    """Answers the message being handled, and goes on."""
    call(messaging.reply, to_body(value))


def reply_to(request: int, value: Any) -> None:
    """Answers an earlier request, by the number that `message.defer()` gave."""
    call(messaging.reply_to, request, to_body(value))


def schedule(topic: str, value: Any = "", *, after: Span) -> int:
    """Sends a message to oneself after a span of world time (seconds, or a timedelta).

    Returns:
        The number with which `cancel` calls it off.
    """
    number: int = call(messaging.schedule, nanoseconds(after), topic, to_body(value))
    return number


def cancel(number: int) -> bool:
    """Calls a scheduled message off. False where it is gone already."""
    done: bool = call(messaging.cancel, number)
    return done


def options(
    *, timeout: Span | None = None, headers: Mapping[str, str] | None = None
) -> messaging.Options:
    """What goes with a message beside its body."""
    limit = None if timeout is None else nanoseconds(timeout)
    labels = [
        (checked_text("a header's name", name), checked_text(f"header {name!r}", value))
        for name, value in (headers or {}).items()
    ]
    return messaging.Options(limit, labels)
