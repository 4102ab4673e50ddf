"""One execution of a world, live: steps, their records, what goes out and comes in, checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from msgspec import Struct

from wasm_engine.concepts.errors import HostCrash
from wasm_engine.concepts.message import Body, Headers
from wasm_engine.host.signals import deferred
from wasm_engine.host.stopwatch import elapsed
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Clock, Control, Input, Kind
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.checkpoints import Checkpoints
from wasm_engine.orchestrator.exchange import PATIENCE, Exchange
from wasm_engine.orchestrator.record import StepRecord
from wasm_engine.orchestrator.reexecution import Reexecution
from wasm_engine.orchestrator.scheduler import Scheduler

STORE_SECONDS = 1.0
"""How long a step may be in memory only: what a crash costs, and what readers wait for."""
FEW = 100
"""Agents of a world of which a checkpoint is made at each stop; of a larger one when it ends."""
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
        exchange: The traffic with the outside.
        checkpoints: When to make one, and how.
        clock: The real clock for a world that records it, else None.
        fresh_contents: Digests of mounted files that were read for the first time since the last
            call; they are named in the journal before the step that read them.
        lockstep: Whether a step waits for all effects of those before.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        run: RunFile,
        *,
        exchange: Exchange,
        checkpoints: Checkpoints,
        clock: RealClock | None,
        fresh_contents: Callable[[], list[bytes]],
        lockstep: bool,
    ) -> None:
        self.scheduler = scheduler
        self.exchange = exchange
        self.checkpoints = checkpoints
        self.again = Reexecution(scheduler, run, exchange, fresh_contents)
        self._run = run
        self._clock = clock
        self._fresh = fresh_contents
        self._lockstep = lockstep
        self._taken_up = self._stopped = False
        checkpoints.is_complete = lambda: not self.again.unsent
        scheduler.recorder = self
        exchange.receive = self.receive

    def receive(self, to: str, topic: str, body: Body, headers: Headers) -> None:
        """A message from outside: durable before it acts, then in the mailbox."""
        number = self.scheduler.world.last_message + 1
        kind, data = entries.encode(Input(number, to, topic, body, list(headers)))
        self._run.append(kind, data, durable=False)
        self.scheduler.receive(to, topic, body, list(headers))

    def replay(self, *, to: int | None = None, stop: Callable[[], bool] = lambda: False) -> None:
        """Re-executes what the journal holds from here on and compares every step.

        Args:
            to: The last step to re-execute, or None for all.
            stop: Asked before each step.

        Raises:
            ReplayDivergence: A step came out otherwise.
            Interrupted: `stop` said so.
        """
        self.again.run(to=to, stop=stop)

    def go(self, until: Until) -> Status:
        """Runs until nothing is left to happen, or as far as `until` says.

        Raises:
            HostFault: The machine failed; the journal ends with the last committed step.
            Interrupted: Somebody insisted on stopping; likewise.
        """
        self._run.flush()
        self._stopped = False
        if not self._taken_up:
            self._taken_up = True
            unsent, self.again.unsent = self.again.unsent, []
            self.exchange.take_up(unsent)
        self.checkpoints.begin()
        with deferred():  # once for all its steps: guests are entered often
            status = self._go(until)
        self._await_all(until)
        self._stopped = True
        if len(self.scheduler.world.agents) <= FEW:
            self.checkpoints.make()
        self._run.flush()
        return status

    def end(self) -> None:
        """Nobody goes on with it here: after a clean stop a resume has nothing to do again.

        Raises:
            HostFault: The machine could not keep the checkpoint.
        """
        if self._stopped:
            self.checkpoints.make()

    def _go(self, until: Until) -> Status:
        world = self.scheduler.world
        stored = elapsed()
        last = None if until.max_steps is None else world.step + until.max_steps
        while True:
            if until.stop() or (last is not None and world.step >= last):
                return "stopped"
            if (world.effects or self.exchange.script) and not self._take_in():
                continue
            time = self._due(until.time)
            if time is None:
                continue
            if isinstance(time, str):
                return time
            if until.time is not None and time > until.time:
                return "stopped"
            self._step(time)
            until.progress(world.step)
            now = elapsed()
            if now - stored >= STORE_SECONDS:
                self._run.flush()
                stored = now
            self.checkpoints.consider(now)

    def _due(self, limit: int | None) -> int | Status | None:
        """When the next step is; how the run ends where there is none; None: look again.

        Args:
            limit: World time (ns) to which the operator lets it go on in any case, or None.
        """
        world, ahead = self.scheduler.world, PATIENCE
        end: Status = "waiting" if world.questions else "idle"
        time = self.scheduler.next_time()
        if time is not None:
            now = time if self._clock is None else self._now(time)
            if world.ready or (time <= now and not self._stands(time, limit)):
                return now
            end = "waiting"
            if self._clock is not None:
                ahead = (time - now) / 1e9
        if self.exchange.hurry():
            return None
        if not self.exchange.is_out:
            return end
        self.exchange.wait(ahead)
        return None

    def _stands(self, time: int, limit: int | None) -> bool:
        """Whether world time stands: a jump would leave people who are asked no time to answer."""
        if self._clock is not None or not self.scheduler.world.questions:
            return False
        return limit is None or time > limit

    def _now(self, due: int) -> int:
        """The reading of the real clock for the next step, which nobody needs before it is due."""
        world, script = self.scheduler.world, self.exchange.script
        assert self._clock is not None
        again = None if script is None else script.reading(world.step + 1)
        if again is not None and again < due and not world.ready:
            again = None  # in the other run somebody could run
        now = self._clock.now() if again is None else again
        return max(world.time + 1, world.reading, now)

    def _step(self, time: int) -> None:
        scheduler = self.scheduler
        if self._clock is not None:
            kind, data = entries.encode(Clock(scheduler.world.step + 1, time))
            self._run.append(kind, data, durable=False)
        scheduler.step(time)
        scheduler.crashes.clear()
        if scheduler.issued or scheduler.cancelled:
            self.exchange.go_out(scheduler.issued, scheduler.cancelled)

    def _take_in(self) -> bool:
        """What has come in enters the world; whether a step may follow."""
        world = self.scheduler.world
        self.exchange.take_in()
        if not world.effects:
            return True
        if self._lockstep or (self._clock is None and not world.ready):
            # While nobody can run and something is out, steps do not tick.
            if self.exchange.hurry():
                return False
            if self.exchange.is_out:
                self.exchange.wait()
                return False
        return True

    def _await_all(self, until: Until) -> None:
        """After a clean stop: what is out comes in, so that nothing is unknown to a resume."""
        while self.exchange.is_out and not until.stop():
            if not self.exchange.take_in():
                self.exchange.wait(PATIENCE)

    def step(self, number: int, record: StepRecord) -> None:
        """Takes a step's record: into the journal, or against what the journal holds."""
        if self.again.takes(number, record):
            return
        fresh = self._fresh()
        if fresh:
            kind, data = entries.encode(Control("read", list(fresh)))
            self._run.append(kind, data, durable=False)
        for crash in self.scheduler.crashed:
            kind, data = entries.encode(Control(HostCrash.code, [number, *crash]))
            self._run.append(kind, data, durable=False)
        self._run.append(Kind.STEP, record.body, durable=False, detail=record.detail)
