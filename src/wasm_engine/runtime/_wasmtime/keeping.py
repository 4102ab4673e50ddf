"""Whether instances of a component can be kept: captured, made again elsewhere, taken back.

Found when the component is rewritten, which is when it is compiled; it stays with the code.
"""

from __future__ import annotations

import json
from typing import Final, NamedTuple

SIZE: Final = 4096
"""Bytes of a note."""
ADDED: Final = "we-"
"""Begins the names of the root exports that are added to a component."""
_MAX_REASON = 400


class Keeping(NamedTuple):
    """What can be done with a component's instances.

    Attributes:
        capture: Why an instance cannot be captured and made again elsewhere; "" if it can.
        rollback: Why an instance cannot be taken back to what it was; "" if it can.
        slots: How many slots the mutable globals of each core instance have that has any.
        surplus: Fuel that beginning an instance takes beyond what its guest is charged for.
    """

    capture: str
    rollback: str
    slots: tuple[int, ...] = ()
    surplus: int = 0

    @classmethod
    def impossible(cls, reason: str, surplus: int) -> Keeping:
        """Nothing can be done, for one reason."""
        return cls(reason, reason, (), surplus)

    @property
    def rewritten(self) -> bool:
        """Whether the compiled code has the exports that `rewrite` adds."""
        return not (self.capture and self.rollback)

    def noted(self) -> bytes:
        """A note of SIZE bytes that says the same."""
        reasons = [self.capture[:_MAX_REASON], self.rollback[:_MAX_REASON]]
        plain = [*reasons, self.slots, self.surplus]
        return json.dumps(plain).encode().ljust(SIZE)


def read_note(note: bytes | str) -> Keeping:
    """What a note says."""
    capture, rollback, slots, surplus = json.loads(note)
    return Keeping(capture, rollback, tuple(slots), surplus)
