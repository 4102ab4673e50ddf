"""What a kind of agent runs that calls tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wasm_engine.agents.program import SLICE, Program
from wasm_engine.agents.tools.linking import Link
from wasm_engine.agents.tools.program import ToolProgram
from wasm_engine.agents.tools.stack import Stack
from wasm_engine.runtime.instance import Instance


class CallingProgram(Program):
    """The same as `Program`; its instances are each a `Stack`.

    Attributes:
        tools: The tools that it can come to call, itself or through others.
        links: Its imports that tools stand in for.
    """

    tools: Sequence[ToolProgram] = ()
    links: Sequence[Link] = ()

    def instantiate(self) -> Any:
        """An instance in its pristine state; see `Program.instantiate`."""
        return Stack(super().instantiate())

    def release(self, instance: Any) -> None:
        """Takes back an instance whose message has ended well."""
        super().release(instance.base)

    def capture(self, instance: Any) -> bytes | None:
        """All that an instance is, at rest; None where that cannot be said."""
        return super().capture(instance.base)

    def restore(self, data: bytes) -> Any:
        """An instance that is what the captured one was."""
        return Stack(self._restored(data))

    def _restored(self, data: bytes) -> Instance:
        return super().restore(data)

    def is_past(self, spent: int, slices: int, fuel: int) -> bool:
        """As `Program.is_past`: a slice ends with each tool, too, so that fuel tells more."""
        del slices
        return fuel >= spent - SLICE // 2

    def try_out(self) -> None:
        """Makes an instance of it, and of each tool, and drops them."""
        super().try_out()
        for tool in self.tools:
            tool.try_out()
