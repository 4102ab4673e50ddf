"""What a kind of agent runs that is isolated: its program, in worker processes of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wasm_engine.agents.contract import HANDLER
from wasm_engine.agents.isolated import protocol
from wasm_engine.agents.isolated.guest import IsolatedGuest, Overseer
from wasm_engine.agents.isolated.instance import IsolatedInstance
from wasm_engine.agents.isolated.worker import Worker, Workers
from wasm_engine.agents.migration import Entries, checked
from wasm_engine.agents.program import Program
from wasm_engine.concepts.errors import BadComponent, NotCapturable, WorkerLost
from wasm_engine.concepts.message import Message
from wasm_engine.concepts.segment import Wait
from wasm_engine.runtime.wasi import GuestExit, Listed


class IsolatedProgram(Program):
    """The same to whoever uses it; nothing of it runs in this process.

    Args:
        arguments: Those of `Program`.
        workers: Where it runs.
        mounts: What its agents see of the host, by the name of the mount.
        overseer: Looks at what its guests are said to have done, and what they may see.

    Raises:
        BadComponent: It is no agent, or one that cannot be made again where its process dies.
    """

    isolated = True

    def __init__(
        self,
        *arguments: Any,
        workers: Workers,
        mounts: Mapping[str, Sequence[Listed]],
        overseer: Overseer,
    ) -> None:
        super().__init__(*arguments)
        kind = self.kind
        if kind.lifecycle == "resident" and self.role != HANDLER:
            message = (
                f"{kind.name} ({kind.source}) is no handler: a resident agent in a process of its "
                "own has to be one, so that it can be made again where that process dies"
            )
            hint = 'lifecycle = "message", or isolation = "thread"'
            raise BadComponent(message, hint=hint)
        self._workers = workers
        self._mounts = mounts
        self._overseer = overseer
        self._begins_well = False

    def instantiate(self) -> Any:
        """An instance in its pristine state; made over there when its message begins."""
        if self._hopeless is not None:
            raise self._hopeless.with_traceback(None)
        worker = self._workers.mine()
        instance = self._instance(worker)
        if not self._begins_well:
            answer = worker.ask_for(protocol.Begun, ["begin", instance.number])
            if answer.beginning < 0:
                raise worker.lied("it began by earning")
            if answer.failure is not None:
                self._hopeless = protocol.failure_of(answer.failure)
                raise self._hopeless
            if not all(self._is_own(source) for source in answer.sources):
                raise worker.lied("it began by reading what it does not have")
            self.beginning = answer.beginning
            self.sources = dict.fromkeys(answer.sources)
            self._begins_well = True
        return instance

    def _is_own(self, source: str) -> bool:
        """Whether its instances may have read it before their first message."""
        return source.startswith("mount:") and source.removeprefix("mount:") in self._mounts

    def release(self, instance: Any) -> None:
        """Done over there when the message had ended."""
        instance.released()

    def capture(self, instance: Any) -> bytes | None:
        """All that an instance is, at rest; None where that cannot be said, or it is lost."""
        try:
            captured: bytes | None = instance.capture() if instance.alive else None
        except WorkerLost:
            return None
        return captured

    def restore(self, data: bytes) -> Any:
        """An instance that is what the captured one was."""
        if not self._begins_well:  # what instances read as they begin has to be known
            self.instantiate().close()
        worker = self._workers.mine()
        instance = self._instance(worker)
        if not _is_well(worker, ["restore", instance.number, data]):
            message = "no instance of it can have been what was captured"
            raise NotCapturable(message)
        return instance

    def migrate(self, origin: str, entries: Entries) -> Entries | None:
        """What an agent is to keep of what it kept with another program; done over there."""
        worker = self._workers.mine()
        answer = worker.ask_for(protocol.Migrated, ["migrate", 0, origin, entries])
        if answer.failure is not None:
            try:
                raise protocol.failure_of(answer.failure)
            except protocol.Lie as lie:
                raise worker.lied(str(lie)) from None
        return None if answer.entries is None else checked(answer.entries)

    def close(self) -> None:
        """Nobody needs it any more: its processes are ended."""
        super().close()
        self._workers.close()

    def fits(self, data: bytes) -> bool:
        """Whether `restore` can take what was captured."""
        return _is_well(self._workers.mine(), ["fits", 0, data])

    def answer(self, guest: Any, wait: Wait) -> Any:
        """What a parked guest gets, now that what it waited for has come."""
        return guest.instance.derive(wait.call)

    def enter(self, instance: Any, agent: Any, message: Message) -> Any:
        """Hands a message to an instance."""
        del agent, message  # its guest has them
        return instance.enter()

    def leave(self, guest: Any, value: Any) -> None:
        """Takes what the guest returned; looked at over there."""
        del value
        if guest.left is not None:
            raise guest.left

    def leave_early(self, guest: Any, end: GuestExit) -> None:
        """Takes what a guest that called `exit` left; looked at over there."""
        del end
        if guest.left is not None:
            raise guest.left

    def try_out(self) -> None:
        """Makes an instance and drops it."""
        try:
            super().try_out()
        except WorkerLost as lost:
            message = f"{self.kind.name} ({self.kind.source}) ends its process as it begins: {lost}"
            raise BadComponent(message) from None

    def _instance(self, worker: Worker) -> IsolatedInstance:
        guest = IsolatedGuest(self._mounts, self._overseer)
        guest.instance = instance = IsolatedInstance(worker, worker.number(), guest)
        return instance


def _is_well(worker: Worker, request: list[Any]) -> bool:
    return worker.ask_for(protocol.Done, request).well
