"""Runs a command component (wasi:cli/run) once, outside of any world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from wasm_engine.agents.contract import COMMAND
from wasm_engine.concepts.errors import BadComponent, GuestFailure, LimitExceeded
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.message import Message
from wasm_engine.concepts.segment import Wait
from wasm_engine.concepts.web_terms import HttpTerms
from wasm_engine.runtime.component import Component, bare, link
from wasm_engine.runtime.entropy import Entropy
from wasm_engine.runtime.guest import Guest
from wasm_engine.runtime.instance import SLICED, Finished, Instance, Limits
from wasm_engine.runtime.wasi import GuestExit, WasiState

SLICE = 10_000_000
MAX_OUTPUT = 64 << 20
"""Bytes that a program may print."""

_MESSAGE = Message(0, "operator", "run", ("text", ""), [], None)


class Bounds(NamedTuple):
    """What a command may use: guest work, host work, bytes of linear memory."""

    fuel: int = 200_000_000_000
    work: int = 50_000_000_000
    memory: int = 1 << 30


class Ended(NamedTuple):
    """How a command ended.

    Attributes:
        status: Its exit status; 134 where it failed rather than ended.
        stdout, stderr: What it printed.
        failure: Why it failed, or an empty string.
    """

    status: int
    stdout: bytes
    stderr: bytes
    failure: str


class _Alone:
    """The agent and the world of a program that has neither: its own clock, and nobody else."""

    config = "{}"
    http = HttpTerms((), 1, 0)
    guard = None
    services: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, time: int) -> None:
        self.time = time

    def next_ordinal(self) -> int:
        """Nothing else has a number here."""
        return 1

    def may_use(self, kind: str, name: str) -> bool:
        """There is no manifest that would let it."""
        del kind, name
        return False


class _Program(Guest):
    """A guest whose output is kept as it is."""

    __slots__ = ("printed",)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.printed = {"stdout": bytearray(), "stderr": bytearray()}

    def print(self, stream: str, data: bytes) -> None:
        """Keeps it."""
        printed = self.printed[stream]
        if len(printed) + len(data) > MAX_OUTPUT:
            code = "output"
            raise LimitExceeded(code, f"more than {MAX_OUTPUT} bytes")
        printed += data


def run_command(
    component: Component,
    functions: Mapping[str, HostFunction],
    wasi: Callable[[], WasiState],
    *,
    label: str,
    seed: int,
    epoch: int,
    bounds: Bounds = Bounds(),  # noqa: B008 (it never changes)
) -> Ended:
    """Runs a command to its end.

    Args:
        component: What to run.
        functions: Host functions by name.
        wasi: Makes what it is given: arguments, environment, input, files.
        label: How to call it in a message.
        seed: Of its entropy.
        epoch: What its clock begins with (ns); it sleeps by moving that clock.
        bounds: What it may use.

    Raises:
        BadComponent: It is no command, or wants what nobody has.
        HostFault: The machine failed.
    """
    if COMMAND not in map(bare, component.exports):
        message = f"{label} is no command: it does not export {COMMAND}"
        raise BadComponent(message, hint="component show FILE lists what it offers")
    linked = link(component, functions, label)
    entropy = Entropy("command", seed)
    guest = _Program(config="{}", epoch=epoch, entropy=entropy, work=bounds.work, wasi=wasi())
    alone: Any = _Alone(epoch)
    status, failure = 0, ""
    instance: Instance | None = None
    try:
        instance = linked.instantiate(guest, Limits(bounds.fuel, bounds.memory, SLICE))
        guest.begin(alone, alone, _MESSAGE, entropy, work=bounds.work, reading=epoch)
        instance.begin(COMMAND, "run", ())
        status = _to_the_end(instance, guest, alone)
    except GuestExit as end:
        status = end.status
    except GuestFailure as error:
        status, failure = 134, str(error)
    finally:
        if instance is not None:
            instance.close()
    printed = guest.printed
    return Ended(status, bytes(printed["stdout"]), bytes(printed["stderr"]), failure)


def _to_the_end(instance: Instance, guest: Guest, alone: _Alone) -> int:
    while True:
        outcome = instance.poll()
        # Nobody records them, neither the calls nor what was answered to each.
        guest.calls.clear()
        guest.told.clear()
        if isinstance(outcome, Finished):
            return 1 if isinstance(outcome.value, Err) else 0
        if outcome is SLICED:
            continue
        sleep = guest.suspension
        guest.suspension = None
        if not isinstance(sleep, Wait) or sleep.deadline is None or sleep.answer is None:
            code = "unavailable"
            raise GuestFailure(code, "a command outside of a world has nobody to wait for")
        alone.time = max(alone.time, guest.reading, sleep.deadline)
        instance.resume(sleep.answer(guest))
