"""The host's side of a tool: a guest that acts within the activation of whoever calls it."""

from __future__ import annotations

from typing import Any

from wasm_engine.agents.tools.authority import LentAgent
from wasm_engine.concepts import faults
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime.entropy import Entropy
from wasm_engine.runtime.guest import Guest


class ToolGuest(Guest):
    """One instance of a tool as its host functions see it.

    What belongs to the activation (its segment, its call record, entropy, clock, host work, labels)
    is taken over from the caller before the tool runs, and given back when it stops: host functions
    find all of it where they find it of an agent.

    Attributes:
        called: The name of the tool, for the record of what it calls.
        kept_back: Host work of its caller that it may not spend.
        own: Numbers of the effects that it began in this call. Those of its caller, and of calls
            before, are nobody's to it: what a server answered them is not its to see.
    """

    __slots__ = ("called", "kept_back", "own")

    def __init__(self, *, config: str, epoch: int, work: int, wasi: Any, digest: bytes) -> None:
        entropy = Entropy("init", digest, config)
        super().__init__(config=config, epoch=epoch, entropy=entropy, work=work, wasi=wasi)
        self.called = ""
        self.kept_back = 0
        self.own: set[int] = set()

    def enter(self, agent: LentAgent, called: str) -> None:
        """A call begins.

        Args:
            agent: For whom, with what the tool may do.
            called: The name of the tool.
        """
        self.in_init = False
        self.agent, self.called = agent, called
        self.output = None
        self.own = set()

    def take_over(self, caller: Guest, agent: Any) -> None:
        """Becomes the one who acts in the activation.

        Args:
            caller: Who acted until now.
            agent: The agent, as its own guest sees it.
        """
        lent: Any = self.agent
        lent.agent = agent
        self.world, self.message, self.segment = caller.world, caller.message, caller.segment
        self.calls, self.told, self.returned = caller.calls, caller.told, caller.returned
        self.answers, self.first, self.suspension = caller.answers, caller.first, None
        self.work = caller.work - self.kept_back
        self.reading, self.denials = caller.reading, caller.denials
        self.drew, self.read_clock = caller.drew, caller.read_clock
        self.labels, self.sources = caller.labels, caller.sources
        self.verdicts, self._refused = 0, caller._refused  # noqa: SLF001
        self._entropy = caller._entropy  # noqa: SLF001

    def give_back(self, caller: Guest) -> None:
        """Lets the caller be the one again, with all that came to be meanwhile."""
        caller.calls, caller.told, caller.segment = self.calls, self.told, self.segment
        caller.suspension = self.suspension
        caller.work = self.work + self.kept_back
        caller.reading, caller.denials = self.reading, self.denials
        caller.drew, caller.read_clock = self.drew, self.read_clock
        caller.labels, caller.sources = self.labels, self.sources
        caller._refused = self._refused  # noqa: SLF001

    def effect(self, capability: str, arguments: tuple[Any, ...]) -> int | Err:
        """As of any guest; it is one of its own."""
        number = super().effect(capability, arguments)
        self.began(number)
        return number

    def began(self, number: int | Err) -> None:
        """It may ask what became of it."""
        if not isinstance(number, Err):
            self.own.add(number)

    def seen(self, number: int) -> Any:
        """As of any guest, for its own."""
        if number not in self.own:
            return refusal(faults.UNKNOWN_REQUEST, f"request {number}")
        return super().seen(number)

    def record(self, call: tuple[Any, ...], *, long: bool) -> None:
        """Keeps a call for the record, as one of the tool's."""
        super().record((f"{self.called} > {call[0]}", *call[1:]), long=long)
