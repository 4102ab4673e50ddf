"""The reference model: what agents, messages and activations are made of."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Body = tuple[str, Any]
Outcome = tuple[str, Body | None]
"""`("reply", body)`, or a fault code and None."""


class Message(NamedTuple):
    id: int
    sender: str
    topic: str
    body: Body
    headers: tuple[tuple[str, str], ...]
    request: int | None
    attempt: int = 0


@dataclass
class Kind:
    """A kind of agents: the keys of the manifest that the model knows."""

    name: str
    count: int = 1
    config: str = "{}"
    subscribe: tuple[str, ...] = ()
    resident: bool = False
    batch: int = 64
    retries: int = 0
    restart: bool = False
    grants: tuple[str, ...] = ()
    send_to: tuple[str, ...] | None = None

    def addresses(self) -> list[str]:
        if self.count == 1:
            return [self.name]
        return [f"{self.name}/{number}" for number in range(1, self.count + 1)]


@dataclass
class Own:
    """What a segment may change of its agent; put back as it was if the segment fails."""

    state: dict[str, str] = field(default_factory=dict)
    requests: dict[int, Outcome | None] = field(default_factory=dict)
    timers: set[int] = field(default_factory=set)
    held: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)


@dataclass
class Segment:
    """What a segment leaves: committed whole, or dropped whole."""

    agent: Agent
    message: Message
    part: int
    status: str = ""
    sends: list[tuple[str, str, Body, tuple[Any, ...], int | None, int | None]] = field(
        default_factory=list
    )
    timers: list[tuple[int, int, str, Body]] = field(default_factory=list)
    replies: list[tuple[int, Body]] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    turn: tuple[str, ...] | None = None


@dataclass
class Activation:
    """One message being handled. `wait`: a list of requests, or a turn call that has an answer."""

    message: Message
    calls: Any
    steps: Generator[Any, Any, None]
    part: int = 0
    wait: list[int] | tuple[str, ...] | None = None
    answer: Any = None
    drew: bool = False


@dataclass(eq=False)
class Agent:
    address: str
    index: int
    kind: Kind
    config: str
    parent: str | None = None
    own: Own = field(default_factory=Own)
    inbox: deque[Message] = field(default_factory=deque)
    activation: Activation | None = None
    ordinal: int = 0
    reading: int = 0
    watchers: list[Agent] = field(default_factory=list)
    touched: int = 0

    def runnable(self) -> bool:
        """Whether it has mail and is not suspended, or is and has its answer."""
        if self.activation is None:
            return bool(self.inbox)
        if isinstance(self.activation.wait, list):
            return any(self.own.requests.get(number) for number in self.activation.wait)
        return self.activation.answer is not None


class Open(NamedTuple):
    """A request that has not ended."""

    asker: str
    receiver: str
    message: int
    deadline: int | None


@dataclass
class StepLog:
    """What a step did, in the terms of its record in the journal."""

    step: int
    time: int
    segments: list[Any] = field(default_factory=list)
    turns: list[Any] = field(default_factory=list)
    ended: list[Any] = field(default_factory=list)
    dead: list[Any] = field(default_factory=list)
    timers: list[Any] = field(default_factory=list)
