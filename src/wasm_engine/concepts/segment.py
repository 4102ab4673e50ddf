"""What one segment of an activation does: collected while it runs, committed or dropped whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec import Struct

from wasm_engine.concepts.message import Body, Headers

Value = str | bytes
"""What a key of an agent's state holds."""


class Outgoing(Struct, eq=False):
    """A message that leaves when its segment is committed.

    Attributes:
        request: The number of the request that it opens, or None.
        deadline: World time (ns) at which that request ends with `timeout`, or None.
    """

    to: str
    topic: str
    body: Body
    headers: Headers
    request: int | None
    deadline: int | None


class Timer(NamedTuple):
    """A message to oneself at a later world time (ns)."""

    id: int
    deadline: int
    topic: str
    body: Body


class Segment(Struct, eq=False):
    """The outputs of one segment, in the order in which the guest made them."""

    sends: list[Outgoing] = []
    sent: dict[str, int] = {}
    sent_bytes: int = 0
    freed: int = 0
    opened: dict[int, None] = {}
    writes: dict[str, Value | None] = {}
    grown: int = 0
    replies: dict[int, Body] = {}
    deferred: list[int] = []
    taken: dict[int, None] = {}
    cancelled: dict[int, None] = {}
    timers: dict[int, Timer] = {}
    cancelled_timers: dict[int, None] = {}
    logs: list[tuple[str, str]] = []


class RequestWait(NamedTuple):
    """Parked until one of the requests has ended; `answer(guest)` is then what the guest gets.

    Attributes:
        requests: Numbers of requests, in the order in which ties go.
    """

    requests: dict[int, None]
    answer: Callable[[Any], Any]


class Sleep(NamedTuple):
    """Parked until world time (ns) has come."""

    id: int
    deadline: int
    answer: Callable[[], Any]


class Turn:
    """A turn call: executed at the step's end in canonical order, answered in the next step."""

    __slots__ = ("arguments", "operation", "result")

    def __init__(self, operation: str, *arguments: Any) -> None:
        self.operation = operation
        self.arguments = arguments
        self.result: Any = None


Suspension = RequestWait | Sleep | Turn
