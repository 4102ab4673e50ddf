"""What a worker process answers, as types: bytes that may come from whoever took it over.

All of it is decoded strictly, and plain values are looked at one by one: nothing but numbers, text,
bytes and lists of them gets in. What was asked comes from us, and is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Struct

from wasm_engine.agents.program import MAX_DETAIL
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import (
    GuestFailure,
    GuestFault,
    GuestTrap,
    LimitExceeded,
    Postponed,
)
from wasm_engine.concepts.names import is_name
from wasm_engine.concepts.plain import from_plain

_FAILURES: Final[dict[str, Callable[[str, str], GuestFailure]]] = {
    "fault": GuestFault, "trap": GuestTrap, "limit": LimitExceeded, "failed": GuestFailure,
    "postponed": Postponed,
}  # fmt: skip
_SPARE_DETAIL: Final = 64 << 10
"""Characters beyond which nothing that anybody says of a failure goes."""
_PLAIN: Final = (str, bytes, int, float)
_LARGEST: Final = 1 << 64
NO_STATUS: Final = -1


class Lie(ValueError):
    """An answer that no worker process of ours gives; says what is wrong with it."""


FailureTold: TypeAlias = tuple[Literal["fault", "trap", "limit", "failed", "postponed"], str, str]
"""Class, code and detail of a failure."""
BodyTold: TypeAlias = tuple[Any, Any]
SendTold: TypeAlias = tuple[str, str, BodyTold, list[tuple[str, str]], int | None, int | None]
"""Of a message: receiver, topic, body, headers, request, deadline."""


Mark: TypeAlias = tuple[
    Literal["state", "reply", "effect", "asked", "timer", "store"], str | int, list[str]
]
"""Of `Segment.marks`: what, its key, labels."""
LabelsOf: TypeAlias = Literal["source", "key", "keys", "outcome"]
"""What a worker asks the labels of."""


class _Answer(Struct, array_like=True, forbid_unknown_fields=True):
    """What all answers have in common."""


class WaitTold(Struct, array_like=True, forbid_unknown_fields=True, tag="wait"):
    """A `Wait`; `derived` where the process itself finds what its guest goes on with."""

    requests: list[int]
    id: int
    deadline: int | None
    derived: bool
    call: tuple[str, Any] | None


class TurnTold(Struct, array_like=True, forbid_unknown_fields=True, tag="turn"):
    """A `Turn`; `derived` where the process itself makes of its result what its guest gets."""

    operation: str
    arguments: Any
    labels: list[str] = []
    derived: bool = False


class Standing(Struct, array_like=True, forbid_unknown_fields=True):
    """Where the guest stands, whenever it stops.

    Attributes:
        fuel, work: What it has left.
        reading: Its agent's last reading of the clock (ns).
        denials: Calls that were refused for want of a grant since the last answer.
        ordinal: How many numbers its agent gave.
        drew, read_clock: As of `Guest`.
        returned: As of `Guest`, since the last answer; plain.
        puts_out: Whether its segment does; see `Segment`.
        labels, sources: As of `Knowing`; of worlds without a guard empty.
    """

    fuel: int
    work: int
    reading: int
    denials: int
    ordinal: int
    drew: bool
    read_clock: bool
    returned: list[Any]
    puts_out: bool = False
    labels: list[str] = []
    sources: list[str] = []


class Outputs(Struct, array_like=True, forbid_unknown_fields=True):
    """What a segment did, and the record of its calls; see `Segment` and `Guest`.

    Attributes:
        labels: Of each message that it sends; empty where none has any.
    """

    sends: list[SendTold]
    sent_bytes: int
    freed: int
    opened: list[int]
    effects: list[tuple[int, int, str, Any]]
    abandoned: list[int]
    writes: list[tuple[str, Any]]
    grown: int
    replies: list[tuple[int, BodyTold]]
    deferred: list[int]
    taken: list[int]
    cancelled: list[int]
    timers: list[tuple[int, int, str, BodyTold]]
    cancelled_timers: list[int]
    logs: list[tuple[str, str]]
    calls: list[list[Any]]
    told: bytes
    suspension: WaitTold | TurnTold | None
    marks: list[Mark] = []
    labels: list[list[str]] = []


class Fetch(_Answer, tag="fetch"):
    """A question before the answer: what the guest's host functions have to know."""

    what: Literal[
        "peer", "state", "state-keys", "request", "effect", "timer", "sent", "subscribers", "open",
        "file", "asker", "source", "key", "keys", "outcome",
    ]  # fmt: skip
    key: str | int | None = None
    number: int = 0


class Judge(_Answer, tag="judge"):
    """A question before the answer: by which rule something is refused; see `Guard.refuses`."""

    action: str
    target: str
    context: list[tuple[str, str | list[str]]]
    labels: list[str]
    call: int


class Look(_Answer, tag="look"):
    """A question before the answer: what agents share shows, as of the step's start."""

    service: Literal["keyvalue", "blobstore", "sql", "secrets"]
    operation: str
    arguments: Any


class Spend(_Answer, tag="spend"):
    """A question before the answer: whether budgets let it; see `concepts.budget.Spender`.

    Attributes:
        used: Whether it is spent already, so that there is nothing to ask.
    """

    what: Literal["messages", "effects", "bytes", "tokens"]
    amount: int
    size: int
    used: bool = False


class Begun(_Answer, tag="begun"):
    """An instance was made; what it took to begin, and what it read for that."""

    beginning: int
    failure: FailureTold | None
    sources: list[str] = []


class Ran(_Answer, tag="ran"):
    """The guest has stopped.

    Attributes:
        end: How.
        standing: Where it stands.
        outputs: What its segment did; None of one that was only sliced.
        failure: Why it failed; of one that has finished or left, why that does not count.
        status: What it left with.
    """

    end: Literal["sliced", "suspended", "finished", "failed", "exit"]
    standing: Standing
    outputs: Outputs | None = None
    failure: FailureTold | None = None
    status: int = NO_STATUS


class Answered(_Answer, tag="answered"):
    """What a parked guest is to go on with; a plain value where the call log keeps it."""

    standing: Standing
    value: Any


class HeldTold(_Answer, tag="held"):
    """What the segment of a guest that was cut holds; see `concepts.segment.Held`."""

    marks: list[Mark]
    sends: list[list[str]]
    refusals: list[tuple[int, str]]


class Data(_Answer, tag="data"):
    """Bytes, or that there are none."""

    data: bytes | None


class Migrated(_Answer, tag="migrated"):
    """What an agent is to keep; None: what it has. Or why that cannot be said."""

    entries: list[tuple[str, Any]] | None
    failure: FailureTold | None = None


class Memories(_Answer, tag="memories"):
    """The linear memories of an instance."""

    memories: list[bytes]


class Done(_Answer, tag="done"):
    """Yes, or no."""

    well: bool


class Ready(_Answer, tag="ready"):
    """It has begun, and shut itself in; what its machine could not do for that."""

    missing: list[str]


class Broken(_Answer, tag="broken"):
    """It can't go on, and says why."""

    why: str


Question: TypeAlias = Fetch | Judge | Look | Spend
Answer: TypeAlias = (
    Question
    | Begun
    | Ran
    | Answered
    | HeldTold
    | Data
    | Migrated
    | Memories
    | Done
    | Ready
    | Broken
)
_decoder: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def encode(answer: Answer) -> bytes:
    """The bytes of an answer."""
    return canonical.encode(answer)


def decode(data: bytes | memoryview) -> Answer:
    """The answer that bytes are.

    Raises:
        Lie: They are none.
    """
    try:
        answer = _decoder.decode(data)
        if isinstance(answer, Ran | Answered):
            _check_plain(answer.standing.returned)
        if isinstance(answer, Ran) and answer.outputs is not None:
            _check_outputs(answer.outputs)
        elif isinstance(answer, Answered):
            _check_plain(answer.value)
        elif isinstance(answer, Look):
            _check_plain(answer.arguments)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        message = f"it answered what is no answer ({error})"
        raise Lie(message) from None
    return answer


def _check_outputs(outputs: Outputs) -> None:
    bodies = [send[2] for send in outputs.sends]
    bodies += [body for _, body in outputs.replies]
    bodies += [timer[3] for timer in outputs.timers]
    for tag, content in bodies:
        if tag not in ("text", "bytes") or type(content) is not (str if tag == "text" else bytes):
            message = "a body is neither text nor bytes"
            raise Lie(message)
    for _, value in outputs.writes:
        if value is not None and not isinstance(value, str | bytes):
            message = "a key that holds neither text nor bytes"
            raise Lie(message)
    for call in outputs.calls:
        if not call or not isinstance(call[0], str):
            message = "a call without a name"
            raise Lie(message)
        _check_plain(call)
    for _, _, _, arguments in outputs.effects:
        _check_plain(arguments)
    if isinstance(outputs.suspension, WaitTold):
        _check_plain(outputs.suspension.call)
    elif isinstance(outputs.suspension, TurnTold):
        _check_plain(outputs.suspension.arguments)


def _check_plain(value: Any) -> None:
    """Refuses what msgpack can hold, and nothing here ever means."""
    if isinstance(value, list | tuple):
        for part in value:
            _check_plain(part)
    elif value is not None and not isinstance(value, _PLAIN):
        message = f"a {type(value).__name__} among plain values"
        raise Lie(message)
    elif isinstance(value, int) and not -_LARGEST < value < _LARGEST:
        message = "a number that is too large"
        raise Lie(message)


def valued(plain: Any) -> Any:
    """The value of a plain one.

    Raises:
        Lie: It is none.
    """
    try:
        return from_plain(plain)
    except (ValueError, TypeError) as error:
        message = f"a value that is none ({error})"
        raise Lie(message) from None


def told(failure: GuestFailure) -> FailureTold:
    """A failure as an answer holds it."""
    kinds: dict[type[GuestFailure], Literal["fault", "trap", "limit", "postponed"]] = {
        GuestFault: "fault", GuestTrap: "trap", LimitExceeded: "limit", Postponed: "postponed",
    }  # fmt: skip
    return kinds.get(type(failure), "failed"), failure.code, failure.detail


def failure_of(told: FailureTold) -> GuestFailure:
    """The failure that was told.

    Raises:
        Lie: Nobody fails so.
    """
    kind, code, detail = told
    most = MAX_DETAIL + len("...") if kind == "fault" else _SPARE_DETAIL
    if not is_name(code):
        message = "a failure without a code"
        raise Lie(message)
    return _FAILURES[kind](code, detail[:most])
