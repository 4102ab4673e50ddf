"""The host's side of a guest in a worker process, as the world on this side sees it.

It stands in for `runtime.guest.Guest`: what the guest did is here whenever it stops, and what it is
told goes along when it goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, get_args

from wasm_engine.agents.isolated import protocol
from wasm_engine.agents.isolated.knowing import FarKnowing, marks_of
from wasm_engine.agents.isolated.protocol import (
    Lie,
    Look,
    Outputs,
    Standing,
    WaitTold,
    valued,
)
from wasm_engine.agents.isolated.spending import Spending
from wasm_engine.agents.isolated.views import fetched, world_told
from wasm_engine.concepts import cost
from wasm_engine.concepts.errors import GuestFailure
from wasm_engine.concepts.message import Message
from wasm_engine.concepts.plain import to_plain
from wasm_engine.concepts.segment import (
    Effect,
    Outgoing,
    Segment,
    Suspension,
    Timer,
    Turn,
    Wait,
)
from wasm_engine.runtime.entropy import Entropy
from wasm_engine.runtime.guest import TICK
from wasm_engine.runtime.wasi import Listed

_LABELS: Final = frozenset(get_args(protocol.LabelsOf))
_EACH: Final = 64
"""Readings of the clock, or numbers, that no host call takes more of."""

Review = Callable[["IsolatedGuest", range], None]
"""Refuses by a `Lie` what the segment of a guest says it did, where no guest can have done it; the
range is of the numbers that its agent gave meanwhile."""
Looked = Callable[["IsolatedGuest", Look], Any]
"""What a guest is shown of what agents share, or a `Lie` where it may not look."""


class Overseer(NamedTuple):
    """What is believed of a worker process, and what it is told."""

    review: Review
    looked: Looked


class IsolatedGuest(FarKnowing):
    """What is known here of the host's side; the attributes are those of `Guest`."""

    __slots__ = (
        "_mounts", "_overseer", "_paid", "agent", "answers", "calls", "denials", "drew", "entropy",
        "first", "instance", "left", "message", "most_work", "puts_out", "read_clock", "reading",
        "returned", "segment", "spending", "suspension", "told", "work", "world",
    )  # fmt: skip

    def __init__(self, mounts: Mapping[str, Sequence[Listed]], overseer: Overseer) -> None:
        self._mounts = mounts
        self._overseer = overseer
        self.spending = Spending()
        self.instance: Any = None
        self.agent: Any = None
        self.world: Any = None
        self.message: Any = None
        self.entropy = Entropy()
        self.segment = Segment()
        self.suspension: Suspension | None = None
        self.calls: list[Any] = []
        self.told = b""
        self.returned: list[Any] = []
        self.answers: list[Any] | None = None
        self.left: GuestFailure | None = None
        self.work = self.most_work = self.reading = self.denials = self._paid = 0
        self.puts_out = False
        self.drew = self.read_clock = self.first = False

    def begin(
        self, agent: Any, world: Any, message: Message, entropy: Entropy, *, work: int, reading: int
    ) -> None:
        """A message begins; see `Guest.begin`."""
        self.agent, self.world, self.message, self.entropy = agent, world, message, entropy
        self.work, self.reading = work, reading
        self.most_work, self._paid, self.first = work, 0, True
        self.returned = []
        self.suspension = self.left = None
        self.drew = self.read_clock = False
        self.next_segment()
        self.begin_to_know()

    def next_segment(self) -> None:
        """What came before is committed; a new segment begins."""
        self.segment, self.calls, self.told = Segment(), [], b""
        self.spending.next_segment()
        self.next_to_know()

    def rest(self) -> None:
        """The activation has ended: nothing of it is kept."""
        self.next_segment()
        self.returned = []
        self.agent = self.world = self.message = None

    def flush_lines(self) -> None:
        """Done over there, before the answer."""

    def tell_first(self, answer: Any) -> None:
        """Done over there, when it goes on."""

    def fetched(self, question: protocol.Question) -> Any:
        """What is answered to a question of the worker's.

        Raises:
            Lie: Nobody asks so.
        """
        if isinstance(question, protocol.Judge):
            return self.judged(question)
        if isinstance(question, protocol.Fetch):
            if question.what in _LABELS:
                return self.told_labels(question)
            return fetched(question, self.agent, self.world, self._mounts)
        if self.answers is not None:
            message = "it asked for what is in its call log"
            raise Lie(message)
        if isinstance(question, Look):
            return to_plain(self._overseer.looked(self, question))
        self.pays()
        purse, segment = self.agent.purse, self.segment
        return self.spending.answer(purse, question, segment, first=self.first)

    def pays(self, work: int = cost.CALL) -> None:
        """It asks for something that costs host work beforehand: a call at least.

        Raises:
            Lie: It has not so much.
        """
        if self._paid + work > self.most_work:
            message = "it asked for more than it can pay for"
            raise Lie(message)
        self._paid += work

    def pays_besides(self, work: int) -> None:
        """It was answered something that costs host work, of which it may have had too little."""
        self._paid += work

    def world_told(self) -> list[Any]:
        """What its worker is told of the world as it begins or goes on."""
        if self.answers is not None:
            self.spending.made_again = True
        return world_told(self.world, self.message, self.agent, self.around())

    def stand(self, standing: Standing, fuel: int) -> None:
        """Takes where the guest stands now.

        Args:
            standing: As it was told.
            fuel: What it had before.

        Raises:
            Lie: Nobody can stand there.
        """
        spent = self.work - standing.work
        if not 0 <= standing.fuel <= fuel or spent < 0:
            message = "it has more left than it had"
            raise Lie(message)
        calls = _EACH * (spent // cost.CALL + 1)
        latest = max(self.world.time, self.reading) + TICK * calls
        if not self.reading <= standing.reading <= latest or not 0 <= standing.denials <= calls:
            message = "it has another clock"
            raise Lie(message)
        known = getattr(self.agent, "ordinal", None)
        if known is not None:
            if not known <= standing.ordinal <= min(known + calls, (1 << 32) - 1):
                message = "it gave numbers that it cannot have given"
                raise Lie(message)
            self.agent.ordinal = standing.ordinal
        self.is_told(standing)
        self.puts_out = standing.puts_out
        self.work, self.reading = standing.work, standing.reading
        self.denials += standing.denials
        self.drew, self.read_clock = standing.drew, standing.read_clock
        self.returned += map(valued, standing.returned)

    def take(self, outputs: Outputs, before: int, derive: Callable[..., Any]) -> None:
        """Takes what its segment did.

        Args:
            outputs: As it was told.
            before: The last number that its agent had given before.
            derive: Gives what a parked guest goes on with, where the other process knows.

        Raises:
            Lie: No guest can have done it.
        """
        costs, self.segment = self.segment.costs, _segment(outputs)
        self.segment.costs = costs
        self.calls, self.told = outputs.calls, outputs.told
        self.suspension = _suspension(outputs.suspension, derive)
        self._review(before)
        if self.answers is None and self.agent.purse is not None:
            given = self.agent.ordinal - before
            self.spending.check(self.segment, given, self.most_work - self.work)

    def fail(self, outputs: Outputs, before: int) -> None:
        """Takes what its segment leaves where it failed: its calls and its log.

        Raises:
            Lie: No guest can have left it.
        """
        self.segment, self.suspension = Segment(logs=outputs.logs), None
        self.calls, self.told = outputs.calls, outputs.told
        self._review(before)

    def _review(self, before: int) -> None:
        if self.answers is None:
            self._overseer.review(self, range(before + 1, self.agent.ordinal + 1))


def _segment(it: Outputs) -> Segment:
    if it.labels and len(it.labels) != len(it.sends):
        message = "labels of messages that it does not send"
        raise Lie(message)
    segment = Segment(
        sends=[Outgoing(*send) for send in it.sends],
        sent_bytes=it.sent_bytes,
        freed=it.freed,
        opened=dict.fromkeys(it.opened),
        effects={row[0]: Effect(row[0], row[1], row[2], valued(row[3])) for row in it.effects},
        abandoned=dict.fromkeys(it.abandoned),
        writes=dict(it.writes),
        grown=it.grown,
        replies=dict(it.replies),
        deferred=it.deferred,
        taken=dict.fromkeys(it.taken),
        cancelled=dict.fromkeys(it.cancelled),
        timers={row[0]: Timer(*row) for row in it.timers},
        cancelled_timers=dict.fromkeys(it.cancelled_timers),
        logs=it.logs,
        marks=marks_of(it.marks),
    )
    for send, labels in zip(segment.sends, it.labels, strict=False):
        send.labels = frozenset(labels)
    for send in segment.sends:
        segment.sent[send.to] = segment.sent.get(send.to, 0) + 1
    return segment


def _suspension(told: Any, derive: Callable[..., Any]) -> Suspension | None:
    if told is None:
        return None
    if isinstance(told, WaitTold):
        call = None if told.call is None else (told.call[0], valued(told.call[1]))
        if (call is None) is not told.derived or (call is not None and type(call[1]) is not tuple):
            message = "it waits for nothing that there is"
            raise Lie(message)
        answer = derive if told.derived else None
        return Wait(dict.fromkeys(told.requests), answer, told.id, told.deadline, call)
    arguments = valued(told.arguments)
    if type(arguments) is not tuple:
        message = "a turn call without arguments"
        raise Lie(message)
    turn = Turn(told.operation, *arguments, answer=derive if told.derived else None)
    turn.labels = frozenset(told.labels)
    return turn
