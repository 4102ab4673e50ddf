"""What is needed to make a guest again: where its memory began, and all that it was told since.

A guest is a pure function of what the host hands it. So a suspended one can be dropped and run
again from the start of its message, answered from its *call log*; and a resident one from the
capture of its memory that was taken last, through every message that it handled since.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from wasm_engine.agents.program import Program
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile, Bug, GuestFailure
from wasm_engine.concepts.message import Message
from wasm_engine.concepts.plain import from_plain, to_plain
from wasm_engine.concepts.segment import Segment, Suspension, Turn, Value
from wasm_engine.concepts.web_terms import HttpTerms
from wasm_engine.journal.packing import Packed, pack, unpack
from wasm_engine.runtime.entropy import Entropy
from wasm_engine.runtime.instance import SLICED, SUSPENDED, Finished, Instance, Polled

MAX_MESSAGES = 10_000
"""Messages of a resident agent that are remembered; with more its memory is captured instead."""
MAX_BYTES = 1 << 20
"""The same of bytes: of messages, and of what the agent was told while it handled them."""


class Entry(NamedTuple):
    """A point at which the activation went on: its start, after a cut, or with an answer.

    Attributes:
        slices: Fuel slices that the guest had used up by then.
        value: The answer; None after a cut, and where the guest's own wait derives it.
        answered: Whether it was parked before (and not cut).
    """

    slices: int
    step: int
    time: int
    value: Any
    answered: bool


class CallLog:
    """What the host returned to one activation, in order.

    Attributes:
        seed: What its entropy derives from.
        message, attempt: What it handles.
        entries: Where it went on; the first one is its start.
        returned: What calls answered that others decide.
    """

    __slots__ = ("attempt", "entries", "message", "returned", "seed")

    def __init__(self, seed: int, message: Message, attempt: int, step: int, time: int) -> None:
        self.seed = seed
        self.message = message
        self.attempt = attempt
        self.entries: list[Entry] = [Entry(0, step, time, None, answered=True)]
        self.returned: list[Any] = []

    def cut(self, world: Any, slices: int) -> None:
        """It goes on after its room in the step before was spent."""
        self.entries.append(Entry(slices, world.step, world.time, None, answered=False))

    def resumed(self, world: Any, slices: int, value: Any) -> None:
        """It goes on with an answer."""
        self.entries.append(Entry(slices, world.step, world.time, value, answered=True))


def packed(
    began: tuple[int, int, int, int], message: Message, attempt: int, returned: list[Any]
) -> bytes:
    """The call log of an activation that ended without having stopped, as few bytes.

    There is one for each message of a resident agent. As objects they would take five times the
    memory, and the collector of cycles would walk through all of them again and again.

    Args:
        began: Seed, step and time when it began; the rest does not matter.
        message: What it handled.
        attempt: 0, or how often that was begun anew.
        returned: What calls answered that others decide.
    """
    count = len(returned)
    answers = count if returned.count(None) == count else [to_plain(value) for value in returned]
    return canonical.encode((began, message, attempt, answers))


def unpacked(data: bytes) -> CallLog:
    """The call log of which these are the bytes."""
    (seed, step, time, _), told, attempt, answers = canonical.decode(data)
    number, sender, topic, body, headers, request = told
    pairs = [(name, value) for name, value in headers]
    message = Message(number, sender, topic, tuple(body), pairs, request)
    log = CallLog(seed, message, attempt, step, time)
    none = isinstance(answers, int)
    log.returned = [None] * answers if none else [from_plain(value) for value in answers]
    return log


class Capture(NamedTuple):
    """What a resident guest had become, told as bytes; packed, for most of its pages are empty.

    Attributes:
        digest: SHA-256 of the bytes.
        packed: The bytes, as a run file stores them.
    """

    digest: bytes
    packed: Packed

    @classmethod
    def of(cls, data: bytes) -> Capture:
        """A capture that `Program.capture` gave."""
        return cls(canonical.sha256(data), pack(data))

    def data(self) -> bytes:
        """The bytes."""
        return unpack(self.packed)


class Past:
    """Where a guest began, and the call logs of all that it did since.

    Attributes:
        base: The capture that it began with, or None: the pristine instance of its kind.
        before: For each key that was written since, what it held before.
        size_before, reading: The state's size and the agent's clock at the beginning.
        logs: What it did since, partly `packed`; the last one may be under way.
        size: About how many bytes they take.
        is_stated: Whether it is what a checkpoint says, and no guest has been made again from it.
    """

    __slots__ = ("base", "before", "is_stated", "logs", "reading", "size", "size_before")

    def __init__(self, base: Capture | None, size_before: int, reading: int) -> None:
        self.base = base
        self.before: dict[str, Value | None] = {}
        self.size_before = size_before
        self.reading = reading
        self.logs: list[CallLog | bytes] = []
        self.size = 0
        self.is_stated = False

    @property
    def is_long(self) -> bool:
        """Whether to remember more would take too much."""
        return len(self.logs) >= MAX_MESSAGES or self.size >= MAX_BYTES

    def ended(self, told: bytes, log: CallLog | None) -> None:
        """An activation has ended.

        Args:
            told: It, `packed`; of one that had stopped, without where it went on.
            log: Its call log, which is kept already, or None.
        """
        if log is None:
            self.logs.append(told)
        self.size += len(told)

    def told(self) -> Iterator[CallLog]:
        """The call logs of what it did since."""
        return (unpacked(log) if isinstance(log, bytes) else log for log in self.logs)

    def undo(self, agent: Any, segment: Segment) -> None:
        """Remembers what the keys held that the segment is about to write."""
        for key in segment.writes:
            self.before.setdefault(key, agent.state.get(key))

    def instance(self, program: Program) -> Instance:
        """A new instance as it was at the beginning."""
        return program.instantiate() if self.base is None else program.restore(self.base.data())


class PastWorld:
    """The world as a guest that is made again sees it: what others decided is in the call log."""

    __slots__ = ("guard", "judged_from", "name", "seed", "step", "time")

    def __init__(self, name: str, judged_from: int | None) -> None:
        self.name = name
        self.guard = None
        self.judged_from = judged_from
        self.seed = 0
        self.step = 0
        self.time = 0

    def at(self, entry: Entry) -> None:
        """Stands where the activation went on."""
        self.step, self.time = entry.step, entry.time


class PastAgent:
    """The agent as it was at the beginning, and as its segments changed it since."""

    __slots__ = ("address", "config", "http", "purse", "reading", "state", "state_bytes")

    def __init__(self, agent: Any, past: Past) -> None:
        self.address: str = agent.address
        self.config: str = agent.config
        self.http: HttpTerms = agent.http
        self.purse = agent.purse  # only whether there is one: answers are in the call log
        self.reading = past.reading
        self.state: dict[str, Value] = dict(agent.state)
        self.state_bytes: int = past.size_before
        for key, value in past.before.items():
            if value is None:
                self.state.pop(key, None)
            else:
                self.state[key] = value

    def write(self, segment: Segment) -> None:
        """Commits a segment's writes again."""
        for key, value in segment.writes.items():
            if value is None:
                self.state.pop(key, None)
            else:
                self.state[key] = value
        self.state_bytes += segment.grown


def enter(
    instance: Instance,
    program: Program,
    agent: Any,
    world: Any,
    message: Message,
    attempt: int,
    spare: int = 0,
) -> Polled:
    """Hands a message to an instance, which runs until it can't.

    Args:
        instance: The instance.
        program: What it runs.
        agent: Whose it is.
        world: The world as of the step's start.
        message: The message.
        attempt: 0, or how often it was begun anew.
        spare: What it may cost beyond what its kind may.
    """
    entropy = Entropy(world.seed, agent.address, message.id, attempt)
    work = program.kind.work + spare
    instance.fuel = program.kind.fuel + spare
    instance.guest.begin(agent, world, message, entropy, work=work, reading=agent.reading)
    return program.enter(instance, agent, message)


def misfit(trouble: Bug | GuestFailure) -> BadRunFile:
    """The file is at fault where a guest cannot have become what only its checkpoint says."""
    return BadRunFile(f"a checkpoint that does not fit its world ({trouble})")


class Made(NamedTuple):
    """A guest that was made again, and what it waits for; None where it has ended, or was cut."""

    instance: Instance
    suspension: Suspension | None


def make_again(agent: Any, past: Past, world: Any, *, cut_after: int | None = None) -> Made:
    """Runs a guest again, to where it was.

    Args:
        agent: Whose it is, as it stands.
        past: Its past.
        world: The world; its name is asked.
        cut_after: Where its last activation was cut: after so many slices; else None.

    Raises:
        BadRunFile: Its past is what a checkpoint says, and it cannot have been.
    """
    try:
        return _made_again(agent, past, world, cut_after)
    except (Bug, GuestFailure) as trouble:
        if past.is_stated:
            raise misfit(trouble) from trouble
        raise


def _made_again(agent: Any, past: Past, world: Any, cut_after: int | None) -> Made:
    program = agent.program
    instance = past.instance(program)
    then = PastAgent(agent, past)
    around = PastWorld(world.name, None if world.guard is None else world.guard.judged_from)
    suspension: Suspension | None = None
    for left, log in zip(reversed(range(len(past.logs))), past.told(), strict=True):
        around.seed = log.seed
        around.at(log.entries[0])
        guest = instance.guest
        guest.answers = list(log.returned)
        outcome = enter(instance, program, then, around, log.message, log.attempt)
        suspension = _run(log, outcome, instance, then, around, None if left else cut_after)
        then.reading = guest.reading
        guest.answers = None
    return Made(instance, suspension)


def _answered(guest: Any, suspension: Suspension | None, kept: Any) -> Any:
    """What the guest went on with."""
    if isinstance(suspension, Turn):
        return suspension.answered(guest, kept)
    again = None if suspension is None else suspension.answer
    return kept if again is None else again(guest)


def _run(
    log: CallLog,
    outcome: Polled,
    instance: Instance,
    agent: PastAgent,
    world: PastWorld,
    cut_after: int | None,
) -> Suspension | None:
    """Runs one activation again, to its end or to where it was suspended or cut."""
    guest, entries, at, slices = instance.guest, log.entries, 1, 0
    while True:
        if outcome is SLICED:
            slices += 1
            if at < len(entries) and not entries[at].answered and entries[at].slices == slices:
                world.at(entries[at])
                at += 1
            elif at == len(entries) and slices == cut_after:
                return None
            outcome = instance.poll()
            continue
        agent.write(guest.segment)
        guest.next_segment()
        if isinstance(outcome, Finished):
            guest.rest()
            return None
        if outcome is not SUSPENDED:
            message = f"agent {agent.address!r}: a guest that was made again ended otherwise"
            raise Bug(message)
        suspension: Suspension = guest.suspension
        guest.suspension = None
        if at == len(entries):
            return suspension
        entry = entries[at]
        at += 1
        world.at(entry)
        value = _answered(guest, suspension, entry.value)
        guest.tell_first(value)
        instance.resume(value)
        outcome = instance.poll()
