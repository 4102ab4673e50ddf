"""Who watches an operation: is told what goes on, may stop it, is asked what a person must say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol


class Observer(Protocol):
    """What the operator's functions tell, and ask, while they work."""

    def note(self, text: str) -> None:
        """Something that takes a while begins, or happened: one line of prose."""

    def at_step(self, step: int, messages: int) -> None:
        """A step was committed; `messages` were accepted so far."""

    def stop_asked(self) -> bool:
        """Whether to stop after the step that was just committed."""

    def allows(self, grants: Sequence[str]) -> bool:
        """Whether a person, asked now, gives these grants for this time."""


class Unobserved:
    """Nobody watches: says nothing, never stops it, gives nothing."""

    def note(self, text: str) -> None:
        """Goes nowhere."""

    def at_step(self, step: int, messages: int) -> None:
        """Goes nowhere."""

    def stop_asked(self) -> bool:
        """Never."""
        return False

    def allows(self, grants: Sequence[str]) -> bool:  # noqa: ARG002 (whatever they are)
        """Never."""
        return False


UNOBSERVED: Final = Unobserved()
