"""The reference model: what an agent may call, and what it is answered at once."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

from tests.model.parts import Agent, Body, Segment
from tests.model.script_language import Refused

if TYPE_CHECKING:
    from tests.model.reference import World

TICK_NS = 1_000
MOST_BODY, MOST_HEADERS, MOST_NAME = 1 << 20, 16 << 10, 200
LATEST = 2**63 - 1
NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*", re.ASCII)


class Calls:
    """What an agent may call: `host` of the script language. One for each activation."""

    def __init__(self, world: World, agent: Agent) -> None:
        self.world, self.agent = world, agent
        self.segment: Segment

    def state(self) -> dict[str, str]:
        return self.agent.own.state

    # Messages.

    def send(self, to: str, topic: str, body: Body, headers: list[Any]) -> None:
        self._check(to, topic, body, headers)
        self._accept([to], topic, body, headers)

    def publish(self, topic: str, body: Body, headers: list[Any]) -> None:
        self._check(None, topic, body, headers)
        world, sender = self.world, self.agent.address
        receivers = [
            address
            for address, agent in sorted(world.agents.items())
            if topic in agent.kind.subscribe and address != sender
        ]
        if code := next(filter(None, map(self._refused, receivers)), None):
            raise Refused(code)
        self._accept(receivers, topic, body, headers)

    def start(
        self, to: str, topic: str, body: Body, headers: list[Any], timeout: int | None
    ) -> int:
        self._check(to, topic, body, headers)
        number = self._number()
        deadline = None if timeout is None else min(self.world.time + timeout, LATEST)
        self.agent.own.requests[number] = None
        self._accept([to], topic, body, headers, number, deadline)
        return number

    def schedule(self, after: int, topic: str, body: Body) -> int:
        self._check(None, topic, body, [])
        number = self._number()
        self.agent.own.timers.add(number)
        self.segment.timers.append((min(self.world.time + after, LATEST), number, topic, body))
        return number

    def cancel(self, number: int) -> bool:
        pending = number in self.agent.own.timers
        self.agent.own.timers.discard(number)
        return pending

    def _number(self) -> int:
        self.agent.ordinal += 1
        return self.agent.index << 32 | self.agent.ordinal

    def _check(self, to: str | None, topic: str, body: Body, headers: list[Any]) -> None:
        if not is_name(topic) or (to is not None and not is_name(to)):
            raise Refused("invalid-name")
        if to is not None and (code := self.world.missing(to) or self._refused(to)):
            raise Refused(code)
        if body_size(body) > MOST_BODY or headers_size(headers) > MOST_HEADERS:
            raise Refused("too-large")

    def _refused(self, to: str) -> str | None:
        """Why an agent that is there does not take a message, or None."""
        allowed = self.agent.kind.send_to
        if allowed is not None and not any(covers(pattern, to) for pattern in allowed):
            return "not-granted"
        return "mailbox-full" if self.world.full(self.agent.address, to) else None

    def _accept(
        self,
        receivers: Iterable[str],
        topic: str,
        body: Body,
        headers: list[Any],
        request: int | None = None,
        deadline: int | None = None,
    ) -> None:
        for to in receivers:
            self.world.sent[self.agent.address, to] += 1
            self.segment.sends.append((to, topic, body, tuple(headers), request, deadline))

    # Requests.

    def reply(self, body: Body) -> None:
        self._answer(self._handled(), body)

    def defer(self) -> int:
        number = self._handled()
        if not self._is_open(number):
            raise Refused("request-closed")
        self.agent.own.held.add(number)
        return number

    def reply_to(self, number: int, body: Body) -> None:
        self._answer(number, body)

    def _handled(self) -> int:
        number = self.segment.message.request
        if number is None:
            raise Refused("no-request")
        return number

    def _is_open(self, number: int) -> bool:
        request = self.world.open.get(number)
        mine = request is not None and request.receiver == self.agent.address
        return mine and number not in self.agent.own.answered

    def _answer(self, number: int, body: Body) -> None:
        if not self._is_open(number):
            raise Refused("request-closed")
        self.agent.own.answered.add(number)
        self.segment.replies.append((number, body))

    def wait_any(self, numbers: list[int]) -> Generator[Any, Any, int]:
        requests = self.agent.own.requests
        if not numbers or any(number not in requests for number in numbers):
            raise Refused("unknown-request")
        if not any(requests[number] for number in numbers):
            yield list(numbers)
        return next(number for number in numbers if self.agent.own.requests[number])

    def take(self, number: int) -> Body:
        requests = self.agent.own.requests
        if number not in requests:
            raise Refused("unknown-request")
        outcome = requests[number]
        if outcome is None:
            raise Refused("request-pending")
        del requests[number]
        how, body = outcome
        if body is None:
            raise Refused(how)
        return body

    def cancel_request(self, number: int) -> None:
        requests = self.agent.own.requests
        if number in requests and requests[number] is None:
            requests[number] = ("cancelled", None)
            self.segment.cancelled.append(number)

    # The rest.

    def turn(self, *call: str) -> Generator[Any, Any, str]:
        if call[0] == "spawn" and not is_name(f"{call[1]}/{call[2]}"):
            raise Refused("invalid-name")
        if call[0] != "spawn" and len(call[1]) > MOST_NAME:
            raise Refused("unknown-address")
        ok, value = yield call
        if not ok:
            raise Refused(value)
        return str(value)

    def now(self) -> int:
        self.draw()
        agent = self.agent
        agent.reading = max(agent.reading, self.world.time) + TICK_NS
        self.world.latest = max(self.world.latest, agent.reading)
        return agent.reading

    def draw(self) -> None:
        assert self.agent.activation is not None
        self.agent.activation.drew = True

    def step(self) -> int:
        return self.world.step

    def address(self) -> str:
        return self.agent.address

    def world_name(self) -> str:
        return self.world.name

    def config(self) -> str:
        return self.agent.config

    def touched(self) -> int:
        return self.agent.touched if self.agent.kind.resident else 1


def covers(pattern: str, address: str) -> bool:
    """Whether a pattern of the manifest covers an address."""
    below = pattern.endswith("/*") and address.startswith(pattern[:-1])
    return pattern in {"*", address} or below


def is_name(text: str) -> bool:
    return len(text) <= MOST_NAME and NAME.fullmatch(text) is not None


def body_size(body: Body) -> int:
    return len(body[1].encode() if body[0] == "text" else body[1])


def headers_size(headers: Iterable[tuple[str, str]]) -> int:
    return sum(16 + len(name.encode()) + len(value.encode()) for name, value in headers)


def queued_size(body: Body, headers: Iterable[tuple[str, str]]) -> int:
    return 256 + body_size(body) + headers_size(headers)
