"""What a kind of agent runs: its component, linked, and how a message enters and leaves it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from wasm_engine.agents import migration
from wasm_engine.agents.contract import COMMAND, HANDLER, REDUCER, role_of
from wasm_engine.agents.manifest import Kind
from wasm_engine.agents.pristine import Pristine
from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.errors import (
    BadComponent,
    Bug,
    GuestFailure,
    GuestFault,
    GuestTrap,
    HostFault,
)
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.message import Body, Message, body_bytes
from wasm_engine.concepts.names import is_name
from wasm_engine.concepts.segment import Wait
from wasm_engine.runtime.component import Component, link
from wasm_engine.runtime.entropy import Entropy
from wasm_engine.runtime.guest import Guest
from wasm_engine.runtime.instance import SLICED, Finished, Instance, Limits, Polled
from wasm_engine.runtime.wasi import GuestExit, WasiState

SLICE = 10_000_000
"""Fuel between two points at which a long computation can be cut (about a millisecond)."""
MadeOf: TypeAlias = tuple[str, str, bytes, bytes | None]
"""What a program is made of, as a run tells it: its kind, the name of its file, digests of the
component, and of the agent's own file or None."""
STATE_KEY = "state"
"""Where a reducer's state lives."""
INIT_FUEL = 1_000_000_000
"""Most fuel that `init` may spend, a tenth of a second: unlike a message it cannot be cut."""
MAX_DETAIL = 16 << 10
"""Characters of what a guest says about its own failure that are kept."""


class Program:
    """A kind of agent, ready to run.

    Args:
        kind: The kind as its manifest says.
        component: What it runs.
        functions: Every host function there is, by name.
        wasi: Makes the WASI state of a new instance.
        epoch: Where the world's clock begins (ns).

    Attributes:
        repeatable: Whether all that an instance did can be done again from call logs.
        beginning: Fuel or host work (the larger) that an instance costs before its first message;
            known once there was one, and the same for all of them.
        sources: What instances read from before their first message; known from then on, too.
        made_of: What it is made of; set by whoever makes it for a run.
        migrates: Whether it may migrate what agents kept with another program.
        on_trial: Whether another program handles what it fails at; see `orchestrator.swapping`.
        signer: Who signed it, where it is not what its kind runs any more; else None.
        choices: By the names of kinds that its agents may swap, what those could run: digests by
            name.

    Raises:
        BadComponent: The component is no agent, or wants what nobody has.
    """

    isolated = False
    """Whether its instances live in worker processes, and so may be lost and made again."""

    def __init__(
        self,
        kind: Kind,
        component: Component,
        functions: Mapping[str, HostFunction],
        wasi: Callable[[], WasiState],
        epoch: int,
    ) -> None:
        self.kind = kind
        self.component = component
        label = f"{kind.name} ({kind.source})"
        self.role = role_of(component, label)
        self.repeatable = self.role == HANDLER
        self._linked = link(component, functions, label)
        self._functions = functions
        self._send = functions["wasm-engine:agent/messaging#send"].call
        self._keep = functions["wasm-engine:agent/state#set"].call
        self._reply = functions["wasm-engine:agent/messaging#reply"].call
        self._wasi = wasi
        self._epoch = epoch
        self._init_fuel = min(kind.fuel, INIT_FUEL)
        self._limits = Limits(fuel=self._init_fuel, memory=kind.memory, slice=SLICE)
        self._hopeless: GuestFailure | None = None
        self.beginning = 0
        self.sources: dict[str, None] = {}
        self.made_of: MadeOf = (kind.name, kind.source, component.digest, None)
        self.on_trial = False
        self.signer: str | None = None
        self.choices: Mapping[str, Mapping[str, str]] = {}
        self.migrates = migration.is_exported(component)
        self._pristine = Pristine(
            self._linked,
            self._limits,
            self._guest,
            self._instantiate,
            returning=kind.lifecycle == "message",
        )

    def instantiate(self) -> Instance:
        """An instance in its pristine state: after `init`, where the contract has one.

        It may have been used before, and taken back to that state.

        Raises:
            GuestFailure: The guest failed while it was initialised.
            HostFault: The machine could not give what the limits promise.
        """
        if self._hopeless is not None:  # it depends on nothing that could change
            raise self._hopeless.with_traceback(None)
        try:
            return self._pristine.take()
        except GuestFailure as failure:
            self._hopeless = failure
            raise

    def release(self, instance: Instance) -> None:
        """Takes back an instance whose message has ended well; nobody else may use it any more."""
        self._pristine.release(instance)

    def capture(self, instance: Instance) -> bytes | None:
        """All that an instance is, at rest; None where that cannot be said.

        Canonical bytes: the same for the same, however the instance came to be.
        """
        return self._pristine.capture(instance)

    def restore(self, data: bytes) -> Instance:
        """An instance that is what the captured one was.

        Raises:
            NotCapturable: What was captured began otherwise than instances here do.
            HostFault: The machine could not give what the limits promise.
        """
        return self._pristine.restore(data)

    def fits(self, data: bytes) -> bool:
        """Whether `restore` can take what was captured: there, instances began as they do here."""
        return self._pristine.fits(data)

    @property
    def origin(self) -> str:
        """What agents wrote their state with, for whoever migrates it: a digest, hexadecimal."""
        _, _, component, own = self.made_of
        return (component if own is None else own).hex()

    def migrate(self, origin: str, entries: migration.Entries) -> migration.Entries | None:
        """What an agent is to keep of what it kept with another program; None: all of it.

        Args:
            origin: Of that program.
            entries: In the order of the keys.

        Raises:
            GuestFailure: It refuses, or fails.
            HostFault: As `instantiate`.
        """
        instance = self.instantiate()
        guest: Any = instance.guest
        guest.stand_alone(self.kind.work)
        instance.fuel = self.kind.fuel
        try:
            found = migration.run(instance, origin, entries)
        except MemoryError as error:
            instance.close()
            message = "the host ran out of memory"
            raise HostFault(message) from error
        except BaseException:
            instance.close()
            raise
        self.release(instance)
        return found

    def close(self) -> None:
        """Nobody needs it any more: what it keeps for later is given back."""
        self._pristine.drain()

    def _guest(self) -> Guest:
        """The host's side of a new instance."""
        kind = self.kind
        return Guest(
            config=kind.config,
            epoch=self._epoch,
            entropy=Entropy("init", self.component.digest, kind.config),
            work=kind.work,
            wasi=self._wasi(),
        )

    def _instantiate(self) -> tuple[Instance, int]:
        """An instance made the long way, and what that took."""
        kind, guest = self.kind, self._guest()
        instance = self._linked.instantiate(guest, self._limits)
        fuel = self._init_fuel - instance.fuel
        if self.role == HANDLER:
            try:
                self._initialise(instance)
            except BaseException:
                instance.close()
                raise
            fuel += self._init_fuel - instance.fuel
        self.sources.update(guest.sources)
        self.beginning = max(fuel, kind.work - guest.work)
        return instance, self.beginning

    def answer(self, guest: Guest, wait: Wait) -> Any:
        """What a parked guest gets, now that what it waited for has come."""
        if wait.call is None:
            assert wait.answer is not None
            return wait.answer(guest)
        name, arguments = wait.call
        return self._functions[name].call(guest, *arguments)

    def is_past(self, spent: int, slices: int, fuel: int) -> bool:
        """Whether an activation has come as far as where another engine had spent so much fuel.

        Args:
            spent: Fuel that it had spent there.
            slices: Fuel slices that it has used up here.
            fuel: Fuel that it has spent here; engines may differ in it.
        """
        del fuel
        return slices >= spent // SLICE

    def try_out(self) -> None:
        """Makes an instance and drops it: whether what it runs can be initialised at all.

        Raises:
            BadComponent: It can't; says what the guest said.
        """
        try:
            self.instantiate().close()
        except GuestFailure as failure:
            message = f"{self.kind.name} ({self.kind.source}) fails as it begins: {failure}"
            raise BadComponent(message) from None

    def _initialise(self, instance: Instance) -> None:
        instance.fuel = self._init_fuel
        outcome = instance.call(HANDLER, "init", ())
        while outcome is SLICED:
            outcome = instance.poll()
        if not isinstance(outcome, Finished):
            message = "an instance was parked while it was initialised"
            raise Bug(message)
        if isinstance(outcome.value, Err):
            raise _fault(outcome.value)

    def enter(self, instance: Instance, agent: Any, message: Message) -> Polled:
        """Hands a message to an instance, which runs until it can't; answers as its `poll`."""
        if self.role == HANDLER:
            return instance.call(HANDLER, "handle", (message,))
        if self.role == REDUCER:
            guest: Any = instance.guest
            guest.knows_key(STATE_KEY)
            state = agent.state.get(STATE_KEY, "")
            return instance.call(REDUCER, "reduce", (state, message))
        self._enter_command(instance, agent.config, message)
        return instance.call(COMMAND, "run", ())

    def _enter_command(self, instance: Instance, config: str, message: Message) -> None:
        guest: Any = instance.guest
        args, env = command_line(self.kind.name, config)
        guest.wasi.start_command(args=args, env=env, stdin=body_bytes(message.body))
        guest.output = bytearray()

    def leave(self, guest: Guest, value: Any) -> None:
        """Takes what the guest returned: a fault fails the activation.

        Raises:
            GuestFault: The guest said that it failed.
        """
        if isinstance(value, Err):
            if self.role == COMMAND:
                raise GuestTrap("exit-status", "the command failed")
            raise _fault(value)
        if self.role == REDUCER:
            self._leave_reducer(guest, value)
        elif self.role == COMMAND:
            self._leave_command(guest)

    def leave_early(self, guest: Guest, end: GuestExit) -> None:
        """Takes what a guest that called `exit` left: only a command with status 0 ends well.

        Raises:
            GuestFailure: It is no such command, or what it left cannot be taken.
        """
        if self.role != COMMAND or end.status != 0:
            raise end
        guest.flush_lines()
        self._leave_command(guest)

    def _leave_reducer(
        self, guest: Guest, value: tuple[str, Sequence[tuple[str, str, Body]]]
    ) -> None:
        state, outgoing = value
        refused = self._keep(guest, STATE_KEY, state)
        if isinstance(refused, Err):
            raise _fault(refused)
        for to, topic, body in outgoing:
            guest.charge(cost.CALL)  # what is returned does not pass the gate
            refused = self._send(guest, to, topic, body, (None, []))
            if isinstance(refused, Err):
                raise _fault(refused)

    def _leave_command(self, guest: Guest) -> None:
        output = bytes(guest.output or b"")
        if guest.message.request is None:
            for line in output.splitlines():
                guest.log("info", line.decode(errors="replace"))
            return
        try:
            body: Body = ("text", output.decode())
        except UnicodeDecodeError:
            body = ("bytes", output)
        refused = self._reply(guest, body)
        if isinstance(refused, Err):
            raise _fault(refused)


def command_line(name: str, config: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Arguments and environment of a command, from its configuration `{"args", "env"}`."""
    settings = json.loads(config)
    args = settings.get("args") if isinstance(settings, dict) else None
    env = settings.get("env") if isinstance(settings, dict) else None
    texts = [name, *map(str, args if isinstance(args, list) else [])]
    pairs = sorted(env.items()) if isinstance(env, dict) else []
    return texts, [(key, str(value)) for key, value in pairs]


def _fault(error: Err) -> GuestFault:
    """The guest's own words, as far as a record should hold them."""
    code, detail = error.payload
    if not is_name(code):
        code, detail = faults.FAILED, f"{code[:MAX_DETAIL]}: {detail}"
    return GuestFault(code, detail if len(detail) <= MAX_DETAIL else detail[:MAX_DETAIL] + "...")
