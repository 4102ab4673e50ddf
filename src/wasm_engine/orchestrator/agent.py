"""One agent of a running world: its committed state, its mailbox, what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from wasm_engine.concepts import canonical, faults
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.message import Body, Message, queued_size
from wasm_engine.concepts.segment import Segment, Suspension, Timer, Value
from wasm_engine.concepts.web_terms import HttpTerms
from wasm_engine.policy.grants import Grant, matches

if TYPE_CHECKING:
    from wasm_engine.agents.program import Program

# Writes that grow a state by more than so many bytes are not put together to be hashed.
_LARGE = 1 << 20


class Underway(Protocol):
    """An activation that goes on later: suspended, or cut."""

    beginning: int
    agent: Agent
    attempt: int

    @property
    def message(self) -> Message:
        """The message being handled."""

    @property
    def suspension(self) -> Suspension | None:
        """What it waits for; None where it was cut."""

    @property
    def evictable(self) -> bool:
        """Whether its instance can be dropped, and rebuilt when it is due."""

    @property
    def work_left(self) -> int:
        """Host work that it may still cost."""

    def spend(self, work: int) -> None:
        """Counts host work that a turn call of its cost."""

    def advance(self, world: Any, room: int) -> Any:
        """Goes on with it; answers a `Part`."""

    def refuse(self) -> Any:
        """Fails it without running it; answers a `Part`."""

    def take(self, world: Any, given: Any) -> Any:
        """The same where another engine did: see `Activation.take`."""

    def crash(self, world: Any, why: str) -> Any:
        """The part as it is where the processes died that ran it."""

    def evict(self) -> None:
        """Drops its instance for the time being."""

    def discard(self) -> None:
        """Drops it, as its agent ends."""


class Agent:
    """An addressable actor. Implements `concepts.caller.AgentView`.

    Attributes:
        index: Order of creation, from 0; the upper half of its requests' numbers.
        ordinal: How many numbers it gave to requests, timers and sleeps.
        parent: Address of the agent that spawned it, or None.
        digest: Rolling digest of everything it ever wrote to its state, or None.
        inbox: Messages that wait, in order.
        queued: How many of them come from each sender, as of the step's start.
        retry: The attempt number that its first message is due, where it is retried.
        activation: The activation that is suspended or cut, or None.
        resident: The instance that lives on between messages, for `lifecycle = "resident"`.
        past: What a resident instance can be made again from, where that is remembered.
        reading: Its last reading of the clock (ns).
        sent, sent_bytes: What it sent in the running step.
        replied: Requests that it answered in the running step.
        holds: Requests of others that it deferred.
        effects: Effects of its activation: None while they are out, else what became of them.
        watchers: Agents that are told when it ends.
        purse: What it may spend; None where the world sets it no budget.
    """

    __slots__ = (
        "activation",
        "address",
        "config",
        "digest",
        "effects",
        "holds",
        "inbox",
        "index",
        "ordinal",
        "parent",
        "past",
        "program",
        "purse",
        "queued",
        "reading",
        "replied",
        "requests",
        "resident",
        "retry",
        "sent",
        "sent_bytes",
        "state",
        "state_bytes",
        "timers",
        "watchers",
    )

    def __init__(
        self, address: str, index: int, program: Program, config: str, parent: str | None = None
    ) -> None:
        self.address = address
        self.index = index
        self.program = program
        self.config = config
        self.parent = parent
        self.state: dict[str, Value] = {}
        self.state_bytes = 0
        self.digest: bytes | None = None
        self.inbox: list[Message] = []
        self.queued: dict[str, int] = {}
        self.retry = 0
        self.activation: Underway | None = None
        self.resident: Any = None
        self.past: Any = None
        self.reading = 0
        self.requests: dict[int, Body | Err | None] = {}
        self.timers: dict[int, Timer] = {}
        self.sent: dict[str, int] = {}
        self.sent_bytes = 0
        self.replied: dict[int, None] = {}  # an empty set takes three times the memory
        self.holds: dict[int, None] = {}
        self.effects: dict[int, Any] = {}
        self.watchers: list[Agent] = []
        self.purse: Any = None
        self.ordinal = 0

    def next_ordinal(self) -> int:
        """A number that no other request, timer or sleep of the world has."""
        self.ordinal += 1
        return self.index << 32 | self.ordinal

    @property
    def http(self) -> HttpTerms:
        """On what terms it may ask servers."""
        return self.program.kind.http

    @property
    def work_left(self) -> int:
        """Host work that its activation may still cost."""
        return 0 if self.activation is None else self.activation.work_left

    def spend(self, work: int) -> None:
        """Counts host work of a turn call of its activation, between two of its segments."""
        if self.activation is not None:
            self.activation.spend(work)

    def may_send(self, address: str) -> bool:
        """Whether its manifest lets it send there."""
        patterns = self.program.kind.send_to
        return patterns is None or any(matches(pattern, address) for pattern in patterns)

    def may_use(self, kind: str, name: str) -> bool:
        """Whether its manifest grants it what the world has by a name."""
        return Grant(kind, name) in self.program.kind.grants  # type: ignore[arg-type]

    def choice(self, kind: str, name: str) -> str | None:
        """The digest of what a kind would run that it may swap, by its name; None: no such."""
        return self.program.choices.get(kind, {}).get(name)

    def sent_to(self, address: str) -> int:
        """How many messages its earlier segments sent there in this step."""
        return self.sent.get(address, 0)

    def accept(self, message: Message) -> None:
        """Puts a message at the end of the mailbox."""
        self.inbox.append(message)
        self.queued[message.sender] = self.queued.get(message.sender, 0) + 1

    def settle(self, message: Message) -> int:
        """Forgets that a message waited, once its step is committed; answers its bytes."""
        left = self.queued[message.sender] - 1
        if left:
            self.queued[message.sender] = left
        else:
            del self.queued[message.sender]
        return queued_size(message.body, message.headers)

    def commit(self, segment: Segment) -> bytes | None:
        """Commits what a segment did to its agent; the rest is the scheduler's, in its order.

        Returns:
            The rolling digest of the state, if the segment wrote any.
        """
        digest = self.write(segment) if segment.writes else None
        for to, count in segment.sent.items():
            self.sent[to] = self.sent.get(to, 0) + count
        self.sent_bytes += segment.sent_bytes
        # Most segments have none of the rest, and to ask is a fifth of a loop over nothing.
        if segment.opened:
            self.requests.update(segment.opened)
        if segment.replies:
            self.replied.update(dict.fromkeys(segment.replies))
        if segment.cancelled:
            self.requests.update(dict.fromkeys(segment.cancelled, faults.CANCELLATION))
        if segment.effects:
            self.effects.update(dict.fromkeys(segment.effects))
        if segment.abandoned:
            self.effects.update(dict.fromkeys(segment.abandoned, faults.CANCELLATION))
        if segment.taken:
            for number in segment.taken:
                self.requests.pop(number, None)
                self.effects.pop(number, None)
        if segment.timers:
            self.timers.update(segment.timers)
        if segment.cancelled_timers:
            for number in segment.cancelled_timers:
                self.timers.pop(number, None)
        return digest

    def write(self, segment: Segment) -> bytes | None:
        """Commits a segment's writes; answers the rolling digest if there were any."""
        if not segment.writes:
            return None
        for key, value in segment.writes.items():
            if value is None:
                self.state.pop(key, None)
            else:
                self.state[key] = value
        self.state_bytes += segment.grown
        written = list(segment.writes.items())
        if segment.grown > _LARGE:
            self.digest = canonical.sha256_of_pair(self.digest, written)
        else:
            self.digest = canonical.sha256(canonical.encode([self.digest, written]))
        return self.digest
