"""wasm-engine:agent/messaging: send, publish, reply, ask and its parts, timers."""

from __future__ import annotations

from typing import Any

from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.errors import LimitExceeded
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.message import (
    QUEUED_BYTES,
    Body,
    Headers,
    body_size,
    headers_size,
    queued_size,
)
from wasm_engine.concepts.names import is_name
from wasm_engine.concepts.segment import Outgoing, Timer, Wait

MAX_BODY_BYTES = 1 << 20
MAX_HEADER_BYTES = 16 << 10
MAX_OPEN_REQUESTS = 10_000
MAX_TIMERS = 10_000
MAX_TIME = (1 << 63) - 1

Options = tuple[int | None, Headers]


def _size(body: Body, headers: Headers) -> int | Err:
    size = body_size(body)
    if size > MAX_BODY_BYTES:
        return refusal(faults.TOO_LARGE, f"a body is at most {MAX_BODY_BYTES} bytes")
    if headers:
        head = headers_size(headers)
        if head > MAX_HEADER_BYTES:
            return refusal(faults.TOO_LARGE, f"headers are at most {MAX_HEADER_BYTES} bytes")
        size += head
    return size


def _refused(guest: Caller, to: str) -> Err | None:
    """Why the world would not take a message to the address, or None."""
    agent, world = guest.agent, guest.world
    code = world.missing(to)
    if code is not None:
        if not is_name(to):
            return refusal(faults.INVALID_NAME, "not an address")
        return refusal(code, f"no agent {to}")
    if not agent.may_send(to):
        return refusal(faults.NOT_GRANTED, f"sending to {to}")
    sent = agent.sent_to(to) + guest.segment.sent.get(to, 0)
    if world.waiting(to, agent.address) + sent >= world.mailbox_bound:
        return refusal(faults.MAILBOX_FULL, f"{world.mailbox_bound} messages wait there already")
    return None


def _take_room(guest: Caller, size: int) -> None:
    """Counts what the world will hold until somebody takes it: messages, replies, timers."""
    segment = guest.segment
    segment.sent_bytes += QUEUED_BYTES + size
    if segment.sent_bytes + guest.agent.sent_bytes > guest.world.queue_room():
        code = "queue"
        raise LimitExceeded(code, "the world's queue is full")


def _enqueue(guest: Caller, size: int, message: Outgoing) -> None:
    guest.charge(cost.MESSAGE + size * cost.MESSAGE_BYTE)
    _take_room(guest, size)
    segment = guest.segment
    segment.sent[message.to] = segment.sent.get(message.to, 0) + 1
    if guest.labels:
        message.labels = guest.labels
    segment.sends.append(message)


def send(guest: Caller, to: str, topic: str, body: Body, options: Options) -> Err | None:
    """Sends a message; it leaves when the segment is committed."""
    headers = options[1]
    if not is_name(topic):
        return refusal(faults.INVALID_NAME, "not a topic")
    refused = _refused(guest, to) or guest.authorize("send", to, {"topic": topic})
    if refused is not None:
        return refused
    size = _size(body, headers)
    if isinstance(size, Err):
        return size
    refused = guest.spend("messages", 1, size, kept=False)
    if refused is not None:
        return refused
    _enqueue(guest, size, Outgoing(to, topic, body, headers, None, None))
    return None


def publish(guest: Caller, topic: str, body: Body, options: Options) -> Err | None:
    """Sends to every other subscriber of the topic; all of them accept it, or none does."""
    headers = options[1]
    if not is_name(topic):
        return refusal(faults.INVALID_NAME, "not a topic")
    size = _size(body, headers)
    if isinstance(size, Err):
        return size
    own = guest.agent.address
    receivers = [to for to in guest.world.subscribers(topic) if to != own]
    guest.charge(cost.RECEIVER * len(receivers))
    forbidden = guest.authorize("publish", topic)
    if forbidden is not None:
        return forbidden
    for to in receivers:
        # It is a message to each of them: else whoever may not write to one would publish.
        refused = _refused(guest, to) or guest.authorize("send", to, {"topic": topic})
        if refused is not None:
            return refused
    count = len(receivers)
    refused = guest.spend("messages", count, count * size, kept=False) if count else None
    if refused is not None:
        return refused
    for to in receivers:
        _enqueue(guest, size, Outgoing(to, topic, body, headers, None, None))
    return None


def _is_closed(guest: Caller, request: int) -> bool:
    """Whether a request has ended, or this agent answered it in this step."""
    agent = guest.agent
    replied = request in guest.segment.replies or request in agent.replied
    return replied or not guest.world.is_open(request, agent.address)


def _answer(guest: Caller, request: int, body: Body) -> Err | None:
    size = _size(body, [])
    if isinstance(size, Err):
        return size
    if _is_closed(guest, request):
        return refusal(faults.REQUEST_CLOSED, "it has ended already")
    asker = guest.world.asker(request)
    forbidden = guest.authorize("reply", asker)
    if forbidden is not None:
        return forbidden
    refused = guest.spend("messages", 1, size, kept=False)
    if refused is not None:
        return refused
    guest.charge(size * cost.MESSAGE_BYTE)
    _take_room(guest, size)
    guest.segment.replies[request] = body
    guest.mark("reply", request)
    return None


def reply(guest: Caller, body: Body) -> Err | None:
    """Answers the message being handled."""
    request = guest.message.request
    if request is None:
        return refusal(faults.NO_REQUEST, "nobody waits for a reply to this message")
    return _answer(guest, request, body)


def defer(guest: Caller) -> int | Err:
    """Keeps the request of the message being handled open after the activation."""
    request = guest.message.request
    if request is None:
        return refusal(faults.NO_REQUEST, "nobody waits for a reply to this message")
    if _is_closed(guest, request):
        return refusal(faults.REQUEST_CLOSED, "it has ended already")
    guest.segment.deferred.append(request)
    return request


def start(guest: Caller, to: str, topic: str, body: Body, options: Options) -> int | Err:
    """Opens a request without waiting for it; answers its number."""
    timeout, headers = options
    agent, segment = guest.agent, guest.segment
    if not is_name(topic):
        return refusal(faults.INVALID_NAME, "not a topic")
    if len(agent.requests) + len(segment.opened) >= MAX_OPEN_REQUESTS:
        return refusal(faults.TOO_MANY, f"at most {MAX_OPEN_REQUESTS} requests may be open")
    refused = _refused(guest, to) or guest.authorize("ask", to, {"topic": topic})
    if refused is not None:
        return refused
    size = _size(body, headers)
    if isinstance(size, Err):
        return size
    refused = guest.spend("messages", 1, size, kept=False)
    if refused is not None:
        return refused
    guest.charge(cost.REQUEST)
    number: int = agent.next_ordinal()
    segment.opened[number] = None
    deadline = None if timeout is None else min(guest.world.time + timeout, MAX_TIME)
    _enqueue(guest, size, Outgoing(to, topic, body, headers, number, deadline))
    return number


def _outcome(guest: Caller, request: int) -> tuple[bool, Body | Err | None]:
    """Whether the agent has such a request, and how it ended (None: it has not)."""
    segment = guest.segment
    if request in segment.taken:
        return False, None
    if request in segment.cancelled:
        return True, faults.CANCELLATION
    if request in guest.agent.requests:
        return True, guest.agent.requests[request]
    return request in segment.opened, None


def _ended(guest: Caller, number: int) -> bool | None:
    """Whether a request or an effect has ended; None where the agent has neither."""
    segment, effects = guest.segment, guest.agent.effects
    if number in segment.effects:
        return False
    if number not in segment.taken:
        # It may have been cancelled in the segment that it began in: then it is nowhere else.
        if number in segment.abandoned:
            return True
        if number in effects:
            return effects[number] is not None
    known, outcome = _outcome(guest, number)
    return outcome is not None if known else None


def take(guest: Caller, request: int) -> Body | Err:
    """The outcome of a request that has ended."""
    known, outcome = _outcome(guest, request)
    if not known:
        return refusal(faults.UNKNOWN_REQUEST, f"request {request}")
    if outcome is None:
        return refusal(faults.REQUEST_PENDING, f"request {request}")
    guest.segment.taken[request] = None
    guest.knows_outcome(request)
    if not isinstance(outcome, Err):
        guest.segment.freed += queued_size(outcome, [])
    return outcome


def ask(guest: Caller, to: str, topic: str, body: Body, options: Options) -> Any:
    """Sends and waits for the reply: start, wait and take in one."""
    number = start(guest, to, topic, body, options)
    if isinstance(number, Err):
        return number
    return guest.suspend(Wait({number: None}, call=(_NAME + "take", (number,))))


def wait_any(guest: Caller, requests: list[int]) -> Any:
    """Waits for the first of the requests or effects that ends; ties go by the list's order."""
    if not requests:
        return refusal(faults.UNKNOWN_REQUEST, "an empty list")
    awaited = dict.fromkeys(requests)  # a list may name one request a million times

    for number in awaited:
        if _ended(guest, number) is None:
            return refusal(faults.UNKNOWN_REQUEST, f"request {number}")
    first = next((number for number in awaited if _ended(guest, number)), None)
    if first is None:
        return guest.suspend(Wait(awaited, call=(_NAME + "wait-any", (requests,))))
    return first


def cancel_request(guest: Caller, request: int) -> None:
    """Ends a request or an effect of one's own with `cancelled`, if it has not ended."""
    guest.abandon(request)
    known, outcome = _outcome(guest, request)
    if known and outcome is None:
        guest.segment.cancelled[request] = None


def schedule(guest: Caller, after: int, topic: str, body: Body) -> int | Err:
    """A message to oneself after a span of world time."""
    agent, segment = guest.agent, guest.segment
    if not is_name(topic):
        return refusal(faults.INVALID_NAME, "not a topic")
    size = _size(body, [])
    if isinstance(size, Err):
        return size
    if len(agent.timers) + len(segment.timers) >= MAX_TIMERS:
        return refusal(faults.TOO_MANY, f"at most {MAX_TIMERS} timers may be pending")
    refused = guest.spend("messages", 1, size, kept=False)
    if refused is not None:
        return refused
    guest.charge(cost.REQUEST + size * cost.MESSAGE_BYTE)
    _take_room(guest, size)
    number: int = agent.next_ordinal()
    deadline = min(guest.world.time + after, MAX_TIME)
    segment.timers[number] = Timer(number, deadline, topic, body)
    guest.mark("timer", number)
    return number


def cancel(guest: Caller, number: int) -> bool:
    """Cancels a timer of one's own; whether it was still pending."""
    segment = guest.segment
    if segment.timers.pop(number, None) is not None:
        return True
    if number in guest.agent.timers and number not in segment.cancelled_timers:
        segment.cancelled_timers[number] = None
        segment.freed += queued_size(guest.agent.timers[number].body, [])
        return True
    return False


_NAME = "wasm-engine:agent/messaging#"
FUNCTIONS = (
    HostFunction(_NAME + "send", send),
    HostFunction(_NAME + "publish", publish),
    HostFunction(_NAME + "reply", reply),
    HostFunction(_NAME + "defer", defer),
    HostFunction(_NAME + "reply-to", _answer),
    HostFunction(_NAME + "ask", ask, suspends=True),
    HostFunction(_NAME + "start", start),
    HostFunction(_NAME + "wait-any", wait_any, suspends=True),
    HostFunction(_NAME + "take", take),
    HostFunction(_NAME + "cancel-request", cancel_request),
    HostFunction(_NAME + "schedule", schedule),
    HostFunction(_NAME + "cancel", cancel),
)
