"""One agent handling one message, on a fiber: segments, cuts, suspension, and its rebuilding."""

from __future__ import annotations

from traceback import format_exception
from typing import Any

from msgspec import Struct

from wasm_engine.agents.program import Program
from wasm_engine.concepts import faults
from wasm_engine.concepts.errors import (
    Bug,
    EngineError,
    GuestFailure,
    HostFault,
    Interrupted,
    LimitExceeded,
    Postponed,
    WorkerLost,
)
from wasm_engine.concepts.message import Message
from wasm_engine.concepts.segment import NO_LABELS, Computation, Segment, Suspension, Turn, Wait
from wasm_engine.orchestrator.agent import Agent
from wasm_engine.orchestrator.given import GivenPart
from wasm_engine.orchestrator.kept import Kept
from wasm_engine.orchestrator.part import (
    CUT,
    DONE,
    FAILED,
    NO_CALLS,
    PARKED,
    RETRY,
    Part,
    canonical_calls,
)
from wasm_engine.orchestrator.past import (
    CallLog,
    Capture,
    Past,
    enter,
    make_again,
    misfit,
    packed,
)
from wasm_engine.orchestrator.rerun import Rerun
from wasm_engine.orchestrator.world_state import WorldState
from wasm_engine.runtime.instance import SLICED, SUSPENDED, Finished, Instance, Polled
from wasm_engine.runtime.wasi import GuestExit

_SPARE = 3
"""Times what its kind may cost that a guest may cost besides where another engine ran it."""


class Activation(Rerun, Struct, eq=False):
    """One agent handling one message.

    Attributes:
        suspension: Why it is parked, or None.
        committed: Whether one of its segments was committed.
        beginning: What its instance took to begin, where one was made in this step.
    """

    agent: Agent
    message: Message
    attempt: int
    number: int = 0
    beginning: int = 0
    committed: bool = False
    suspension: Suspension | None = None
    _instance: Instance | None = None
    _guest: Any = None
    _past: Past | None = None
    _log: CallLog | None = None
    _began: tuple[int, int, int, int] = (0, 0, 0, 0)
    _slices: int = 0
    _fuel: int = 0
    _work: int = 0
    _given: GivenPart | None = None
    _foreign: bool = False
    _computed: list[tuple[int, list[Any]]] = []

    @property
    def program(self) -> Program:
        """What the agent runs."""
        return self.agent.program

    def advance(self, world: WorldState, room: int) -> Part:
        """Runs until the activation ends, is parked, or has spent the agent's room in this step.

        Args:
            world: The world as of the step's start.
            room: Fuel that the agent may still spend in this step.

        Where it runs in a process of its own, and that dies, it runs once more in another; not
        where it was cut in a segment that has put something out, which is lost.

        Raises:
            WorkerLost: That one died, too. The part has not begun; see `crash`.
            HostFault: The machine failed; nothing of the step counts.
            Interrupted: Somebody asked to stop.
        """
        if not self.program.isolated:
            return self._advance(world, room)
        before = self._before()
        for last in (self.is_amid_output, True):
            try:
                return self._advance(world, room)
            except WorkerLost:
                self._go_back(before)
                if last:
                    raise
        raise AssertionError

    def _advance(self, world: WorldState, room: int) -> Part:
        try:
            value = self._run(world, room)
        except (GuestExit, GuestFailure) as end:
            if self._given is not None and self._given.kill:
                return self._fail(self._given.failure())
            return self._exit(end) if isinstance(end, GuestExit) else self._fail(end)
        except Bug as bug:
            if self._past is not None and self._past.is_stated:
                raise misfit(bug) from bug
            raise
        except EngineError:
            raise
        except MemoryError as error:
            message = "the host ran out of memory"
            raise HostFault(message) from error
        except KeyboardInterrupt as error:
            message = "interrupted"
            raise Interrupted(message) from error
        except BaseException as error:  # noqa: BLE001 - a faulty host function fails its caller only
            return self._fail(GuestFailure("host-error", "".join(format_exception(error))))
        if self._past is not None:
            self._past.is_stated = False  # it has been tried
        if self._given is not None and self._given.kill:
            return self._fail(self._given.failure())
        return self._end(value)

    def take(self, world: WorldState, given: GivenPart) -> Part:
        """The same for a part that another engine ran: what it cost, and what that decided, is so.

        Args:
            world: The world as of the step's start.
            given: The part as the run holds it.
        """
        kind = self.program.kind
        fuel, work = (self._fuel, self._work) if self.number else (kind.fuel, kind.work)
        self._given, self._foreign = given, True
        part = self.advance(world, 0)
        self._given = None
        part.fuel, part.work = given.fuel, given.work
        self._fuel, self._work = max(fuel - given.fuel, 0), max(work - given.work, 0)
        if self._instance is not None:
            self._instance.fuel, self._guest.work = self._fuel, self._work
        return part

    def _run(self, world: WorldState, room: int) -> Any:
        """The value that the guest returned, or SUSPENDED, or SLICED where the room is spent."""
        floor = (self._fuel if self.number else self.agent.program.kind.fuel) - room
        outcome = self._go_on(world) if self.number else self._start(world)
        floor += self.beginning
        while True:
            instance = self._instance
            assert instance is not None
            if outcome is SUSPENDED and isinstance(self._guest.suspension, Computation):
                answer = world.computing.answer
                instance.resume(answer(self._guest, self.agent, world.step, self._computed))
            elif outcome is not SLICED:
                break
            else:
                self._slices += 1
                if instance.fuel <= floor if self._given is None else self._was_cut(instance):
                    break
            outcome = instance.poll()
        return outcome

    def refuse(self) -> Part:
        """Fails without running, for want of a budget; calls of a segment that was cut are lost."""
        if self.number:
            self.discard()
            self._lose()
        self._guest, self._fuel = None, 0
        return self._part(FAILED, 0, failure=LimitExceeded(faults.BUDGET))

    def _was_cut(self, instance: Instance) -> bool:
        """Whether another engine had come as far, in slices, when it cut the guest."""
        given, program = self._given, self.program
        assert given is not None
        whole = (1 + _SPARE) * program.kind.fuel
        spent = whole - self._fuel + given.fuel
        return given.cut and program.is_past(spent, self._slices, whole - instance.fuel)

    def _start(self, world: WorldState) -> Polled:
        agent = self.agent
        if agent.resident is not None and not agent.resident.alive:
            self._lose_resident()
        instance = self._instance = agent.resident or self._raise(world)
        self._began = (world.seed, world.step, world.time, agent.reading)
        if agent.past is not None:
            if agent.past.is_long:
                self._shorten()
            self._past = agent.past
        self._guest = instance.guest
        kind = agent.program.kind
        spare = 0 if self._given is None else _SPARE * kind.fuel
        self._fuel, self._work = kind.fuel + spare, kind.work + spare
        return enter(instance, agent.program, agent, world, self.message, self.attempt, spare)

    def _shorten(self) -> None:
        """What a resident agent did is forgotten: its memory is captured, where it can be."""
        agent, captured = self.agent, self.program.capture(self.agent.resident)
        if captured is None and self.program.isolated:
            return  # it has to be made again where its process dies
        agent.past = None
        if captured is not None:
            agent.past = Past(Capture.of(captured), agent.state_bytes, agent.reading)

    def _lose_resident(self) -> None:
        """Its process died under another agent, or between two messages."""
        if self.agent.past is None:
            message = "its process died, and nobody can make it again"
            raise WorkerLost(message)
        self.agent.resident = None

    def _raise(self, world: WorldState) -> Instance:
        """An instance for an agent that has none: pristine, or what a resident one had become."""
        agent = self.agent
        program, past = agent.program, agent.past
        if past is not None:
            agent.resident = make_again(agent, past, world).instance
            return agent.resident  # type: ignore[no-any-return]
        instance = program.instantiate()
        self.beginning = program.beginning
        if program.kind.lifecycle == "resident":
            agent.resident = instance
            if (world.remembers or program.isolated) and program.repeatable:
                agent.past = Past(None, agent.state_bytes, agent.reading)
        return instance

    def _go_on(self, world: WorldState) -> Polled:
        """After a step in which it was parked or cut."""
        if self._instance is None or not self._instance.alive:
            self._rebuild(world)
        instance, guest = self._instance, self._guest
        assert instance is not None
        guest.world, guest.first = world, False
        if world.guard is not None:
            world.guard.resume(guest)
        if self._given is not None:
            spare = _SPARE * self.program.kind.fuel
            self._fuel, self._work = self._fuel + spare, self._work + spare
            instance.fuel, guest.work = self._fuel, self._work
        if self.suspension is not None:
            self._resume(instance, guest, world)
        else:
            self._history().cut(world, self._slices)
        return instance.poll()

    def _history(self) -> CallLog:
        """The call log; most activations end without having needed one."""
        if self._log is None:
            seed, step, time, reading = self._began
            self._log = CallLog(seed, self.message, self.attempt, step, time)
            if self._past is None:
                self._past = Past(None, self.agent.state_bytes, reading)
            self._past.logs.append(self._log)
        return self._log

    def _resume(self, instance: Instance, guest: Any, world: WorldState) -> None:
        suspension = self.suspension
        if isinstance(suspension, Turn):
            kept = suspension.result
            value = suspension.answered(guest, kept)
        else:
            assert suspension is not None
            value = self.program.answer(guest, suspension)
            kept = None if suspension.call is None else value
        self._history().resumed(world, self._slices, kept)
        self.suspension = None
        guest.tell_first(value)
        instance.resume(value)

    def _end(self, outcome: Any) -> Part:
        """What the part amounts to, once the guest has stopped running of its own accord."""
        agent, instance, guest = self.agent, self._instance, self._guest
        assert instance is not None
        if outcome is SLICED:
            self._history().returned = guest.returned
            if guest.segment.costs is not None:
                agent.purse.pay(guest.segment)
            return self._part(CUT, instance.fuel)
        fuel = instance.fuel
        if outcome is SUSPENDED:
            self.suspension = guest.suspension
            guest.suspension = None
            self._history().returned = guest.returned
            part = self._commit(PARKED, fuel)
            guest.next_segment()
            return part
        assert isinstance(outcome, Finished)
        try:
            guest.flush_lines()
            self.program.leave(guest, outcome.value)
        except GuestFailure as failure:
            return self._fail(failure)
        part = self._commit(DONE, fuel)
        agent.effects.clear()
        self._release()
        return part

    def _exit(self, end: GuestExit) -> Part:
        """The guest called `exit`: how a command may end, and a failure for any other."""
        instance, guest = self._instance, self._guest
        if instance is None or guest is None:
            return self._fail(end)
        try:
            self.program.leave_early(guest, end)
        except GuestFailure as failure:
            return self._fail(failure)
        part = self._commit(DONE, instance.fuel)
        instance.close()
        self._lose()
        return part

    def _commit(self, status: str, fuel: int) -> Part:
        """Applies to the agent what is its own; the rest is the scheduler's, in canonical order."""
        segment = self._guest.segment
        self.committed = True
        if segment.writes and self._past is not None:
            self._past.undo(self.agent, segment)
        if segment.costs is not None:
            self.agent.purse.pay(segment)
        digest = self.agent.commit(segment)
        return self._part(status, fuel, segment, digest)

    def _fail(self, failure: GuestFailure) -> Part:
        """Drops the segment and the instance; decides whether the message is tried again."""
        guest, kind = self._guest, self.program.kind
        fuel = 0
        if self._instance is not None:
            fuel = self._instance.fuel
            self._instance.close()
        self._lose()
        if self.committed:  # what it did may have changed what it will find
            curable = kind.on_retry == "restart"
        else:
            curable = guest is not None and (guest.drew or guest.read_clock)
        again = curable and failure.retryable and self.attempt < kind.retries
        again = again or self._is_postponed(failure)
        return self._part(RETRY if again else FAILED, fuel, failure=failure)

    def _is_postponed(self, failure: GuestFailure | None) -> bool:
        """Whether it is begun as if there had been nothing: when a budget or a program lets it."""
        handed = failure is not None and self.program.on_trial and not self.committed
        return handed or isinstance(failure, Postponed)

    def _part(
        self,
        status: str,
        fuel: int,
        segment: Segment | None = None,
        digest: bytes | None = None,
        failure: GuestFailure | None = None,
    ) -> Part:
        guest = self._guest
        spent, self._fuel = self._fuel - fuel, fuel
        calls, told, logs, work, denials = NO_CALLS, b"", [], 0, 0
        labels = NO_LABELS
        if guest is not None:
            labels = guest.labels
            self.agent.reading = guest.reading
            denials, guest.denials = guest.denials, 0
            work, self._work = self._work - guest.work, guest.work
            if status != CUT:
                calls, told = canonical_calls(guest.calls), bytes(guest.told)
                logs = guest.segment.logs
        number, self.number = self.number, self.number + 1
        code = detail = trouble = ""
        if failure is not None:
            code, trouble = failure.code, failure.detail
            detail = trouble if failure.said_by_guest else ""
        part = Part(
            self.message, self.attempt, number, status, code, detail, spent, work, digest,
            segment, self.committed, denials, calls, told, logs, trouble, labels,
            postponed=self._is_postponed(failure), computed=self._computed,
        )  # fmt: skip
        self._computed = []
        if guest is not None and guest.guard is not None:
            guest.guard.keep(guest, part)
        return part

    def _lose(self) -> None:
        """The instance is gone, and what it had become with it; so are its effects."""
        agent = self.agent
        self._instance = agent.resident = agent.past = None
        agent.effects.clear()

    def _release(self) -> None:
        """Gives the instance back: a resident one lives on, any other is gone."""
        if self.agent.resident is not None:
            guest = self._guest
            if self._log is not None:
                self._log.returned = guest.returned
            if self._past is not None:
                told = packed(self._began, self.message, self.attempt, guest.returned)
                self._past.ended(told, self._log)
            guest.rest()
        elif self._instance is not None:
            self.program.release(self._instance)
        self._instance = None

    def discard(self) -> None:
        """Drops a suspended activation, as its agent ends."""
        if self._instance is not None:
            self._instance.close()
        self._instance = None

    @property
    def work_left(self) -> int:
        """Host work that it may still cost."""
        return self._work

    def spend(self, work: int) -> None:
        """Counts host work that a turn call of its cost: it is not there when it goes on."""
        self._work = max(self._work - work, 0)
        if self._guest is not None:
            self._guest.work = self._work

    @property
    def is_amid_output(self) -> bool:
        """Whether it was cut in a segment that has put something out: no call log has that."""
        guest = self._guest
        return self.suspension is None and guest is not None and guest.puts_out

    def kept(self) -> Kept:
        """What is to be kept of it, at the end of a step in which it was suspended or cut."""
        past = self._past
        assert past is not None
        return Kept(self.program, past, self._fuel, self._work, self._slices, self._began)

    def take_up(
        self, kept: Kept, number: int, suspension: Suspension | None, *, committed: bool
    ) -> None:
        """Stands where another one was kept; its guest is made again when it is due."""
        log = kept.past.logs[-1]
        assert isinstance(log, CallLog)
        self._past, self._log = kept.past, log
        self._fuel, self._work, self._slices = kept.fuel, kept.work, kept.slices
        self._began, self.number, self.suspension = kept.began, number, suspension
        self.committed = committed

    @property
    def evictable(self) -> bool:
        """Whether its instance can be dropped and rebuilt when it is due."""
        alive = self._instance is not None and self.suspension is not None
        return alive and self.agent.resident is None

    def evict(self) -> None:
        """Drops the instance of a suspended activation; it is rebuilt from the call log."""
        self.discard()
        self._guest = None

    def memories(self, world: WorldState) -> list[bytes]:
        """The linear memories of its guest, which is made again if it is not there."""
        if self._instance is None or not self._instance.alive:
            self._rebuild(world)
        assert self._instance is not None
        return self._instance.memories()

    def _rebuild(self, world: WorldState) -> None:
        """Makes the guest again, answered from the call log, to where it was."""
        if self.is_amid_output:
            message = "its process died, and with it what it was about to send"
            raise WorkerLost(message)
        agent, log, past, suspension = self.agent, self._history(), self._past, self.suspension
        assert past is not None
        made = make_again(agent, past, world, cut_after=None if suspension else self._slices)
        instance = self._instance = made.instance
        if agent.program.kind.lifecycle == "resident":
            agent.resident = instance
        if self._foreign:
            instance.fuel = self._fuel
        elif instance.fuel != self._fuel:
            message = f"agent {agent.address!r}: a guest that was made again spent other fuel"
            raise misfit(Bug(message)) if past.is_stated else Bug(message)
        if isinstance(suspension, Wait) and isinstance(made.suspension, Wait):
            self.suspension = suspension._replace(answer=made.suspension.answer)
        elif isinstance(suspension, Turn) and isinstance(made.suspension, Turn):
            suspension.answer = made.suspension.answer
        guest = self._guest = instance.guest
        guest.work = self._work
        guest.agent, guest.returned = agent, log.returned
        guest.denials = 0  # they were counted when they were live
        if suspension is not None:
            guest.next_segment()
        elif world.guard is not None:
            world.guard.take_up(guest)
