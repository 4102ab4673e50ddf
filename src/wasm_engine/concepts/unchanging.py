"""What a world has by name that never changes: nothing to execute, nothing for a checkpoint."""

from __future__ import annotations

from typing import Any


class Unchanging:
    """A service of a world, all of which follows from what the world is made of."""

    def execute(self, agent: Any, operation: str, arguments: tuple[Any, ...]) -> Any:
        """Nobody can ask for anything.

        Raises:
            LookupError: Always.
        """
        del agent, arguments
        raise LookupError(operation)

    def freeze(self) -> None:
        """All of it is known without."""

    def thaw(self, frozen: Any) -> None:
        """It is as it was.

        Raises:
            ValueError: Nobody froze that.
        """
        if frozen is not None:
            message = f"{type(self).__name__.lower()} hold nothing that changes"
            raise ValueError(message)
