"""What a world has besides agents, and agents share: stores. Changed by turn calls alone."""

from __future__ import annotations

from typing import Any, Protocol

from wasm_engine.concepts.hostcall import Err


class Service(Protocol):
    """Something that all agents of a world share, such as its key-value store.

    Host functions may look at it while agents run (they see it as of the step's start, for nobody
    changes it then); what changes it, or depends on who else does, is a turn call named
    `service.operation`, which the scheduler executes at the step's end, in canonical order.

    Everything that it answers follows from the turn calls that came before, and from nothing else.
    """

    def execute(self, agent: Any, operation: str, arguments: tuple[Any, ...]) -> Any | Err:
        """Executes a turn call.

        Args:
            agent: Who calls: a `concepts.caller.AgentView`.
            operation: What is to be done, without the service's name.
            arguments: Plain values.

        Returns:
            What the guest gets: plain values (see `concepts.hostcall`), or an `Err`.
        """

    def freeze(self) -> Any:
        """All of it as plain canonical values, for a checkpoint."""

    def thaw(self, frozen: Any) -> None:
        """Becomes what was frozen; whatever it held is gone.

        Raises:
            ValueError, TypeError, LookupError: Nobody froze that.
        """
