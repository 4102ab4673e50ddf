"""What a worker process says that its guest did, looked at before the world takes it.

The process may be somebody else's by then. So whatever a guest could not have done is refused here:
its agent's grants, the receivers, sizes and mailboxes, whose numbers it names, what it makes room
for. What is left is what the agent might have done itself.
"""

from __future__ import annotations

from typing import Any

from wasm_engine.agents.isolated.guest import IsolatedGuest
from wasm_engine.agents.isolated.knowing import ask_key
from wasm_engine.agents.isolated.protocol import Lie
from wasm_engine.capabilities import messaging
from wasm_engine.capabilities.agents import MAX_CONFIG_BYTES
from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.effect import HTTP, HUMAN, REDIS, SQL
from wasm_engine.concepts.message import QUEUED_BYTES, body_size, headers_size, queued_size
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.names import MAX_NAME_BYTES, is_name
from wasm_engine.concepts.segment import (
    DENIED,
    MAX_KEY_BYTES,
    MAX_STATE_BYTES,
    MAX_VALUE_BYTES,
    Effect,
    Segment,
    Turn,
    Wait,
    state_size,
)
from wasm_engine.concepts.web import (
    MAX_HEADER_BYTES,
    MAX_HEADERS,
    MAX_REQUEST_BODY,
    Url,
    check_headers,
    check_method,
)
from wasm_engine.runtime.guest import MAX_EFFECTS, MAX_LOG_TEXT
from wasm_engine.world.judging import judge
from wasm_engine.world.shapes import Shape, fits
from wasm_engine.world.sharing import Use, asked_people, in_database, in_redis, turned

_LEVELS = frozenset({"debug", "info", "warning", "error"})
_OWNER = 32
_AGENTS: dict[str, Shape] = {"spawn": (str, str, str), "stop": (str,), "watch": (str,)}


def review(guest: IsolatedGuest, fresh: range) -> None:
    """Refuses a segment that no guest can have made.

    Args:
        guest: Whose segment, and what it waits for.
        fresh: The numbers that its agent gave in it.

    Raises:
        Lie: It can't; says what is wrong.
    """
    agent, world, segment = guest.agent, guest.world, guest.segment
    owner = agent.index << _OWNER
    numbers = range(owner | fresh.start, (owner | fresh.stop - 1) + 1) if fresh else range(0)
    _require(_is_fresh(segment, guest.suspension, numbers), "numbers that are not its own")
    named = [segment.abandoned, segment.cancelled, segment.cancelled_timers, segment.taken]
    for number in (number for group in named for number in group):
        _require(number >> _OWNER == agent.index, "another agent's request")
    held = _sends(guest, segment) + _replies(guest)
    uses = {number: _effect(guest, effect) for number, effect in segment.effects.items()}
    most = len(agent.effects) + len(uses) <= MAX_EFFECTS
    _require(most or not uses, "too many effects")
    held += sum(effect.size() for effect in segment.effects.values())
    held += _timers(guest, segment)
    taken = segment.sent_bytes
    fits = not taken or taken + agent.sent_bytes <= world.queue_room()
    _require(held <= taken and fits, "more than the queue holds")
    _require(segment.freed == _freed(agent, segment), "room that was not taken")
    _writes(agent, segment)
    _logs(guest)
    turn = _suspension(guest, guest.suspension)
    every = [*uses.values(), turn]
    price = sum(use.price for use in every if use is not None)
    _require(price <= guest.most_work, "more than it can pay for")
    judge(guest, uses, turn)


def _require(holds: bool, what: str) -> None:  # noqa: FBT001
    if not holds:
        message = f"it claims {what}"
        raise Lie(message)


def _is_fresh(segment: Segment, suspension: Any, numbers: range) -> bool:
    """Whether all that is new has a new number of the agent's, and no two have the same."""
    requests = [send.request for send in segment.sends if send.request is not None]
    made = [*requests, *segment.timers, *segment.effects]
    if isinstance(suspension, Wait) and suspension.id:
        made.append(suspension.id)
    return (
        all(number in numbers for number in made)
        and len(set(made)) == len(made)
        and requests == list(segment.opened)
    )


def _sends(guest: IsolatedGuest, segment: Segment) -> int:
    agent, world, size = guest.agent, guest.world, 0
    for send in segment.sends:
        _require(is_name(send.topic), "a topic that is none")
        # A receiver may have been stopped while the segment was cut.
        known = world.missing(send.to) in {None, faults.STOPPED}
        _require(known, "a receiver that there is not")
        _require(agent.may_send(send.to), "a message that it may not send")
        head = headers_size(send.headers) if send.headers else 0
        _require(head <= messaging.MAX_HEADER_BYTES, "headers that are too large")
        size += QUEUED_BYTES + _body(send.body) + head
        if send.request is None:
            _require(send.deadline is None, "a deadline of no request")
        elif send.deadline is not None:
            _require(_is_time(send.deadline, guest.since), "a deadline that is none")
    for to, count in segment.sent.items():
        waiting = world.waiting(to, agent.address) + agent.sent_to(to) + count
        _require(waiting <= world.mailbox_bound, "more than a mailbox holds")
    open_now = len(agent.requests) + len(segment.opened)
    _require(open_now <= messaging.MAX_OPEN_REQUESTS or not segment.opened, "too many requests")
    return size


def _is_time(deadline: int, since: int) -> bool:
    """Whether what was asked for since then may be due then; time itself may go further."""
    return min(since, messaging.MAX_TIME) <= deadline <= messaging.MAX_TIME


def _body(body: Any) -> int:
    size = body_size(body)
    _require(size <= messaging.MAX_BODY_BYTES, "a body that is too large")
    return size


def _replies(guest: IsolatedGuest) -> int:
    agent, world, segment, size = guest.agent, guest.world, guest.segment, 0
    for number, body in segment.replies.items():
        closed = number in agent.replied or not world.is_open(number, agent.address)
        _require(not closed, "a reply that nobody waits for")
        size += QUEUED_BYTES + _body(body)
    for number in segment.deferred:
        own = number == guest.message.request
        _require(own and world.is_open(number, agent.address), "a request that it does not have")
    return size


def _timers(guest: IsolatedGuest, segment: Segment) -> int:
    agent = guest.agent
    for timer in segment.timers.values():
        _require(is_name(timer.topic), "a topic that is none")
        _require(_is_time(timer.deadline, guest.since), "a deadline that is none")
    for number in segment.cancelled_timers:
        _require(number in agent.timers, "a timer that it does not have")
    most = len(agent.timers) + len(segment.timers) <= messaging.MAX_TIMERS
    _require(most or not segment.timers, "too many timers")
    return sum(QUEUED_BYTES + _body(timer.body) for timer in segment.timers.values())


def _effect(guest: IsolatedGuest, effect: Effect) -> Use:
    if effect.capability == REDIS:
        return in_redis(guest, effect.arguments)
    if effect.capability == SQL:
        return in_database(guest, effect.arguments)
    if effect.capability == HUMAN:
        return asked_people(guest, effect.arguments)
    _require(effect.capability == HTTP, "an effect that there is not")
    _http(guest.agent.http, effect.arguments)
    method, url, *_ = effect.arguments
    asked = Url.parse(url)
    return Use([ask_key("http", asked.text, {"method": method.upper()})], answers=asked.origin)


def _http(terms: Any, arguments: Any) -> None:
    """A request to a server as `capabilities.http` makes it, on the agent's terms."""
    try:
        method, url, headers, data, span, most = arguments
        check_method(method)
        check_headers(headers)
        objection = terms.objection(method, Url.parse(url), [name for name, _ in headers])
        short = headers_size(headers) <= MAX_HEADER_BYTES and len(headers) <= MAX_HEADERS
        whole = data is None or (type(data) is bytes and len(data) <= MAX_REQUEST_BODY)
        within = type(span) is int and 0 <= span <= terms.timeout and most == terms.most
    except (Wrong, TypeError, ValueError, AttributeError) as error:
        message = f"it asks no server so ({error})"
        raise Lie(message) from None
    _require(not objection, "a request that it may not send")
    _require(short and whole and within, "a request beyond its terms")


def _freed(agent: Any, segment: Segment) -> int:
    """What the world holds no more: replies that were taken, timers that were cancelled."""
    outcomes = [agent.requests.get(number) for number in segment.taken]
    replies = [outcome for outcome in outcomes if isinstance(outcome, tuple)]
    bodies = [*replies, *(agent.timers[number].body for number in segment.cancelled_timers)]
    return sum(queued_size(body, []) for body in bodies)


def _writes(agent: Any, segment: Segment) -> None:
    grown = 0
    for key, value in segment.writes.items():
        _require(len(key.encode()) <= MAX_KEY_BYTES, "a key that is too long")
        if value is not None:
            length = len(value if isinstance(value, bytes) else value.encode())
            _require(length <= MAX_VALUE_BYTES, "a value that is too large")
        grown += state_size(key, value) - state_size(key, agent.state.get(key))
    _require(grown == segment.grown, "another size of its state")
    full = agent.state_bytes + grown > MAX_STATE_BYTES
    _require(not full or grown <= 0, "more state than it may have")


def _logs(guest: IsolatedGuest) -> None:
    price = 0
    for level, text in guest.segment.logs:
        if level == DENIED:
            _require(guest.was_refused(text), "a refusal that there was not")
            price += cost.LOG_LINE
            continue
        _require(level in _LEVELS, "a level that there is not")
        _require(len(text) <= MAX_LOG_TEXT + len("..."), "a line that is too long")
        price += cost.LOG_LINE + cost.LOG_BYTE * len(text)
    _require(price <= guest.most_work, "more lines than it can pay for")


def _suspension(guest: IsolatedGuest, suspension: Any) -> Use | None:
    """What it waits for; of a turn call what that does to what agents share."""
    if isinstance(suspension, Wait):
        for number in suspension.requests:
            _require(number >> _OWNER == guest.agent.index, "another agent's request")
        timed = suspension.deadline is not None
        _require(timed == bool(suspension.id), "a deadline that nobody remembers")
    elif isinstance(suspension, Turn):
        operation, arguments = suspension.operation, suspension.arguments
        if "." in operation:
            return turned(guest, operation, arguments)
        _require(operation in _AGENTS, "a turn call that there is not")
        _require(suspension.answer is None and fits(arguments, _AGENTS[operation]), "no such call")
        if operation == "spawn":
            kind, key, config = arguments
            _require(is_name(f"{kind}/{key}"), "a name that is none")
            _require(len(config.encode()) <= MAX_CONFIG_BYTES, "a configuration that is too large")
        else:
            _require(len(arguments[0]) <= MAX_NAME_BYTES, "no address")
    return None
