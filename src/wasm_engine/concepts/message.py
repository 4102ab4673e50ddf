"""A message, as the world keeps it and as a guest receives it."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Body: TypeAlias = tuple[Literal["text"], str] | tuple[Literal["bytes"], bytes]
Headers: TypeAlias = list[tuple[str, str]]


class Message(NamedTuple):
    """What one agent sends another; the fields are those of the WIT record, in its order.

    Attributes:
        id: Position in the world's total order; unique within a run.
        sender: Address of the sender, set by the host.
        topic: What it is about.
        body: `("text", str)` or `("bytes", bytes)`.
        headers: Names and values.
        request: Number of the request that this message opens, where the sender waits for a reply.
    """

    id: int
    sender: str
    topic: str
    body: Body
    headers: Headers
    request: int | None


QUEUED_BYTES = 256
"""What a message takes in a mailbox besides its text: an empty one takes memory, too."""
HEADER_BYTES = 16
"""What a header counts besides its name and value, so that empty ones are bounded, too."""


def headers_size(headers: Headers) -> int:
    """Bytes that headers take."""
    return sum(HEADER_BYTES + len(name.encode()) + len(value.encode()) for name, value in headers)


def queued_size(body: Body, headers: Headers) -> int:
    """Bytes that a message counts for in the world's queue."""
    size = QUEUED_BYTES + body_size(body)
    return size + headers_size(headers) if headers else size


def body_size(body: Body) -> int:
    """Bytes that a body takes (UTF-8 for text)."""
    value = body[1]
    if isinstance(value, bytes) or value.isascii():
        return len(value)
    return len(value.encode())


def body_bytes(body: Body) -> bytes:
    """What a body carries, as bytes (UTF-8 for text)."""
    value = body[1]
    return value if isinstance(value, bytes) else value.encode()
