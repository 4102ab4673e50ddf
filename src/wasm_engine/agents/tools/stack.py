"""An agent's instance and those of the tools that it is calling, as one instance.

A guest that calls a tool is parked, and the tool runs in a store of its own, on a fiber of its own,
on the stack of whoever polls: no guest runs on another one's fiber. When the tool has answered, its
caller goes on, in the same segment. Whoever polls sees only that a slice is over, so that it may
cut there; a tool that waits parks the activation, as the agent itself would.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from wasm_engine.agents.tools import commands
from wasm_engine.agents.tools.authority import LentAgent
from wasm_engine.agents.tools.callee import Callee
from wasm_engine.agents.tools.guest import ToolGuest
from wasm_engine.agents.tools.program import described
from wasm_engine.concepts import faults
from wasm_engine.concepts.errors import GuestFailure, LimitExceeded, Postponed
from wasm_engine.concepts.segment import Computation, Nested, Turn, Wait
from wasm_engine.runtime.gate import LONG
from wasm_engine.runtime.guest import Guest
from wasm_engine.runtime.instance import SLICED, SUSPENDED, Finished, Instance, Polled
from wasm_engine.runtime.wasi import GuestExit

MAX_DEPTH = 16
"""Tools that are called by each other at a time."""
CALL = 20_000
"""Host work of a call besides what the tool does: an instance, and taking it back."""


class _Frame:
    """A call of a tool that is under way.

    Attributes:
        available: Fuel that its caller had left when its instance had begun.
        fuel: What it had itself to begin with.
        alone: Whether that was less.
    """

    __slots__ = ("alone", "available", "callee", "fuel", "guest", "instance", "nested")

    def __init__(self, nested: Nested, instance: Instance, available: int, most: int) -> None:
        self.nested = nested
        self.callee: Callee = nested.target
        self.instance = instance
        self.guest: ToolGuest = instance.guest
        self.available = available
        self.alone = most < available
        self.fuel = most if self.alone else available

    def left(self, own: int) -> int:
        """Fuel that is left to the caller, where so much is left to the tool itself."""
        return self.available - self.fuel + own


class Stack:
    """Stands for an agent's instance: what polls and answers it need not know of tools.

    Args:
        base: The agent's own instance.

    Attributes:
        base: The same.
        guest: The agent's own guest; between two polls it has all that belongs to the activation.
    """

    __slots__ = ("_frames", "_left", "base", "guest")

    def __init__(self, base: Instance) -> None:
        self.base = base
        self.guest: Any = base.guest
        self._frames: list[_Frame] = []
        self._left: int | None = None  # the agent's own fuel, where it is known

    @property
    def alive(self) -> bool:
        """Whether it can still be used."""
        return self.base.alive and all(frame.instance.alive for frame in self._frames)

    @property
    def at_rest(self) -> bool:
        """Whether it is alive, and no call is in progress."""
        return not self._frames and self.base.at_rest

    @property
    def fuel(self) -> int:
        """Fuel that is left to the activation."""
        if self._left is not None:
            return self._left
        left = self._top.fuel
        for frame in reversed(self._frames):
            left = frame.left(left)
        return left

    @fuel.setter
    def fuel(self, value: int) -> None:
        self._left = None
        if not self._frames:
            self.base.fuel = value
            return
        more = value - self.fuel
        self.base.fuel += more
        for frame in self._frames:
            frame.instance.fuel += more
            frame.available += more
            frame.fuel += more

    def call(self, interface: str, function: str, args: tuple[Any, ...]) -> Polled:
        """As `Instance.call`."""
        self._left = None
        return self._settled(self.base.call(interface, function, args))

    def poll(self) -> Polled:
        """As `Instance.poll`: whoever is on top goes on."""
        self._left = None
        if self._frames:
            return self._run(self._frames[-1].instance.poll)
        return self._settled(self.base.poll())

    def resume(self, value: Any) -> None:
        """As `Instance.resume`: answers whoever is on top."""
        self._top.resume(value)

    def memories(self) -> list[bytes]:
        """What the agent's own memories hold."""
        return self.base.memories()

    def memory_sizes(self) -> list[int]:
        """Bytes of each of them."""
        return self.base.memory_sizes()

    def close(self) -> None:
        """Gives everything back. Idempotent."""
        while self._frames:
            self._frames.pop().instance.close()
        self.base.close()

    @property
    def _top(self) -> Instance:
        return self._frames[-1].instance if self._frames else self.base

    def _settled(self, outcome: Polled) -> Polled:
        """What it comes to that whoever is on top has stopped running."""
        if outcome is SUSPENDED:
            guest = self.guest
            waits = guest.suspension
            if isinstance(waits, Nested):
                guest.suspension = None
                return self._push(waits)
            # None: a guest that is made again waits as it did, for what the call log has.
            if self._frames and waits is not None:
                guest.suspension = self._bound(waits, self._frames[-1].guest)
        elif self._frames and isinstance(outcome, Finished):
            return self._pop(outcome.value)
        return outcome

    def _push(self, nested: Nested) -> Polled:
        """Begins the call of a tool."""
        callee: Callee = nested.target
        program, root, frames = callee.program, self.guest, self._frames
        if len(frames) >= MAX_DEPTH:
            return self._answer_failure(nested, GuestFailure("too-deep"))
        try:
            instance = program.take()
        except GuestFailure as failure:
            return self._answer_failure(nested, failure)
        top = frames[-1].instance if frames else self.base
        tool, available = program.tool, top.fuel - program.begin_fuel
        work = root.work - CALL - program.begin_work
        room = work - sum([it.guest.kept_back for it in frames]) if frames else work
        if available < 0 or room < 0:
            program.release(instance)
            return self._fail_caller(LimitExceeded("fuel" if available < 0 else "host-work"))
        frame = _Frame(nested, instance, available, tool.fuel)
        root.work = work
        frame.guest.kept_back = max(room - tool.work, 0)
        if program.acts:
            agent = LentAgent(root.agent, program.authority, tool.config)
            frame.guest.enter(agent, callee.name)
        instance.fuel = frame.fuel
        frames.append(frame)
        return self._run(partial(_begin, frame))

    def _run(self, go_on: Callable[[], Polled]) -> Polled:
        """Lets the tool on top run until it can't."""
        top = self._frames[-1]
        if not top.callee.program.acts:  # nobody looks who acts
            try:
                outcome = go_on()
            except GuestFailure as failure:
                return self._failed(failure)
            return self._settled(outcome)
        self._take_over()
        try:
            outcome = self._ended(top, go_on)
        except GuestFailure as failure:
            self._give_back()
            return self._failed(failure)
        except BaseException:
            self._give_back()
            raise
        self._give_back()
        return self._settled(outcome)

    def _ended(self, top: _Frame, go_on: Callable[[], Polled]) -> Polled:
        """Lets the tool on top run; of one that has ended, what it came to."""
        try:
            outcome = go_on()
        except GuestExit as end:
            if not top.callee.is_command:
                raise
            top.guest.flush_lines()
            return Finished(commands.outcome(top.guest, end.status))
        if isinstance(outcome, Finished):
            top.guest.flush_lines()
            outcome = Finished(top.callee.came_to(top.guest, outcome.value))
        return outcome

    def _pop(self, value: Any) -> Polled:
        """The tool on top has answered: its caller goes on."""
        frame = self._frames[-1]
        callee, answer = frame.callee, frame.nested.answer(value)
        self._leave(frame)
        callee.program.release(frame.instance)
        caller = self._take_over()
        try:
            price = callee.price(answer, told=answer is not value)
            caller.record((f"{callee.name} answers", answer), long=price > LONG)
            caller.charge(price)
        except GuestFailure as failure:
            self._give_back()
            return self._fail_caller(failure)
        self._give_back()
        self._top.resume(answer)
        return SLICED

    def _failed(self, failure: GuestFailure) -> Polled:
        """The tool on top has failed; so has its caller, if what was spent was the caller's."""
        frame = self._frames[-1]
        of_caller = isinstance(failure, Postponed)
        if isinstance(failure, LimitExceeded):
            of_caller = of_caller or (failure.code == "fuel" and not frame.alone)
            of_caller = of_caller or (failure.code == "host-work" and not frame.guest.kept_back)
        frame.instance.close()
        self._leave(frame)
        if of_caller:
            return self._fail_caller(failure)
        return self._answer_failure(frame.nested, failure)

    def _answer_failure(self, nested: Nested, failure: GuestFailure) -> Polled:
        """Whoever called is told, if what it called has a way to say so; else it fails, too."""
        code = described(failure)
        caller = self._take_over()
        caller.record((f"{nested.target.name} fails", code), long=False)
        self._give_back()
        try:
            answer = nested.fault(code)
        except GuestFailure as too:
            return self._fail_caller(too)
        self._top.resume(answer)
        return SLICED

    def _fail_caller(self, failure: GuestFailure) -> Polled:
        """Whoever is on top fails: a tool, or the agent."""
        if self._frames:
            return self._failed(failure)
        raise failure

    def _leave(self, frame: _Frame) -> None:
        """Takes a call off; its caller has paid for it."""
        frames = self._frames
        frames.pop()
        left = max(frame.left(frame.instance.fuel), 0)
        if frames:
            frames[-1].instance.fuel = left
        else:
            self.base.fuel = self._left = left

    def _take_over(self) -> Guest:
        """Whoever is on top becomes the one who acts in the activation; answers it."""
        caller: Guest = self.guest
        if self._frames:
            agent = caller.agent
            for frame in self._frames:
                frame.guest.take_over(caller, agent)
                caller = frame.guest
        return caller

    def _give_back(self) -> None:
        frames = self._frames
        if frames:
            for number in range(len(frames) - 1, 0, -1):
                frames[number].guest.give_back(frames[number - 1].guest)
            frames[0].guest.give_back(self.guest)

    def _bound(
        self, waits: Wait | Turn | Computation, guest: ToolGuest
    ) -> Wait | Turn | Computation:
        """What a tool waits for, so that its answer is made for the tool."""
        if waits.answer is not None:
            answer = partial(self._answered, guest, waits.answer)
            if not isinstance(waits, Turn):
                return waits._replace(answer=answer)
            waits.answer = answer
        return waits

    def _answered(self, guest: ToolGuest, answer: Callable[..., Any], _: Any, *rest: Any) -> Any:
        self._take_over()
        try:
            return answer(guest, *rest)
        finally:
            self._give_back()


def _begin(frame: _Frame) -> Polled:
    """Enters the tool, whose guest acts in the activation now."""
    guest, callee = frame.guest, frame.callee
    for source in callee.program.sources:
        folder = source.removeprefix("mount:")
        if folder != source and guest.authorize("mount.read", folder) is not None:
            raise GuestFailure(faults.FORBIDDEN)
        guest.reads(source)
    return callee.begin(frame.instance, frame.nested.arguments)
