"""What one segment of an activation does: collected while it runs, committed or dropped whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec import Struct

from wasm_engine.concepts import canonical
from wasm_engine.concepts.message import QUEUED_BYTES, Body, Headers

Value = str | bytes
"""What a key of an agent's state holds."""
KEY_BYTES = 64
"""What a key counts beside its name and value: millions of tiny ones take memory, too."""
MAX_KEY_BYTES = 512
"""Bytes of a key of an agent's state."""
MAX_VALUE_BYTES = 4 << 20
"""Bytes of what is kept under it."""
MAX_STATE_BYTES = 64 << 20
"""Bytes that the whole of an agent's state may count for."""


def state_size(key: str, value: Value | None) -> int:
    """Bytes that a key of an agent's state counts for; 0 where it holds nothing."""
    if value is None:
        return 0
    length = len(value) if isinstance(value, bytes) else len(value.encode())
    return KEY_BYTES + len(key.encode()) + length


DENIED = "denied"
"""Level of the log lines in which the host says what the policy refused; guests have none such."""
Labels = frozenset[str]
"""Labels of information, of what somebody knows or something holds."""
NO_LABELS: Labels = frozenset()


class Outgoing(Struct, eq=False):
    """A message that leaves when its segment is committed.

    Attributes:
        labels: Of what its sender knew then.
        request: The number of the request that it opens, or None.
        deadline: World time (ns) at which that request ends with `timeout`, or None.
    """

    to: str
    topic: str
    body: Body
    headers: Headers
    request: int | None
    deadline: int | None
    labels: Labels = NO_LABELS


class Timer(NamedTuple):
    """A message to oneself at a later world time (ns)."""

    id: int
    deadline: int
    topic: str
    body: Body


def arguments_size(arguments: tuple[Any, ...]) -> int:
    """Bytes of the arguments of an effect."""
    return len(canonical.encode(arguments))


class Effect(NamedTuple):
    """A request to the outside; it goes out once its segment is committed, and durable.

    Attributes:
        number: Its own, as of a request.
        call: Ordinal of the call that made it, within its segment.
        capability: What carries it out: `http`.
        arguments: Plain values.
    """

    number: int
    call: int
    capability: str
    arguments: tuple[Any, ...]

    def size(self) -> int:
        """Bytes that it counts for in the world's queue while it is out."""
        return QUEUED_BYTES + arguments_size(self.arguments)


class Segment(Struct, eq=False):
    """The outputs of one segment, in the order in which the guest made them.

    Attributes:
        marks: Labels of what the guest knew as it wrote: a `state` key, a `reply`, an `effect`, a
            `timer` or a `store`, by its name or number. Those of an effect are its answer's, too;
            what was known as it was `asked` stands under that.
        costs: What it takes of its agent's budgets, as `concepts.budget` numbers it; None: nothing.
    """

    sends: list[Outgoing] = []
    sent: dict[str, int] = {}
    sent_bytes: int = 0
    freed: int = 0
    opened: dict[int, None] = {}
    effects: dict[int, Effect] = {}
    abandoned: dict[int, None] = {}
    writes: dict[str, Value | None] = {}
    grown: int = 0
    replies: dict[int, Body] = {}
    deferred: list[int] = []
    taken: dict[int, None] = {}
    cancelled: dict[int, None] = {}
    timers: dict[int, Timer] = {}
    cancelled_timers: dict[int, None] = {}
    logs: list[tuple[str, str]] = []
    marks: dict[tuple[str, Any], Labels] = {}
    costs: list[int] | None = None

    @property
    def puts_out(self) -> bool:
        """Whether it holds what its agent does to others, or to what others gave it.

        A guest that is made again writes and logs anew, but is only told what it was answered.
        """
        return bool(
            self.sends or self.replies or self.deferred or self.taken or self.cancelled
            or self.timers or self.cancelled_timers or self.effects or self.abandoned
        )  # fmt: skip


class Held(NamedTuple):
    """What a segment holds of labels and refusals, which a guest that is made again has not.

    Attributes:
        marks: See `Segment.marks`.
        sends: Labels of each message.
        refusals: Lines of the log in which the host says what it refused, by their places.
    """

    marks: dict[tuple[str, Any], Labels]
    sends: list[Labels]
    refusals: list[tuple[int, str]]

    @classmethod
    def of(cls, segment: Segment) -> Held:
        """That of a segment."""
        lines = enumerate(segment.logs)
        refusals = [(place, text) for place, (level, text) in lines if level == DENIED]
        return cls(dict(segment.marks), [it.labels for it in segment.sends], refusals)

    def put(self, segment: Segment) -> None:
        """Puts it into the segment of a guest that was made again."""
        segment.marks = dict(self.marks)
        for sent, labels in zip(segment.sends, self.sends, strict=True):
            sent.labels = labels
        for place, text in self.refusals:
            segment.logs.insert(place, (DENIED, text))

    def labels(self) -> Labels:
        """All that are in it."""
        return NO_LABELS.union(*self.marks.values(), *self.sends)


NOTHING_HELD = Held({}, [], [])


class Wait(NamedTuple):
    """Parked until a request or an effect has ended, or world time (ns) has come.

    Attributes:
        requests: Numbers of requests and effects, in the order in which ties go.
        answer: `answer(guest)` is what the guest gets when it goes on, where that follows from what
            it holds, its clock and what it observes: a guest that is made again asks again.
        id: Under which number the deadline is remembered; 0 where there is none.
        deadline: World time, or None.
        call: Instead of `answer`, where others decide: name and arguments of the host function that
            gives it. The call log keeps what it gave.
    """

    requests: dict[int, None]
    answer: Callable[[Any], Any] | None = None
    id: int = 0
    deadline: int | None = None
    call: tuple[str, tuple[Any, ...]] | None = None


class Turn:
    """A turn call: executed at the step's end in canonical order, answered in the next step.

    Attributes:
        labels: Of what the caller knew.
        answer: `answer(guest, result)` is what the guest gets; None where that is the result.
    """

    __slots__ = ("answer", "arguments", "labels", "operation", "result")

    def __init__(
        self,
        operation: str,
        *arguments: Any,
        answer: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        self.operation = operation
        self.arguments = arguments
        self.answer = answer
        self.result: Any = None
        self.labels = NO_LABELS

    def answered(self, guest: Any, result: Any) -> Any:
        """What the guest gets for a result."""
        return result if self.answer is None else self.answer(guest, result)


class Nested(NamedTuple):
    """Parked until another guest has answered, within the same segment: nobody else sees it.

    Attributes:
        target: What is called; the layer that runs guests knows.
        arguments: Its arguments.
        answer: `answer(value)` is what the caller gets for what it answers.
        fault: `fault(code)` is what the caller gets where it fails; it may raise a GuestFailure.
    """

    target: Any
    arguments: tuple[Any, ...]
    answer: Callable[[Any], Any]
    fault: Callable[[str], Any]


class Computation(NamedTuple):
    """Parked until what follows from its arguments is computed, within the same segment.

    Attributes:
        capability: What computes it: `models`.
        arguments: Plain values.
        answer: `answer(guest, outcome)` is what the guest gets. It puts into the call log what a
            guest that is made again needs to get the same: that one is not parked.
    """

    capability: str
    arguments: tuple[Any, ...]
    answer: Callable[[Any, Any], Any]


Suspension = Wait | Turn
"""Why an activation is parked between two steps."""
