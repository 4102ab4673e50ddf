"""An instance in a worker process; it stands in for `runtime.instance.Instance`."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from wasm_engine.agents.isolated import protocol
from wasm_engine.agents.isolated.guest import IsolatedGuest
from wasm_engine.agents.isolated.protocol import (
    Answered,
    Lie,
    Ran,
    valued,
)
from wasm_engine.agents.isolated.views import agent_told
from wasm_engine.agents.isolated.worker import Worker
from wasm_engine.concepts.errors import Bug, Postponed
from wasm_engine.concepts.plain import to_plain
from wasm_engine.runtime.instance import SLICED, SUSPENDED, Finished, Polled
from wasm_engine.runtime.wasi import GuestExit

THERE: Final = object()
"""What a parked guest is to go on with, where that is a value of the other process."""

Told = TypeVar("Told")


class IsolatedInstance:
    """An instance in a worker process; see `runtime.instance.Instance`."""

    __slots__ = ("_before", "_closed", "_going_on", "_step", "fuel", "guest", "number", "worker")

    def __init__(self, worker: Worker, number: int, guest: IsolatedGuest) -> None:
        self.worker = worker
        self.guest = guest
        self.fuel = 0
        self.number = number
        self._going_on: list[Any] | None = None
        self._closed = False
        self._step = 0
        self._before: int | None = 0

    @property
    def alive(self) -> bool:
        """Whether it can still be used."""
        return not self._closed and self.worker.alive

    def enter(self) -> Polled:
        """The message begins that its guest began with."""
        guest = self.guest
        answers = guest.answers
        self._before = None if answers is not None else guest.agent.ordinal
        return self._ran(
            [
                "enter",
                self.number,
                agent_told(guest.agent),
                guest.world_told(),
                guest.message,
                guest.entropy.name,
                [self.fuel, guest.work, guest.reading],
                None if answers is None else [to_plain(value) for value in answers],
            ]
        )

    def poll(self) -> Polled:
        """Runs the call on until it ends, is parked, or has used up a slice of fuel."""
        guest = self.guest
        sliced = self._step == guest.world.step and self._going_on is None
        going_on, self._going_on = self._going_on, None
        guest.most_work = max(guest.most_work, guest.work)
        # A segment that was cut goes on, with the numbers that it gave before.
        if guest.answers is None and (going_on is not None or self._before is None):
            self._before = guest.agent.ordinal
        return self._ran(
            [
                "go",
                self.number,
                None if sliced else agent_told(guest.agent),
                None if sliced else guest.world_told(),
                [self.fuel, guest.work],
                going_on,
                guest.answers is not None,
            ]
        )

    def resume(self, value: Any) -> None:
        """What the parked guest goes on with."""
        self._going_on = [] if value is THERE else [to_plain(value)]

    def derive(
        self, call: tuple[str, tuple[Any, ...]] | None, result: list[Any] | None = None
    ) -> Any:
        """What the parked guest gets, where that is for the worker to find.

        Args:
            call: The host function that gives it, and its arguments; None where what the guest
                waits for does, and the value stays over there.
            result: The result of its turn call, where it waits for that.
        """
        guest = self.guest
        request = [
            "answer",
            self.number,
            agent_told(guest.agent),
            guest.world_told(),
            guest.work,
            None if call is None else to_plain(call),
            guest.answers is not None,
            result,
        ]
        answer = self.worker.ask(request, guest.fetched)
        try:
            if isinstance(answer, Ran) and answer.end == "failed":
                return self._take(answer)
            told = _expected(answer, Answered)
            guest.stand(told.standing, self.fuel)
            self.fuel = told.standing.fuel
            return THERE if call is None else valued(told.value)
        except Lie as lie:
            raise self.worker.lied(str(lie)) from None

    def memories(self) -> list[bytes]:
        """What its memories hold."""
        return self.worker.ask_for(protocol.Memories, ["memories", self.number]).memories

    def capture(self) -> bytes | None:
        """All that it is, at rest; see `Program.capture`."""
        return self.worker.ask_for(protocol.Data, ["capture", self.number]).data

    def close(self) -> None:
        """Drops it. Idempotent."""
        if not self._closed:
            self._closed = True
            self.worker.drop(self.number)

    def released(self) -> None:
        """It was taken back over there, when its message had ended."""
        self._closed = True

    def _ran(self, request: list[Any]) -> Polled:
        self._step = self.guest.world.step
        answer = self.worker.ask(request, self.guest.fetched)
        try:
            return self._take(_expected(answer, Ran))
        except Lie as lie:
            raise self.worker.lied(str(lie)) from None

    def _take(self, ran: Ran) -> Polled:
        guest = self.guest
        guest.stand(ran.standing, self.fuel)
        self.fuel = ran.standing.fuel
        if ran.end == "sliced":
            return SLICED
        outputs, parked = ran.outputs, ran.end == "suspended"
        # What one that is made again waits for by a call is in its log.
        if outputs is None or (
            parked != (outputs.suspension is not None)
            and not (parked and guest.answers is not None)
        ):
            message = "it ended without saying what it did"
            raise Lie(message)
        self._step = 0
        failure = None if ran.failure is None else protocol.failure_of(ran.failure)
        if ran.end == "failed":
            if failure is None:
                message = "it failed without a reason"
                raise Lie(message)
            if isinstance(failure, Postponed) is not guest.spending.postponed:
                message = "it says otherwise whether it was put off"
                raise Lie(message)
            guest.fail(outputs, self._before or 0)
            raise failure
        if guest.spending.postponed or isinstance(failure, Postponed):
            message = "it went on although it was put off"
            raise Lie(message)
        guest.take(outputs, self._before or 0, self._derived)
        if parked:
            return SUSPENDED
        guest.left = failure
        if ran.end == "exit":
            raise GuestExit(ran.status)
        return Finished(None)

    def _derived(self, guest: Any, *result: Any) -> Any:
        if guest is not self.guest:
            message = "another guest's answer"
            raise Bug(message)
        return self.derive(None, [to_plain(it) for it in result] or None)


def _expected(answer: Any, kind: type[Told]) -> Told:
    if not isinstance(answer, kind):
        message = "it answered another question"
        raise Lie(message)
    return answer
