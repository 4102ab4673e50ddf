"""Who watches an operation: is told what goes on, may stop it, is asked what a person must say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol, runtime_checkable

from wasm_engine.concepts.effect import Issued


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


@runtime_checkable
class Listener(Protocol):
    """An observer that also hears language models while they answer.

    What it hears is not in the run, and nothing depends on it: the whole answer is.
    """

    def hears(self, agent: str, model: str, piece: str) -> None:
        """A piece of an answer, as it comes; in whatever thread, several at once."""


def hearing(listener: Listener) -> Callable[[Issued, str], None]:
    """What tells a listener whose answer it is."""
    return lambda issued, piece: listener.hears(issued.agent, issued.arguments[0], piece)


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
