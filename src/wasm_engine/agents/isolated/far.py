"""The agent and the world as a worker process sees them: what it was told, and what it asks for.

Implement `concepts.caller.AgentView` and `WorldView`; what they are made of comes from `views`.
Labels and the policy are in `far_guard`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from wasm_engine.agents.isolated.far_guard import Asks, FarGuard
from wasm_engine.concepts.message import Message
from wasm_engine.concepts.plain import from_plain
from wasm_engine.concepts.segment import Value
from wasm_engine.policy.grants import Grant, matches

Ask = Callable[..., Any]
"""`ask(what, key)` gives a value that only the other process knows."""


class FarState(Mapping[str, Value]):
    """An agent's committed state, key by key as it is looked at."""

    def __init__(self, ask: Ask, whole: list[Any] | None) -> None:
        self._ask = ask
        self._known: dict[str, Value | None] = {} if whole is None else dict(whole)
        self._whole = whole is not None
        self._keys: list[str] | None = None if whole is None else list(self._known)

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, or the default."""
        if key not in self._known:
            self._known[key] = None if self._whole else self._ask("state", key)
        value = self._known[key]
        return default if value is None else value

    def __getitem__(self, key: str) -> Value:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        found: Value = value
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> list[str]:
        if self._keys is None:
            self._keys = self._ask("state-keys")
        return self._keys


class Pending:
    """A timer, as far as host functions look at one."""

    __slots__ = ("body",)

    def __init__(self, body: Any) -> None:
        self.body = body


class FarTable:
    """Requests, effects or timers by number: how many there are is known, the rest is asked for."""

    def __init__(
        self, ask: Ask, what: str, told: list[Any], made: Callable[[Any], Any] = from_plain
    ) -> None:
        self._ask, self._what, self._made = ask, what, made
        self._count: int = told[0]
        items = told[1]
        self._whole = items is not None
        self._known = {number: (True, made(value)) for number, value in items or ()}

    def __len__(self) -> int:
        return self._count

    def __contains__(self, number: int) -> bool:
        return self._found(number)[0]

    def __getitem__(self, number: int) -> Any:
        there, value = self._found(number)
        if not there:
            raise KeyError(number)
        return value

    def get(self, number: int, default: Any = None) -> Any:
        """What is under the number, or the default."""
        there, value = self._found(number)
        return value if there else default

    def _found(self, number: int) -> tuple[bool, Any]:
        found = self._known.get(number)
        if found is None:
            there, value = (False, None) if self._whole else self._ask(self._what, number)
            found = self._known[number] = (there, self._made(value) if there else None)
        return found


def _timer(body: Any) -> Pending:
    return Pending(from_plain(body))


class FarAgent:
    """The agent for whom a message is handled."""

    def __init__(self, told: list[Any], ask: Ask, program: Any, purse: Any) -> None:
        (
            self.address, self.config, self.state_bytes, state, requests, effects, timers,
            replied, self.sent_bytes, self._has_sent, self.ordinal, self._index, has_purse,
        ) = told  # fmt: skip
        self.state = FarState(ask, state)
        self.requests = FarTable(ask, "request", requests)
        self.effects = FarTable(ask, "effect", effects)
        self.timers = FarTable(ask, "timer", timers, _timer)
        self.replied = frozenset(replied)
        self.program = program
        self._kind = kind = program.kind
        self.http = kind.http
        self.purse = purse if has_purse else None
        self._ask = ask

    def next_ordinal(self) -> int:
        """A number that no other request, timer or sleep of the world has."""
        self.ordinal += 1
        number: int = self._index << 32 | self.ordinal
        return number

    def may_send(self, address: str) -> bool:
        """Whether its manifest lets it send there."""
        patterns = self._kind.send_to
        return patterns is None or any(matches(pattern, address) for pattern in patterns)

    def may_use(self, kind: str, name: str) -> bool:
        """Whether its manifest grants it what the world has by a name."""
        return Grant(kind, name) in self._kind.grants  # type: ignore[arg-type]

    def choice(self, kind: str, name: str) -> str | None:
        """The digest of what a kind would run that it may swap, by its name; None: no such."""
        digest: str | None = self.program.choices.get(kind, {}).get(name)
        return digest

    def sent_to(self, address: str) -> int:
        """How many messages its earlier segments sent there in this step."""
        count: int = self._ask("sent", address) if self._has_sent else 0
        return count


class FarWorld:
    """The world as of the start of the step."""

    def __init__(
        self, told: list[Any], message: Message, asks: Asks, services: Mapping[str, Any]
    ) -> None:
        self.services = services
        (
            self.name, self.step, self.time, self.judged_from, guard, self.mailbox_bound,
            self._room, peer, is_open,
        ) = told  # fmt: skip
        self.guard = None if guard is None else FarGuard(guard, asks)
        self._ask = asks.ask
        self._message = message
        self._peers: dict[str, list[Any]] = {message.sender: peer}
        self._open: dict[int | None, bool] = {message.request: is_open}

    def missing(self, address: str) -> str | None:
        """None where the agent exists, else the fault code that says why not."""
        code: str | None = self._peer(address)[0]
        return code

    def waiting(self, address: str, _sender: str) -> int:
        """Messages from this agent that wait in another one's mailbox."""
        count: int = self._peer(address)[1]
        return count

    def _peer(self, address: str) -> list[Any]:
        found = self._peers.get(address)
        if found is None:
            found = self._peers[address] = self._ask("peer", address)
        return found

    def subscribers(self, topic: str) -> Sequence[str]:
        """Addresses subscribed to a topic, in order."""
        addresses: list[str] = self._ask("subscribers", topic)
        return addresses

    def is_open(self, request: int, _receiver: str) -> bool:
        """Whether a request that was sent to this agent still waits for its reply."""
        if request not in self._open:
            self._open[request] = self._ask("open", request)
        return self._open[request]

    def asker(self, request: int) -> str:
        """Address of whoever sent a request that is open; for a policy to look at."""
        if request == self._message.request:
            return self._message.sender
        known = self.guard is not None and self.guard.decides
        address: str = self._ask("asker", request) if known else ""
        return address

    def queue_room(self) -> int:
        """Bytes of messages that the world can still take in."""
        room: int = self._room
        return room
