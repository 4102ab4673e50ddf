"""How much the host holds behind the handles of one instance, beside its files."""

from __future__ import annotations

from wasm_engine.concepts.errors import LimitExceeded

MAX_HELD = 64 << 20
"""Bytes of requests, responses and listings that one instance may hold at a time."""


class Room:
    """Counts what one instance holds. Each byte has one holder, which gives it back when dropped.

    Attributes:
        held: Bytes that are held.
    """

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held = 0

    def has(self, count: int) -> bool:
        """Whether so many bytes more may be held."""
        return self.held + count <= MAX_HELD

    def take(self, count: int) -> None:
        """Counts bytes that are held from now on.

        Raises:
            LimitExceeded: They are too many.
        """
        if not self.has(count):
            code = "held-bytes"
            raise LimitExceeded(code, f"more than {MAX_HELD} bytes behind handles")
        self.held += count

    def give_back(self, count: int) -> None:
        """Counts bytes that are held no longer."""
        self.held -= count
