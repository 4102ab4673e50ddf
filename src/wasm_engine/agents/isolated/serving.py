"""The worker process's side: runs guests of one kind as it is asked to, and says what they did."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from wasm_engine.agents.isolated import protocol
from wasm_engine.agents.isolated.far import FarAgent, FarWorld
from wasm_engine.agents.isolated.far_purse import FarPurse
from wasm_engine.agents.isolated.far_services import far_services
from wasm_engine.agents.isolated.protocol import Answer, Outputs, Ran, Standing
from wasm_engine.agents.program import Program
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import EngineError, GuestFailure, NotCapturable
from wasm_engine.concepts.message import Message
from wasm_engine.concepts.plain import from_plain, to_plain
from wasm_engine.concepts.segment import NO_LABELS, Held, Labels, Suspension, Turn, Wait
from wasm_engine.runtime.entropy import Entropy
from wasm_engine.runtime.instance import SLICED, SUSPENDED, Finished, Instance, Polled
from wasm_engine.runtime.wasi import GuestExit

_NOT_THE_GUESTS = (EngineError, MemoryError, KeyboardInterrupt)


class Pipe(Protocol):
    """The way to whoever asks."""

    def receive(self) -> bytes:
        """The next frame; empty where nobody asks any more."""

    def send(self, data: bytes) -> None:
        """Answers with a frame."""


class Serving:
    """Serves one kind's program.

    Args:
        pipe: Where it is asked.
    """

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._program: Program | Any = None
        self._instances: dict[int, Instance] = {}
        self._waits: dict[int, Suspension | None] = {}
        self._going_on: dict[int, Any] = {}
        self._services = far_services(self.look)
        self._purse = FarPurse(self._question)

    def ask(self, what: Any, key: str | int | None = None, number: int = 0) -> Any:
        """Asks for what only the other process knows, in the middle of a request."""
        return self._question(protocol.Fetch(what, key, number))

    def _question(self, question: protocol.Question) -> Any:
        self._pipe.send(protocol.encode(question))
        return canonical.decode(self._pipe.receive())

    def look(self, service: Any, operation: str, *arguments: Any) -> Any:
        """Asks what is seen in something that agents share."""
        return from_plain(self._question(protocol.Look(service, operation, to_plain(arguments))))

    def judge(
        self, action: str, target: str, context: Mapping[str, Any], labels: Labels, call: int
    ) -> str | None:
        """Asks by which rule something is refused; None: by none."""
        question = protocol.Judge(action, target, list(context.items()), sorted(labels), call)
        rule: str | None = self._question(question)
        return rule

    def run(self, program: Program) -> None:
        """Serves until nobody asks any more."""
        self._program = program
        while data := self._pipe.receive():
            request, dropped = canonical.decode(data)
            for number in dropped:
                self._close(number)
            try:
                answer = self._answer(request)
            except BaseException as error:  # noqa: BLE001  (whoever asked decides what follows)
                answer = protocol.Broken("".join(traceback.format_exception(error)))
            self._pipe.send(protocol.encode(answer))
            if isinstance(answer, Ran) and answer.end == "finished" and answer.failure is None:
                self._rest(request[1])

    def _answer(self, request: list[Any]) -> Answer:
        operation, number, *rest = request
        match operation:
            case "enter":
                return self._ran(number, lambda: self._enter(number, *rest))
            case "go":
                return self._ran(number, lambda: self._go(number, *rest))
            case "answer":
                return self._derive(number, *rest)
            case "begin":
                return self._begin(number)
            case "held":
                return self._held(number)
            case "hold":
                return self._hold(number, *rest)
            case _:
                return self._look(operation, number, *rest)

    def _look(self, operation: str, number: int, *rest: Any) -> Answer:
        """What no message needs."""
        match operation:
            case "capture":
                return protocol.Data(self._program.capture(self._instances[number]))
            case "restore":
                return self._restore(number, *rest)
            case "migrate":
                return self._migrate(*rest)
            case "fits":
                return protocol.Done(self._program.fits(*rest))
            case _:
                return protocol.Memories(self._instances[number].memories())

    def _begin(self, number: int) -> Answer:
        try:
            self._instances[number] = self._program.instantiate()
        except GuestFailure as failure:
            return protocol.Begun(0, protocol.told(failure))
        return protocol.Begun(self._program.beginning, None, list(self._program.sources))

    def _migrate(self, origin: str, entries: list[Any]) -> Answer:
        try:
            found = self._program.migrate(origin, [(key, value) for key, value in entries])
        except GuestFailure as failure:
            return protocol.Migrated(None, protocol.told(failure))
        return protocol.Migrated(found)

    def _restore(self, number: int, data: bytes) -> Answer:
        try:
            self._instances[number] = self._program.restore(data)
        except NotCapturable:
            return protocol.Done(False)
        return protocol.Done(True)

    def _enter(
        self,
        number: int,
        agent: list[Any],
        world: list[Any],
        told: list[Any],
        name: list[Any],
        limits: list[int],
        answers: list[Any] | None,
    ) -> Polled:
        """A message begins."""
        program = self._program
        instance = self._instances.get(number)
        if instance is None:
            instance = self._instances[number] = program.instantiate()
        message = _message(told)
        fuel, work, reading = limits
        guest, far = instance.guest, self._far(agent)
        around = FarWorld(world, message, self, self._services)
        instance.fuel = fuel
        guest.begin(far, around, message, Entropy(*name), work=work, reading=reading)
        guest.answers = None if answers is None else [from_plain(value) for value in answers]
        return program.enter(instance, far, message)

    def _go(
        self,
        number: int,
        agent: list[Any] | None,
        world: list[Any],
        limits: list[int],
        going_on: list[Any] | None,
        again: bool,  # noqa: FBT001
    ) -> Polled:
        """It goes on: after a slice, after a cut, or with what it waited for."""
        if agent is not None:  # else it was sliced, and nothing has changed
            self._stand(number, agent, world)
        instance = self._instances[number]
        guest = instance.guest
        if not again:
            guest.answers = None
        fuel, guest.work = limits
        if fuel != instance.fuel:
            instance.fuel = fuel
        if going_on is not None:
            value = from_plain(going_on[0]) if going_on else self._going_on[number]
            self._going_on.pop(number, None)
            guest.tell_first(value)
            instance.resume(value)
        return instance.poll()

    def _derive(
        self,
        number: int,
        agent: list[Any],
        world: list[Any],
        work: int,
        call: Any,
        again: bool,  # noqa: FBT001
        result: list[Any] | None,
    ) -> Answer:
        """What a parked guest gets, where that is for this process to find."""
        self._stand(number, agent, world)
        guest, own = self._guest(number), self._waits[number]
        guest.work = work
        if not again:
            guest.answers = None
        before = len(guest.returned)
        try:
            if result is not None:
                assert isinstance(own, Turn)
                value = own.answered(guest, from_plain(result[0]))
            elif call is None:
                assert isinstance(own, Wait)
                value = self._program.answer(guest, own)
            else:
                name, arguments = from_plain(call)
                value = self._program.answer(guest, Wait({}, call=(name, arguments)))
        except GuestFailure as failure:
            return self._stopped(number, "failed", failure, before)
        except _NOT_THE_GUESTS:
            raise
        except BaseException as error:  # noqa: BLE001  (a faulty host function fails its caller only)
            return self._stopped(number, "failed", _faulty(error), before)
        self._going_on[number] = value
        plain = None if call is None else to_plain(value)
        return protocol.Answered(self._standing(number, before), plain)

    def _stand(self, number: int, agent: list[Any], world: list[Any]) -> None:
        guest = self._instances[number].guest
        guest.agent = self._far(agent)
        guest.world = FarWorld(world, guest.message, self, self._services)
        guard = guest.world.guard
        guest.labels = NO_LABELS if guard is None else guard.labels
        guest.sources = {} if guard is None else guard.sources

    def _far(self, agent: list[Any]) -> FarAgent:
        return FarAgent(agent, self.ask, self._program, self._purse)

    def _held(self, number: int) -> Answer:
        held = self._guest(number).held()
        return protocol.HeldTold(
            _marks(held.marks), [sorted(it) for it in held.sends], held.refusals
        )

    def _hold(self, number: int, marks: list[Any], sends: list[Any], refusals: Any) -> Answer:
        """A guest that was made again holds what it held when it was cut."""
        known = {(what, key): frozenset(labels) for what, key, labels in marks}
        self._guest(number).hold(Held(known, [frozenset(it) for it in sends], refusals))
        return protocol.Done(True)

    def _ran(self, number: int, run: Callable[[], Polled]) -> Answer:
        """Runs a guest until it can't."""
        known = self._instances.get(number)
        before = 0 if known is None or known.at_rest else len(known.guest.returned)
        try:
            outcome = run()
        except GuestExit as exit_:
            end = exit_
            kept = _left(lambda: self._program.leave_early(self._guest(number), end))
            return self._stopped(number, "exit", kept, before, end.status)
        except GuestFailure as failure:
            return self._stopped(number, "failed", failure, before)
        except _NOT_THE_GUESTS:
            raise
        except BaseException as error:  # noqa: BLE001  (a faulty host function fails its caller only)
            return self._stopped(number, "failed", _faulty(error), before)
        if outcome is SLICED:
            return Ran("sliced", self._standing(number, before))
        if outcome is SUSPENDED:
            answer = self._stopped(number, "suspended", None, before)
            guest = self._guest(number)
            self._waits[number], guest.suspension = guest.suspension, None
            guest.next_segment()
            return answer
        assert isinstance(outcome, Finished)
        kept = None
        if self._guest(number).answers is None:
            kept = _left(lambda: self._leave(number, outcome.value))
        return self._stopped(number, "finished", kept, before)

    def _leave(self, number: int, value: Any) -> None:
        guest = self._guest(number)
        guest.flush_lines()
        self._program.leave(guest, value)

    def _guest(self, number: int) -> Any:
        return self._instances[number].guest

    def _stopped(
        self, number: int, end: Any, failure: GuestFailure | None, before: int, status: int = -1
    ) -> Ran:
        guest = self._instances[number].guest
        outputs = _outputs(guest)
        told = None if failure is None else protocol.told(failure)
        return Ran(end, self._standing(number, before), outputs, told, status)

    def _standing(self, number: int, before: int) -> Standing:
        instance = self._instances[number]
        guest = instance.guest
        denials, guest.denials = guest.denials, 0
        return Standing(
            instance.fuel,
            guest.work,
            guest.reading,
            denials,
            guest.agent.ordinal,
            guest.drew,
            guest.read_clock,
            [to_plain(value) for value in guest.returned[before:]],
            guest.puts_out,
            sorted(guest.labels),
            [] if guest.guard is None else list(guest.sources),
        )

    def _rest(self, number: int) -> None:
        """After a message that has ended well; nobody waits for this."""
        instance = self._instances[number]
        if self._program.kind.lifecycle == "resident" or instance.guest.answers is not None:
            instance.guest.rest()
        else:
            del self._instances[number]
            self._program.release(instance)

    def _close(self, number: int) -> None:
        self._waits.pop(number, None)
        self._going_on.pop(number, None)
        instance = self._instances.pop(number, None)
        if instance is not None:
            instance.close()


def _left(leave: Callable[[], None]) -> GuestFailure | None:
    """Takes what a guest that has ended left behind; why it can't be taken."""
    try:
        leave()
    except GuestFailure as failure:
        return failure
    return None


def _message(told: list[Any]) -> Message:
    number, sender, topic, body, headers, request = told
    pairs = [(name, value) for name, value in headers]
    return Message(number, sender, topic, tuple(body), pairs, request)


def _faulty(error: BaseException) -> GuestFailure:
    return GuestFailure("host-error", "".join(traceback.format_exception(error)))


def _outputs(guest: Any) -> Outputs:
    segment = guest.segment
    return Outputs(
        [(it.to, it.topic, it.body, it.headers, it.request, it.deadline) for it in segment.sends],
        segment.sent_bytes,
        segment.freed,
        list(segment.opened),
        [(e.number, e.call, e.capability, to_plain(e.arguments)) for e in segment.effects.values()],
        list(segment.abandoned),
        list(segment.writes.items()),
        segment.grown,
        list(segment.replies.items()),
        segment.deferred,
        list(segment.taken),
        list(segment.cancelled),
        [tuple(timer) for timer in segment.timers.values()],
        list(segment.cancelled_timers),
        segment.logs,
        [list(call) for call in guest.calls],
        bytes(guest.told),
        _suspension(guest.suspension),
        _marks(segment.marks),
        _each([send.labels for send in segment.sends]),
    )


def _marks(marks: Mapping[tuple[str, Any], Labels]) -> list[Any]:
    return [(what, key, sorted(labels)) for (what, key), labels in marks.items()]


def _each(labels: list[Labels]) -> list[list[str]]:
    """Of each message; none of them where none has any."""
    return [sorted(it) for it in labels] if any(labels) else []


def _suspension(suspension: Suspension | None) -> Any:
    if suspension is None:
        return None
    if isinstance(suspension, Turn):
        return protocol.TurnTold(
            suspension.operation,
            to_plain(suspension.arguments),
            sorted(suspension.labels),
            suspension.answer is not None,
        )
    it = suspension
    call = None if it.call is None else (it.call[0], to_plain(it.call[1]))
    return protocol.WaitTold(list(it.requests), it.id, it.deadline, it.answer is not None, call)
