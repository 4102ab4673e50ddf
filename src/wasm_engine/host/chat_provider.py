"""What answers in place of a language model, or is one: the same to whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from wasm_engine.concepts.chat import Answer, Question
from wasm_engine.concepts.effect import Issued
from wasm_engine.concepts.hostcall import Err
from wasm_engine.host.outside import Cancellation

Hears: TypeAlias = Callable[[str], None]
"""Told each piece of an answer as it comes; in whatever thread."""


def nobody_hears(_piece: str) -> None:
    """Goes nowhere."""


class Provider(Protocol):
    """A language model somewhere, or what stands in its place."""

    def answer(
        self, question: Question, issued: Issued, cancellation: Cancellation, hears: Hears
    ) -> Answer | Err:
        """Answers, and takes its time; any number of threads may ask at once.

        Args:
            question: What is asked.
            issued: The effect that asks it.
            cancellation: Whether somebody still wants to know.
            hears: Told each piece of the answer's text as it comes.

        Returns:
            The answer; or the fault for the guest, in words that are the same everywhere.

        Raises:
            HostFault, Refused: This machine failed, or cannot do it.
        """

    def close(self) -> None:
        """Nobody asks any more."""
