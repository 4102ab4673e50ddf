"""What a run's journal holds: the kinds of entry, their bodies as types, and their canonical bytes.

A body is the canonical bytes of one array (`concepts/canonical.py`). The order of the fields below
is the format: it never changes within a version.
"""

from __future__ import annotations

from enum import IntEnum
from operator import eq
from typing import Any, NamedTuple, TypeAlias

import msgspec

from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile

VERSION = 2
"""Version of the format, first field of the header."""

Body: TypeAlias = tuple[str, Any]
"""`("text", str)` or `("bytes", bytes)`."""


class Kind(IntEnum):
    """What an entry is; its number is the byte that is hashed before the body."""

    HEADER = 0
    INPUT = 1
    CONTROL = 2
    CLOCK = 3
    STEP = 4
    INTENT = 5
    RESULT = 6


class Header(msgspec.Struct, array_like=True, frozen=True):
    """The first entry, and the only one of its kind: what the run is made of.

    Attributes:
        version: `VERSION`.
        world: Name of the world.
        seed: What entropy derives from.
        manifest: The normalised manifest, as canonical bytes.
        fingerprint: The engine's, as it was when the run began.
        contents: Digests of the contents that the run holds from its beginning.
    """

    version: int
    world: str
    seed: int
    manifest: bytes
    fingerprint: list[Any]
    contents: list[bytes]


class Input(msgspec.Struct, array_like=True, frozen=True):
    """A message from outside; it arrives before the step whose entry follows."""

    id: int
    to: str
    topic: str
    body: Body
    headers: list[tuple[str, str]]


class Control(msgspec.Struct, array_like=True, frozen=True):
    """A change that the operator or the host made to the run: what, and its arguments."""

    op: str
    args: list[Any]


class Clock(msgspec.Struct, array_like=True, frozen=True):
    """One reading of the real clock (`clock = "recorded"`): the time of the step that follows."""

    step: int
    time: int


class Send(msgspec.Struct, array_like=True, frozen=True):
    """One message that a segment sent.

    Attributes:
        id: The message's number.
        to: Its receiver.
        topic: What it is about.
        body: What it carries.
        headers: Names and values.
        request: Number of the request that it opens, if any.
    """

    id: int
    to: str
    topic: str
    body: Body
    headers: list[tuple[str, str]]
    request: int | None


class Segment(msgspec.Struct, array_like=True, frozen=True):
    """One atomic piece of an activation, in the order in which it was committed.

    Attributes:
        agent: Who ran.
        message: The message being handled.
        attempt: 0, or how often the activation was begun anew.
        part: The segment's ordinal within its activation, from 0.
        status: How it ended.
        fuel: Guest work.
        work: Host work.
        state: Rolling digest of the agent's state after it, if it wrote.
        sends: What it sent.
    """

    agent: str
    message: int
    attempt: int
    part: int
    status: str
    fuel: int
    work: int
    state: bytes | None
    sends: list[Send]


class Turn(msgspec.Struct, array_like=True, frozen=True):
    """A call on what is shared, made at the step's end (spawn, stop, watch)."""

    agent: str
    op: str
    args: list[Any]
    result: list[Any]


class StepBody(msgspec.Struct, array_like=True, frozen=True):
    """One step, as it was committed.

    Attributes:
        step: Its number, from 1, without gaps.
        time: World time in it, nanoseconds since the Unix epoch.
        segments: What ran, in canonical order.
        turns: Turn calls, in canonical order.
        requests: Requests that ended: number, how (`reply`, or a fault code), and the reply.
        dead: Dead letters: message, agent, reason, code.
        timers: Deadlines that were due: number, owner, and the message that a timer became; 0 where
            the deadline was of a sleep or a request.
    """

    step: int
    time: int
    segments: list[Segment]
    turns: list[Turn]
    requests: list[tuple[int, str, Body | None]]
    dead: list[tuple[int, str, str, str]]
    timers: list[tuple[int, str, int]]


class ComputedStep(StepBody, array_like=True, frozen=True):
    """A step in which something was computed as its agents ran; any other one is a `StepBody`.

    Attributes:
        computed: Per segment: what was computed, in the order in which it was wanted: the ordinal
            of the call, and what came of it, as `Result.outcome`.
    """

    computed: list[list[tuple[int, list[Any]]]]


class Detail(msgspec.Struct, array_like=True, frozen=True):
    """What the segments of a step called and logged, one list per segment, in their order.

    Attributes:
        calls: Per segment: `[function name, arguments...]` of each call.
        logs: Per segment: level and text of each line.
        told: Per segment: sums of answers, of two bytes each, zeros at the end left out: of what
            the segment goes on with, then of each call's. None of it in version 1.
    """

    calls: list[list[list[Any]]]
    logs: list[list[tuple[str, str]]]
    told: list[bytes] = []


class Intent(msgspec.Struct, array_like=True, frozen=True):
    """An effect that an agent asked for: on the disk before anything of it leaves the machine.

    Attributes:
        number: The effect's number, which its result has too.
        step: The step that issued it, whose entry comes before.
        agent: Who asked.
        message: The message that it was handling.
        attempt: 0, or how often that activation was begun anew.
        call: Ordinal of the call within the segment.
        capability: What kind of effect.
        arguments: What is to be done: plain canonical values.
    """

    number: int
    step: int
    agent: str
    message: int
    attempt: int
    call: int
    capability: str
    arguments: Any


class Result(msgspec.Struct, array_like=True, frozen=True):
    """How an effect ended: on the disk before an agent sees it.

    Attributes:
        number: The effect's.
        step: The step at whose start it arrives, whose entry comes after.
        outcome: `["ok", value]`, or `["err", code, detail]`.
    """

    number: int
    step: int
    outcome: list[Any]


AnyBody: TypeAlias = Header | Input | Control | Clock | StepBody | Intent | Result


class Entry(NamedTuple):
    """One entry of the journal, as stored.

    Attributes:
        n: Its number, from 1 (the header).
        kind: A `Kind`.
        body: Canonical bytes.
        detail: Of a step: the canonical bytes of its `Detail`, if it has one.
    """

    n: int
    kind: int
    body: bytes
    detail: bytes | None


_TYPES: tuple[type[AnyBody], ...] = (
    Header,
    Input,
    Control,
    Clock,
    StepBody,
    Intent,
    Result,
)
_KINDS = {cls: Kind(number) for number, cls in enumerate(_TYPES)} | {ComputedStep: Kind.STEP}
_DECODERS = tuple(msgspec.msgpack.Decoder(cls) for cls in _TYPES)
_COMPUTED = msgspec.msgpack.Decoder(ComputedStep)
_EIGHT = b"\x98"
"""How an array of eight begins: a step has seven fields, or the eighth, too."""
_DETAIL = msgspec.msgpack.Decoder(Detail)


class _Numbered(msgspec.Struct, array_like=True):
    """The first field of a step; the others are passed over."""

    step: int


_NUMBERED = msgspec.msgpack.Decoder(_Numbered)


def encode(body: AnyBody) -> tuple[Kind, bytes]:
    """The kind of a body, and its canonical bytes."""
    return _KINDS[type(body)], canonical.encode(body)


def decode(kind: int, body: bytes) -> AnyBody:
    """The body of an entry.

    Raises:
        BadRunFile: The bytes are no body of this kind in canonical form. Names no entry.
    """
    if not 0 <= kind < len(_DECODERS):
        raise BadRunFile(f"there is no kind of entry {kind}")
    decoder: Any = _DECODERS[kind]
    if kind == Kind.STEP and body[:1] == _EIGHT:
        decoder = _COMPUTED
    try:
        value: AnyBody = decoder.decode(body)
        same = canonical.encode(value) == body
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise BadRunFile(f"its body is not a {Kind(kind).name.lower()} ({error})") from None
    if not same:
        raise BadRunFile("its body is not in canonical form")
    if not _carries_messages(value):
        raise BadRunFile("a message in it is neither text nor bytes")
    if isinstance(value, ComputedStep) and not (
        any(value.computed) and len(value.computed) == len(value.segments)
    ):
        raise BadRunFile("what was computed in it is not told for each of its segments")
    return value


def computed_of(body: bytes) -> dict[str, list[list[Any]]]:
    """What came of what was computed in a step, by the address of who wanted it.

    Raises:
        BadRunFile: The bytes are no step.
    """
    if body[:1] != _EIGHT:
        return {}
    step = decode(Kind.STEP, body)
    assert isinstance(step, ComputedStep)
    found: dict[str, list[list[Any]]] = {}
    for segment, rows in zip(step.segments, step.computed, strict=True):
        found.setdefault(segment.agent, []).extend(outcome for _, outcome in rows)
    return found


def decode_detail(data: bytes, segments: int) -> Detail:
    """The detail of a step with so many segments.

    Raises:
        BadRunFile: The bytes are none.
    """
    try:
        detail = _DETAIL.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise BadRunFile(f"its detail is not readable ({error})") from None
    told = len(detail.told) or segments
    if not len(detail.calls) == len(detail.logs) == told == segments:
        raise BadRunFile(f"a step with {segments} segments has the detail of another")
    return detail


def same_detail(one: bytes | None, other: bytes | None) -> bool:
    """Whether two details say the same, as far as both go: an older engine may have kept less.

    Raises:
        BadRunFile: One of them is none.
    """
    if one == other or one is None or other is None:
        return one == other
    try:
        fields, theirs = canonical.decode(one), canonical.decode(other)
        return len(fields) != len(theirs) and all(map(eq, fields, theirs))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, TypeError) as error:
        raise BadRunFile(f"its detail is not readable ({error})") from None


def step_of(body: bytes) -> int:
    """The number of the step that an entry of that kind holds, at the least cost.

    Raises:
        BadRunFile: The bytes are no step.
    """
    try:
        return _NUMBERED.decode(body).step
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise BadRunFile(f"its body is not a step ({error})") from None


def _carries_messages(value: AnyBody) -> bool:
    """Whether every message in a body is text or bytes: msgspec has no type for that."""
    if isinstance(value, StepBody):
        for segment in value.segments:
            for send in segment.sends:
                if not _is_message_body(send.body):
                    return False
        return all(reply is None or _is_message_body(reply) for _, _, reply in value.requests)
    return not isinstance(value, Input) or _is_message_body(value.body)


def _is_message_body(body: Body) -> bool:
    tag, payload = body
    return isinstance(payload, str) if tag == "text" else tag == "bytes" and type(payload) is bytes
