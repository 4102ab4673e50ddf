"""The host's side of one instance: what host functions see of the activation that calls them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from zlib import crc32

from wasm_engine.concepts import canonical, cost, faults
from wasm_engine.concepts.caller import AgentView, WorldView
from wasm_engine.concepts.errors import Bug, GuestTrap, LimitExceeded
from wasm_engine.concepts.hostcall import SUSPEND, Err
from wasm_engine.concepts.message import Message
from wasm_engine.concepts.plain import to_plain
from wasm_engine.concepts.segment import (
    Computation,
    Effect,
    Nested,
    Segment,
    Suspension,
    Turn,
    Wait,
    arguments_size,
)
from wasm_engine.runtime import wasi
from wasm_engine.runtime.entropy import Entropy
from wasm_engine.runtime.knowing import Knowing
from wasm_engine.runtime.resources import ResourceTable

TICK = 1_000
"""Nanoseconds of world time that a reading of the clock takes."""
MAX_LOG_TEXT = 16 << 10
"""Characters of a log line that are kept."""
MAX_RANDOM = 1 << 20
MAX_CALLS = 10_000
"""Calls of a segment that are kept one by one."""
SUM = 2
"""Bytes of the sum that is kept of an answer."""
MAX_EFFECTS = 64
"""Effects that one activation may have out, or not taken, at a time."""

# What a guest has between its messages, when nothing of it can run.
_NO_MESSAGE = Message(0, "world", "init", ("text", ""), [], None)
_NO_SEGMENT = Segment()
_NO_ENTROPY = Entropy()
_NO_CALLS: list[Any] = []
_NOTHING_TOLD = bytearray()
_UNKNOWN = faults.refusal(faults.UNKNOWN_REQUEST, "no effect of this message has that number")


class Guest(Knowing):
    """One instance as its host functions see it.

    While the instance is initialised there is no agent yet: the image is shared by all agents of
    the kind, so time stands at the epoch and entropy belongs to the kind.

    Attributes:
        work: Host work that is left to the activation.
        calls: The calls of the segment, `(name, arguments...)`.
        told: A sum of each answer, by the ordinal of its call; see `tell`.
        returned: What calls answered that others decide; kept to rebuild an evicted guest.
        answers: While a guest is rebuilt: the answers still to be given, else None.
        agent, world, message, segment: The activation; see `concepts.caller`.
        suspension: Why the activation is parked, or None.
        output: Where standard output is collected instead, for a command.
        denials: Calls that were refused for want of a grant.
        first: Whether the activation began in this step, and nothing of it is committed or cut.
        drew, read_clock: Whether the activation read entropy or the clock.
    """

    __slots__ = (
        "_config",
        "_entropy",
        "_epoch",
        "_lines",
        "agent",
        "answers",
        "calls",
        "denials",
        "drew",
        "first",
        "in_init",
        "message",
        "output",
        "read_clock",
        "reading",
        "resources",
        "returned",
        "segment",
        "suspension",
        "told",
        "wasi",
        "work",
        "world",
    )

    def __init__(self, *, config: str, epoch: int, entropy: Entropy, work: int, wasi: Any) -> None:
        super().__init__()
        self.resources = ResourceTable()
        self.wasi = wasi
        self.in_init = self.first = True
        self.agent: AgentView | Any = None
        self.world: WorldView | Any = None
        self.message = _NO_MESSAGE
        self.segment = Segment()
        self.suspension: Suspension | Nested | Computation | None = None
        self.work = work
        self.calls: list[tuple[Any, ...]] = []
        self.told = bytearray()
        self.returned: list[Any] = []
        self.answers: list[Any] | None = None
        self.reading = 0
        self.denials = 0
        self.drew = False
        self.read_clock = False
        self._config = config
        self._epoch = epoch
        self._entropy = entropy
        self._lines: dict[str, bytearray] = {}
        self.output: bytearray | None = None

    @property
    def touched(self) -> bool:
        """Whether anything that `freeze` gives may differ from when this was last set to False."""
        return self.resources.touched

    @touched.setter
    def touched(self, value: bool) -> None:
        self.resources.touched = value

    def freeze(self) -> Any:
        """What the host keeps for the instance between messages, as plain canonical values.

        Raises:
            NotCapturable: It holds what there is no way to make anew.
        """
        lines = [[stream, bytes(line)] for stream, line in sorted(self._lines.items()) if line]
        return [lines, *wasi.freeze(self.wasi, self.resources)]

    def thaw(self, frozen: Any) -> None:
        """Makes a new guest, with a new state of WASI, equal to the one that was frozen."""
        lines, *rest = frozen
        self._lines = {stream: bytearray(line) for stream, line in lines}
        wasi.thaw(self.wasi, self.resources, rest)

    def begin(
        self,
        agent: AgentView,
        world: WorldView,
        message: Message,
        entropy: Entropy,
        *,
        work: int,
        reading: int,
    ) -> None:
        """A message begins: from here on the guest is an agent.

        Args:
            agent: Whose message it is.
            world: The world as of the step's start.
            message: What it handles.
            entropy: Its stream of entropy.
            work: Host work that it may cost.
            reading: The agent's last reading of the clock, in nanoseconds.
        """
        self.in_init, self.first = False, True
        self.agent, self.world, self.message = agent, world, message
        self.segment = Segment()
        self.suspension = None
        self.work = work
        self.calls = []
        self.told = bytearray()
        self.returned = []
        self.reading = reading
        self.drew = self.read_clock = False
        self._entropy = entropy
        if self._lines:
            self._lines.clear()
        self.output = None
        self.begin_to_know()

    def stand_alone(self, work: int) -> None:
        """There is no agent, as while the instance is initialised; for calls between messages.

        Args:
            work: Host work that they may cost.
        """
        self.in_init = True
        self.work = work
        self.calls, self.told, self.segment = [], bytearray(), Segment()

    def rest(self) -> None:
        """The activation has ended: nothing of it is kept, for there may be many live agents."""
        self.message, self.segment, self._entropy = _NO_MESSAGE, _NO_SEGMENT, _NO_ENTROPY
        self.calls = self.returned = _NO_CALLS
        self.told = _NOTHING_TOLD

    def record(self, call: tuple[Any, ...], *, long: bool) -> None:
        """Keeps a call for the record; the arguments of a long one by their digest.

        Of very many calls in one segment the first ones become one digest.
        """
        if long:
            call = (call[0], "sha256", canonical.sha256(canonical.encode(call)))
        calls = self.calls
        calls.append(call)
        if len(calls) > MAX_CALLS:
            digest = canonical.sha256(canonical.encode(calls))
            self.calls = [("earlier calls", len(calls), digest)]
            self.told = bytearray((crc32(self.told) & 0xFFFF).to_bytes(SUM, "big"))

    def tell(self, answer: Any) -> None:
        """Keeps a sum of what a call is answered, beside the call; of None nothing.

        A re-execution in which the host answers otherwise is told by it from one in which the
        guest does otherwise. The first sum is of what the segment goes on with.
        """
        told = self.told
        told += bytes(SUM * len(self.calls) - len(told))
        told += (crc32(canonical.encode(answer)) & 0xFFFF).to_bytes(SUM, "big")

    def tell_first(self, answer: Any) -> None:
        """Keeps a sum of what a segment goes on with, if it is a plain value."""
        if answer is not None:
            with suppress(TypeError):
                self.tell(to_plain(answer))

    @property
    def puts_out(self) -> bool:
        """Whether its segment holds what a guest that is made again does not do once more."""
        return self.segment.puts_out

    def next_segment(self) -> None:
        """What came before is committed; a new segment begins."""
        self.segment = Segment()
        self.calls = []
        self.told = bytearray()
        if self._refused:
            self._refused = {}

    def now(self) -> int:
        """World time in nanoseconds; each reading adds a tick."""
        if self.in_init:
            return self._epoch
        self.read_clock = True
        base = self.world.time
        self.reading = max(base, self.reading) + TICK
        return self.reading

    def epoch(self) -> int:
        """Where the world's clock began, in nanoseconds since the Unix epoch."""
        return self._epoch

    def random_bytes(self, count: int) -> bytes:
        """Deterministic entropy."""
        if count > MAX_RANDOM:
            code = "entropy"
            raise LimitExceeded(code, f"more than {MAX_RANDOM} random bytes in one call")
        self.drew = True
        return self._entropy.draw(count)

    def seed(self) -> int:
        """A number below 2**31 for what samples, another one for each call; draws nothing.

        For a host function that is `shared`: a guest that is made again does not call it.
        """
        place = (*self._entropy.name, "seed", self.world.step, len(self.calls))
        return int.from_bytes(Entropy(*place).draw(4), "little") >> 1

    def config_text(self) -> str:
        """The agent's configuration; the kind's own while the instance is initialised."""
        if self.in_init:
            return self._config
        config: str = self.agent.config
        return config

    def charge(self, work: int) -> None:
        """Counts host work beyond what the gate counts for each call and byte."""
        self.work -= work
        if self.work < 0:
            code = "host-work"
            raise LimitExceeded(code)

    def log(self, level: str, text: str) -> None:
        """Adds a line to the agent's log; what is too long is cut."""
        if len(text) > MAX_LOG_TEXT:
            text = text[:MAX_LOG_TEXT] + "..."
        self.charge(cost.LOG_LINE + cost.LOG_BYTE * len(text))
        self.segment.logs.append((level, text))

    def spend(self, what: str, amount: int, size: int = 0, *, kept: bool = True) -> Err | None:
        """Takes something of the agent's budgets; None, or the refusal. See `concepts.caller`."""
        purse = self.agent.purse
        if purse is None:
            return None
        if self.answers is not None:
            known: Err | None = self.logged() if kept else None
            return known
        refused: Err | None = purse.spend(what, amount, size, self.segment, first=self.first)
        if kept:
            self.returned.append(refused)
        return refused

    def used(self, what: str, amount: int) -> None:
        """Counts what was spent already, whatever is left."""
        purse = self.agent.purse
        if purse is not None and self.answers is None:
            purse.used(what, amount)

    def print(self, stream: str, data: bytes) -> None:
        """What the guest writes to its standard output or error becomes log, line by line."""
        if stream == "stdout" and self.output is not None:
            self.output += data
            return
        buffer = self._lines.setdefault(stream, bytearray())
        buffer += data
        while True:
            line, newline, rest = buffer.partition(b"\n")
            if not newline and len(line) <= MAX_LOG_TEXT:
                return
            buffer[:] = rest if newline else b""
            self._print_line(stream, bytes(line))

    def flush_lines(self) -> None:
        """Logs what was printed without a newline at the end."""
        if not self._lines:
            return
        for stream in ("stdout", "stderr"):
            line = self._lines.pop(stream, None)
            if line:
                self._print_line(stream, bytes(line))

    def _print_line(self, stream: str, line: bytes) -> None:
        self.log("info" if stream == "stdout" else "warning", line.decode(errors="replace"))

    def suspend(self, suspension: Suspension | Nested | Computation) -> Any:
        """Parks the activation until the suspension ends; for a host function to return."""
        if self.in_init:
            code = "unavailable-in-init"
            raise GuestTrap(code, "nothing can be waited for while an instance is initialised")
        if self.suspension is not None:
            message = "suspended twice"
            raise Bug(message)
        if isinstance(suspension, Turn):
            suspension.labels = self.labels
        self.suspension = suspension
        return SUSPEND

    def sleep_until(self, deadline: int, answer: Callable[[], Any]) -> Any:
        """Parks the activation until world time (ns) has come; `answer()` is then what it gets."""
        return self.wait({}, deadline, lambda _guest: answer())

    def wait(
        self, requests: dict[int, None], deadline: int | None, answer: Callable[[Any], Any]
    ) -> Any:
        """Parks the activation until an effect has ended, or world time has come.

        Args:
            requests: Numbers of effects, in the order in which ties go.
            deadline: World time (ns), or None.
            answer: `answer(guest)` is what the guest then gets; it may ask for the time and for
                what can be observed, and is asked again where the guest is rebuilt.
        """
        rebuilding = self.in_init or self.answers is not None
        number = 0 if deadline is None or rebuilding else self.agent.next_ordinal()
        return self.suspend(Wait(requests, answer, number, deadline))

    def effect(self, capability: str, arguments: tuple[Any, ...]) -> int | Err:
        """Queues an effect, which goes out when the segment is committed; answers its number.

        Or answers the refusal of a budget.

        What the activation has not taken by its end is carried out, recorded and dropped.

        Raises:
            LimitExceeded: Too many are out, or were not taken; or the world's queue is full.
        """
        if self.answers is not None:
            known: int | Err = self.logged()
            return known
        number = self.issue(capability, arguments)
        self.returned.append(number)
        return number

    def issue(self, capability: str, arguments: tuple[Any, ...]) -> int | Err:
        """The same for a host function that is `shared`: what it answers is kept by the gate."""
        segment, agent = self.segment, self.agent
        if len(agent.effects) + len(segment.effects) >= MAX_EFFECTS:
            code = "effects"
            raise LimitExceeded(code, f"more than {MAX_EFFECTS} effects are out")
        self.charge(cost.EFFECT)
        if agent.purse is not None:
            size = arguments_size(arguments)
            refused = self.spend("effects", 1, size, kept=False)
            if refused is not None:
                return refused
        number: int = agent.next_ordinal()
        effect = Effect(number, len(self.calls) - 1, capability, arguments)
        segment.sent_bytes += effect.size()
        if segment.sent_bytes + agent.sent_bytes > self.world.queue_room():
            code = "queue"
            raise LimitExceeded(code, "the world's queue is full")
        segment.effects[number] = effect
        self.mark("effect", number)
        self.mark("asked", number)
        return number

    def began(self, number: int | Err) -> None:
        """A host function that is `shared` began an effect, now or when the guest was made first.

        Whoever acts in the name of another keeps count of its own.
        """

    def observe(self, number: int) -> Any:
        """What became of an effect: None while it is out, else its value, or an `Err`.

        Of a number that is none of its effects: the fault `unknown-request`.
        """
        if self.answers is not None:
            return self.logged()
        outcome = self.seen(number)
        self.returned.append(outcome)
        return outcome

    def seen(self, number: int) -> Any:
        """The same for a host function that is `shared`: what it answers is kept by the gate."""
        segment = self.segment
        if number in segment.taken:
            return _UNKNOWN
        if number in segment.abandoned:
            return faults.CANCELLATION
        if number in segment.effects:
            return None
        self.knows_outcome(number)
        return self.agent.effects.get(number, _UNKNOWN)

    def abandon(self, number: int) -> None:
        """Cancels an effect of one's own; of no effect if it has ended."""
        if self.answers is not None:
            return
        segment = self.segment
        queued = segment.effects.pop(number, None) is not None
        if queued or self.agent.effects.get(number, _UNKNOWN) is None:
            segment.abandoned[number] = None

    def forget(self, number: int) -> None:
        """The outcome of an effect was taken; it need not be kept."""
        self.segment.taken[number] = None

    def computed(self, value: Any) -> Any:
        """What a `shared` function was answered that parked the guest with a `Computation`.

        The call log has it in place of SUSPEND: a guest that is made again goes on at once.
        """
        self.returned[-1] = value
        self.tell(value)
        return value

    def given(self, look: Callable[[], Any]) -> Any:
        """What others decide, found by `look()`; a guest that is made again gets what it got then.

        Args:
            look: Answers a plain value: what `concepts.plain` has a form for.
        """
        if self.answers is not None:
            return self.logged()
        found = look()
        if self.verdicts:
            self.drop_verdicts()  # the call log has what follows from them
        self.returned.append(found)
        return found

    def logged(self) -> Any:
        """What the call log of an evicted guest has for what others decided."""
        if not self.answers:
            message = "the call log of an evicted guest is too short"
            raise Bug(message)
        return self.answers.pop(0)
