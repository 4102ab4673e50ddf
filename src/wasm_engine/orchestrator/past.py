"""The call log: what is needed to run a suspended guest again from the start, to where it was."""

from __future__ import annotations

from typing import Any, NamedTuple

from wasm_engine.concepts.errors import Bug
from wasm_engine.concepts.segment import Segment, Suspension, Value
from wasm_engine.runtime.instance import SLICED, SUSPENDED, Instance, Polled


class Entry(NamedTuple):
    """A point at which the activation went on: its start, after a cut, or with an answer.

    Attributes:
        slices: Fuel slices that the guest had used up by then.
        value: The answer; None after a cut.
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
        entries: Where it went on; the first one is its start.
        returned: What calls answered that others decide.
        before: For each key that a committed segment wrote, what it held before.
        size_before, reading: The state's size and the agent's clock when the activation began.
    """

    __slots__ = ("before", "entries", "reading", "returned", "size_before")

    def __init__(self, step: int, time: int, reading: int) -> None:
        self.entries: list[Entry] = [Entry(0, step, time, None, answered=True)]
        self.returned: list[Any] = []
        self.before: dict[str, Value | None] = {}
        self.size_before: int | None = None
        self.reading = reading

    def cut(self, world: Any, slices: int) -> None:
        """It goes on after its room in the step before was spent."""
        self.entries.append(Entry(slices, world.step, world.time, None, answered=False))

    def resumed(self, world: Any, slices: int, value: Any) -> None:
        """It goes on with an answer."""
        self.entries.append(Entry(slices, world.step, world.time, value, answered=True))

    def parked(self, guest: Any, agent: Any) -> None:
        """It is parked: from here on the log may be needed."""
        self.returned = guest.returned
        if self.size_before is None:
            self.size_before = agent.state_bytes

    def undo(self, agent: Any, segment: Segment) -> None:
        """Remembers what the keys held that the segment is about to write."""
        for key in segment.writes:
            self.before.setdefault(key, agent.state.get(key))

    def replay(
        self, outcome: Polled, instance: Instance, guest: Any, agent: PastAgent, world: PastWorld
    ) -> Suspension:
        """Runs a new instance to the last point at which the activation was parked.

        Args:
            outcome: How far it came when it was handed its message.
            instance: The instance.
            guest: Its host's side.
            agent: What it takes for its agent.
            world: What it takes for the world.
        """
        entries, at, slices = self.entries, 1, 0
        while True:
            if outcome is SLICED:
                slices += 1
                if at < len(entries) and not entries[at].answered and entries[at].slices == slices:
                    world.step, world.time = entries[at].step, entries[at].time
                    at += 1
                outcome = instance.poll()
                continue
            if outcome is not SUSPENDED:
                message = f"agent {agent.address!r}: a rebuilt guest ended too early"
                raise Bug(message)
            suspension: Suspension = guest.suspension
            guest.suspension = None
            agent.write(guest.segment)
            guest.next_segment()
            if at == len(entries):
                return suspension
            entry = entries[at]
            at += 1
            world.step, world.time = entry.step, entry.time
            instance.resume(entry.value)
            outcome = instance.poll()


class PastWorld:
    """The world as a rebuilt guest sees it: what others decided comes from the call log."""

    __slots__ = ("name", "seed", "step", "time")

    def __init__(self, name: str, seed: int, step: int, time: int) -> None:
        self.name = name
        self.seed = seed
        self.step = step
        self.time = time


class PastAgent:
    """The agent as it was when the activation began, and as its segments changed it since."""

    __slots__ = ("address", "config", "reading", "state", "state_bytes")

    def __init__(self, agent: Any, log: CallLog) -> None:
        self.address: str = agent.address
        self.config: str = agent.config
        self.reading = log.reading
        self.state: dict[str, Value] = dict(agent.state)
        self.state_bytes: int = log.size_before or 0
        for key, value in log.before.items():
            if value is None:
                self.state.pop(key, None)
            else:
                self.state[key] = value

    def write(self, segment: Segment) -> None:
        """Commits a re-executed segment's writes."""
        for key, value in segment.writes.items():
            if value is None:
                self.state.pop(key, None)
            else:
                self.state[key] = value
        self.state_bytes += segment.grown
