"""What an operator asks for, as values."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.message import Body
from wasm_engine.concepts.names import is_name
from wasm_engine.control.moment import Moment

MAX_BODY = 1 << 20
"""Bytes of a message's body, as for agents."""


class Outside(NamedTuple):
    """A message from outside: to whom, about what, and its text or bytes."""

    to: str
    topic: str
    body: str | bytes

    def checked(self) -> Outside:
        """Itself, if it may be sent.

        Raises:
            Misuse: The address or topic is none, or the body is too large or no Unicode text.
        """
        for what, name in (("an address", self.to), ("a topic", self.topic)):
            if not is_name(name):
                raise Misuse(
                    f"{name!r} is not {what}: small letters, digits and . _ - in parts divided by /"
                )
        try:
            size = len(self.body if isinstance(self.body, bytes) else self.body.encode())
        except UnicodeEncodeError:
            raise Misuse(f"the body for {self.to!r} is not Unicode text") from None
        if size > MAX_BODY:
            raise Misuse(f"the body for {self.to!r} has {size} bytes; at most {MAX_BODY} may be")
        return self

    def content(self) -> Body:
        """The body as messages carry it."""
        return ("bytes", self.body) if isinstance(self.body, bytes) else ("text", self.body)


Message: TypeAlias = Outside | tuple[str, str, str | bytes]
"""A message from outside, or its three parts."""


class Pace(NamedTuple):
    """How far a run goes, and how wide.

    Attributes:
        workers: Threads for a step's activations. The history is the same for every number.
        max_steps: Steps after which to stop, or None.
        until: World time that no step may pass, or None.
    """

    workers: int = 1
    max_steps: int | None = None
    until: Moment | None = None
