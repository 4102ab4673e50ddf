"""One execution of a world: re-execution of what a journal holds, then on from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from msgspec import Struct

from wasm_engine.concepts.errors import Interrupted, ReplayDivergence
from wasm_engine.concepts.message import Body, Headers
from wasm_engine.host.signals import deferred
from wasm_engine.host.stopwatch import elapsed
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Clock, Control, Entry, Input, Kind
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.comparison import compare
from wasm_engine.orchestrator.record import StepRecord
from wasm_engine.orchestrator.scheduler import Scheduler

STORE_SECONDS = 1.0
"""How long a step may be in memory only: what a crash costs, and what readers wait for."""
Status = Literal["idle", "waiting", "stopped"]


class RealClock(Protocol):
    """The machine's clock, for worlds that record it."""

    def now(self) -> int:
        """Nanoseconds since the Unix epoch."""


class Until(Struct, frozen=True):
    """Where to stop.

    Attributes:
        max_steps: How many steps to run at most, or None.
        time: World time (ns) that no step may pass, or None.
        stop: Asked before each step; True ends the run there.
        progress: Told the number of each step that was committed.
    """

    max_steps: int | None = None
    time: int | None = None
    stop: Callable[[], bool] = lambda: False
    progress: Callable[[int], None] = lambda _step: None


class Execution:
    """A world and its journal.

    Args:
        scheduler: Runs the world; its recorder is set by this.
        run: The journal.
        clock: The real clock for a world that records it, else None.
        fresh_contents: Digests of mounted files that were read for the first time since the last
            call; they are named in the journal before the step that read them.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        run: RunFile,
        *,
        clock: RealClock | None,
        fresh_contents: Callable[[], list[bytes]],
    ) -> None:
        self.scheduler = scheduler
        self._run = run
        self._clock = clock
        self._fresh = fresh_contents
        self._expected: Entry | None = None
        scheduler.recorder = self

    # Live.

    def receive(self, to: str, topic: str, body: Body, headers: Headers) -> None:
        """A message from outside: durable before it acts, then in the mailbox."""
        number = self.scheduler.world.last_message + 1
        kind, data = entries.encode(Input(number, to, topic, body, list(headers)))
        self._run.append(kind, data, durable=False)
        self.scheduler.receive(to, topic, body, list(headers))

    def go(self, until: Until) -> Status:
        """Runs until nothing is left to happen, or as far as `until` says.

        Raises:
            HostFault: The machine failed; the journal ends with the last committed step.
            Interrupted: Somebody insisted on stopping; likewise.
        """
        self._run.flush()
        with deferred():  # once for all its steps: guests are entered often
            return self._go(until)

    def _go(self, until: Until) -> Status:
        scheduler, world = self.scheduler, self.scheduler.world
        stored = elapsed()
        last = None if until.max_steps is None else world.step + until.max_steps
        while True:
            if until.stop() or (last is not None and world.step >= last):
                return "stopped"
            time = scheduler.next_time()
            if time is None:
                return "idle"
            if self._clock is not None:
                real = max(world.time + 1, world.reading, self._clock.now())
                if not world.ready and time > real:
                    return "waiting"
                time = real
            if until.time is not None and time > until.time:
                return "stopped"
            if self._clock is not None:
                kind, data = entries.encode(Clock(world.step + 1, time))
                self._run.append(kind, data, durable=False)
            scheduler.step(time)
            until.progress(world.step)
            if elapsed() - stored >= STORE_SECONDS:
                self._run.flush()
                stored = elapsed()

    def step(self, number: int, record: StepRecord) -> None:
        """Takes a step's record: into the journal, or against what the journal holds."""
        if self._expected is not None:
            compare(number, self._expected, record)
            return
        fresh = self._fresh()
        if fresh:
            kind, data = entries.encode(Control("read", list(fresh)))
            self._run.append(kind, data, durable=False)
        self._run.append(Kind.STEP, record.body, durable=False, detail=record.detail)

    # Again.

    def replay(self, *, to: int | None = None, stop: Callable[[], bool] = lambda: False) -> None:
        """Re-executes what the journal holds and compares every step.

        Args:
            to: The last step to re-execute, or None for all.
            stop: Asked before each step.

        Raises:
            ReplayDivergence: A step came out otherwise.
            Interrupted: `stop` said so.
        """
        with deferred():
            self._replay(to, stop)

    def _replay(self, to: int | None, stop: Callable[[], bool]) -> None:
        time: int | None = None
        for entry in self._run.entries(2):
            if entry.kind == Kind.STEP:
                step = entries.step_of(entry.body)
                if to is not None and step > to:
                    return
                if stop():
                    message = f"interrupted at step {step}"
                    raise Interrupted(message)
                self._again(entry, step, time)
                time = None
                continue
            match entries.decode(entry.kind, entry.body):
                case Input(id=number, to=address, topic=topic, body=content, headers=headers):
                    self._expect("input", number, self.scheduler.world.last_message + 1)
                    self.scheduler.receive(address, topic, content, headers)
                case Clock(step=step, time=reading):
                    self._expect("clock reading of step", step, self.scheduler.world.step + 1)
                    time = reading
                case _:
                    pass

    def _expect(self, what: str, stored: int, due: int) -> None:
        """What stands between the steps has the number that re-execution gives it.

        Raises:
            ReplayDivergence: It has another; no step would show that.
        """
        if stored != due:
            raise ReplayDivergence(
                step=self.scheduler.world.step + 1,
                agent=None,
                call=None,
                expected=f"{what} {stored}",
                got=f"{what} {due}",
            )

    def _again(self, entry: Entry, step: int, reading: int | None) -> None:
        due = self.scheduler.next_time()
        if due is None:
            raise ReplayDivergence(
                step=step, agent=None, call=None, expected="a step", got="nothing left to do"
            )
        self._expected = entry
        try:
            self.scheduler.step(due if reading is None else reading)
        finally:
            self._expected = None
        self._fresh()
