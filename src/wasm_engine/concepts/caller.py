"""What a capability may see of the agent that calls it, and of the world around that agent.

Capabilities know these Protocols only; the runtime and the orchestrator implement them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from wasm_engine.concepts.budget import Spender
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.message import Body, Message
from wasm_engine.concepts.segment import Computation, Labels, Nested, Segment, Suspension, Value
from wasm_engine.concepts.web_terms import HttpTerms


class AgentView(Protocol):
    """One agent's own committed things."""

    @property
    def address(self) -> str:
        """Its address."""

    @property
    def config(self) -> str:
        """Its configuration, canonical JSON."""

    @property
    def state(self) -> Mapping[str, Value]:
        """Its committed state."""

    @property
    def state_bytes(self) -> int:
        """Size of the committed state: keys and values."""

    @property
    def requests(self) -> Mapping[int, Body | Err | None]:
        """Its own requests: None while open, else the reply's body or the fault."""

    @property
    def effects(self) -> Mapping[int, Any]:
        """Effects of its activation: None while they are out, else what became of them."""

    @property
    def http(self) -> HttpTerms:
        """On what terms it may ask servers."""

    @property
    def timers(self) -> Mapping[int, Any]:
        """Its pending timers."""

    @property
    def replied(self) -> Collection[int]:
        """Requests that its earlier segments answered in this step."""

    @property
    def sent_bytes(self) -> int:
        """Bytes that its earlier segments put into the world's queue in this step."""

    @property
    def purse(self) -> Spender | None:
        """What it may spend; None where the world sets it no budget."""

    def next_ordinal(self) -> int:
        """A number that no other request, timer or sleep of the world has."""

    @property
    def work_left(self) -> int:
        """Host work that its activation may still cost."""

    def spend(self, work: int) -> None:
        """Counts host work of a turn call of its activation, between two of its segments."""

    def may_use(self, kind: str, name: str) -> bool:
        """Whether its manifest grants it what the world has by a name: `keyvalue`, `orders`."""

    def choice(self, kind: str, name: str) -> str | None:
        """The digest of what a kind would run that it may swap, by its name; None: no such."""

    def may_send(self, address: str) -> bool:
        """Whether its manifest lets it send there."""

    def sent_to(self, address: str) -> int:
        """How many messages its earlier segments sent there in this step."""


class WorldView(Protocol):
    """The world as of the start of the step. Never changes while agents run."""

    @property
    def name(self) -> str:
        """The world's name."""

    @property
    def step(self) -> int:
        """The step's number, from 1."""

    @property
    def time(self) -> int:
        """World time in nanoseconds since the Unix epoch."""

    @property
    def mailbox_bound(self) -> int:
        """Most messages that may wait in one mailbox from one sender."""

    def missing(self, address: str) -> str | None:
        """None where the agent exists, else the fault code that says why not."""

    def waiting(self, address: str, sender: str) -> int:
        """Messages from the sender that wait in the agent's mailbox."""

    def subscribers(self, topic: str) -> Sequence[str]:
        """Addresses subscribed to a topic, in order."""

    def is_open(self, request: int, receiver: str) -> bool:
        """Whether a request that was sent to the receiver still waits for its reply."""

    @property
    def guard(self) -> Any:
        """What knows labels and the policy in force, or None; see `Caller.authorize`."""

    def asker(self, request: int) -> str:
        """Address of whoever sent a request that is open."""

    @property
    def services(self) -> Mapping[str, Any]:
        """What all agents share, by name; capabilities know their own."""

    def queue_room(self) -> int:
        """Bytes of messages that the world can still take in."""

    @property
    def computing(self) -> Any:
        """What computes within a step what follows from its arguments; None: nothing does."""


class Caller(Protocol):
    """The activation that calls."""

    agent: Any  # AgentView; None while an instance is initialised
    world: Any  # WorldView; None while an instance is initialised
    message: Message
    segment: Segment

    def now(self) -> int:
        """World time in nanoseconds; each reading adds a tick."""

    def random_bytes(self, count: int) -> bytes:
        """Deterministic entropy."""

    def seed(self) -> int:
        """A number below 2**31 for what samples, another one for each call; draws nothing."""

    def config_text(self) -> str:
        """The agent's configuration; the kind's own while an instance is initialised."""

    def charge(self, work: int) -> None:
        """Counts host work beyond what the gate counts for each call and byte."""

    def log(self, level: str, text: str) -> None:
        """Adds a line to the agent's log."""

    def authorize(
        self, action: str, target: str, context: Mapping[str, Any] | None = None
    ) -> Err | None:
        """Whether the policy in force lets it; None, or the refusal for the guest.

        To be asked after the manifest's grant was found, before anything is done. Not by what
        answers while a guest is made again.

        Args:
            action: What it does: `http`, `keyvalue.read`, `keyvalue.write`, `sql`, ...
            target: To what: a URL, the name of a store.
            context: What else policies may look at: plain values.
        """

    def spend(self, what: str, amount: int, size: int = 0, *, kept: bool = True) -> Err | None:
        """Takes something of the budgets that bound the agent; None, or the refusal for the guest.

        To be asked last, when nothing else speaks against the call. What is taken is given back if
        the segment is dropped.

        Args:
            what: `messages`, `effects`, `bytes` or `tokens`.
            amount: How much; 0 only asks whether anything is left.
            size: Bytes that it takes besides.
            kept: Whether the answer has to be in the call log: not by what is `shared` as a whole.
        """

    def used(self, what: str, amount: int) -> None:
        """Counts what was spent already (tokens that a server reports), whatever is left."""

    def reads(self, source: str) -> None:
        """From here on it knows what is in a source (`keyvalue:orders`): its labels stick."""

    def writes(self, source: str) -> None:
        """What it knows goes into a source; labels go with it when the segment is committed."""

    labels: Labels

    def mark(self, what: str, key: Any) -> None:
        """What it knows goes into something of its segment: see `Segment.marks`."""

    def answered_by(self, effect: int, source: str) -> None:
        """What becomes of an effect is what a source says, of what the guest knew as it asked."""

    def knows_key(self, key: str) -> None:
        """From here on it knows what its state holds under a key."""

    def knows_keys(self, prefix: str) -> None:
        """From here on it knows which keys of its state begin so."""

    def knows_outcome(self, number: int) -> None:
        """From here on it knows what became of a request or an effect."""

    def given(self, look: Callable[[], Any]) -> Any:
        """What others decide, found by `look()`, a plain value; kept in the call log.

        For a host function of which not all is `shared`: a guest that is made again gets what
        it got then, and `look` is not called.
        """

    def suspend(self, suspension: Suspension | Nested | Computation) -> Any:
        """Parks the activation; answers SUSPEND for the host function to return."""

    def wait(
        self, requests: dict[int, None], deadline: int | None, answer: Callable[[Any], Any]
    ) -> Any:
        """Parks the activation until an effect has ended, or world time has come."""

    def effect(self, capability: str, arguments: tuple[Any, ...]) -> int | Err:
        """Queues an effect; answers its number, or the refusal of a budget."""

    def issue(self, capability: str, arguments: tuple[Any, ...]) -> int | Err:
        """The same, for a host function that is `shared`: the gate keeps what it answers."""

    def computed(self, value: Any) -> Any:
        """Keeps what a `shared` function was answered that parked with a `Computation`."""

    def seen(self, number: int) -> Any:
        """As `observe`, for a host function that is `shared`."""

    def observe(self, number: int) -> Any:
        """What became of an effect: None while it is out, else its value, or an `Err`."""

    def abandon(self, number: int) -> None:
        """Cancels an effect of one's own; of no effect if it has ended."""

    def forget(self, number: int) -> None:
        """The outcome of an effect was taken; it need not be kept."""
