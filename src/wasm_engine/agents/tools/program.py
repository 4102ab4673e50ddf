"""A tool, ready to be called by somebody with a certain authority."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wasm_engine.agents.contract import check_imports
from wasm_engine.agents.manifest import Tool
from wasm_engine.agents.pristine import Pristine
from wasm_engine.agents.program import INIT_FUEL, SLICE
from wasm_engine.agents.tools.authority import Authority
from wasm_engine.agents.tools.commands import interface_of
from wasm_engine.agents.tools.guest import ToolGuest
from wasm_engine.agents.tools.submitted import OF_AGENTS
from wasm_engine.concepts.errors import BadComponent, GuestFailure
from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.runtime.component import Component, bare, link
from wasm_engine.runtime.instance import Instance, Limits
from wasm_engine.runtime.wasi import WasiState


class ToolProgram:
    """A tool and what it may do: makes instances, each as if it were the first.

    Args:
        tool: The tool as its manifest says.
        component: What it runs.
        functions: Every host function that it may import, by name.
        authority: What it may do.
        wasi: Makes the WASI state of a new instance.
        epoch: Where the world's clock begins (ns).

    Attributes:
        begin_fuel, begin_work: What an instance costs before it is called; known once there was
            one, and the same for all of them.
        sources: What instances read from as they begin; known from then on, too.
        acts: Whether the host has to do with it as it runs: it calls it, or is a command; most that
            only compute import nothing.

    Raises:
        BadComponent: It wants what nobody has, or what only agents have.
    """

    def __init__(
        self,
        tool: Tool,
        component: Component,
        functions: Mapping[str, HostFunction],
        authority: Authority,
        wasi: Callable[[], WasiState],
        epoch: int,
    ) -> None:
        self.tool = tool
        self.component = component
        self.authority = authority
        self.acts = bool(component.imports) or bool(interface_of(component))
        self.begin_fuel = self.begin_work = 0
        self.sources: dict[str, None] = {}
        label = label_of(tool)
        check_imports(component, label)
        if not tool.language:
            _refuse_mail(component, label)
        self._wasi, self._epoch = wasi, epoch
        self._hopeless: GuestFailure | None = None
        self._limits = Limits(min(tool.fuel, INIT_FUEL), authority.memory, SLICE)
        self._linked = link(component, functions, label)
        self._pristine = Pristine(
            self._linked, self._limits, self._guest, self._instantiate, returning=True
        )

    def take(self) -> Instance:
        """An instance as it is before its first call.

        Raises:
            GuestFailure: It fails as it begins.
            HostFault: The machine could not give what the limits promise.
        """
        if self._hopeless is not None:
            raise self._hopeless.with_traceback(None)
        try:
            return self._pristine.take()
        except GuestFailure as failure:
            self._hopeless = failure
            raise

    def release(self, instance: Instance) -> None:
        """Takes back an instance whose call has ended well."""
        self._pristine.release(instance)

    def try_out(self) -> None:
        """Makes an instance and drops it.

        Raises:
            BadComponent: It fails as it begins; says how.
        """
        try:
            self.take().close()
        except GuestFailure as failure:
            message = f"{label_of(self.tool)} fails as it begins: {failure}"
            raise BadComponent(message) from None

    def _guest(self) -> ToolGuest:
        tool = self.tool
        return ToolGuest(
            config=tool.config,
            epoch=self._epoch,
            work=tool.work,
            wasi=self._wasi(),
            digest=self.component.digest,
        )

    def _instantiate(self) -> tuple[Instance, int]:
        guest = self._guest()
        instance = self._linked.instantiate(guest, self._limits)
        self.sources.update(guest.sources)
        self.begin_fuel = self._limits.fuel - instance.fuel
        self.begin_work = self.tool.work - guest.work
        return instance, max(self.begin_fuel, self.begin_work)


def label_of(tool: Tool) -> str:
    """How to call a tool in a message."""
    return f"the tool {tool.name} ({tool.component or tool.language})"


def _refuse_mail(component: Component, label: str) -> None:
    for name in component.imports:
        interface = bare(name)
        if interface in OF_AGENTS:
            raise BadComponent(
                f"{label} wants {interface}: a tool has no address, no mailbox and no memory",
                hint="make it an agent, with a table [agents.NAME]",
            )


def described(failure: GuestFailure) -> str:
    """A failure of a tool for its caller: a stable code, and no text of a library."""
    detail: Any = failure.detail if failure.said_by_guest or failure.code == "exit" else ""
    return f"{failure.code}: {detail}" if detail else failure.code
