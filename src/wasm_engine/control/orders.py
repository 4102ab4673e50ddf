"""What an operator asks for, as values."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, TypeAlias

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.message import Body
from wasm_engine.concepts.names import is_name
from wasm_engine.control.moment import Moment

MAX_BODY = 1 << 20
"""Bytes of a message's body, as for agents."""
MAX_SEED = 2**63 - 1
"""The greatest seed, and number of steps."""
MAX_WORKERS = 256
"""Threads of a run."""


def whole(what: str, value: object, low: int, high: int = MAX_SEED) -> None:
    """Lets a whole number pass.

    Raises:
        Misuse: It is none, or not from `low` to `high`.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Misuse(f"{what} must be a whole number from {low} to {high}, not {value!r}")


class Rehearsal(NamedTuple):
    """A world, and a run whose answers of language models are given in place of the world's own.

    Attributes:
        manifest: The world's `world.toml`.
        cassette: The run; None: nothing is in the place of anything.
    """

    manifest: str | Path
    cassette: str | Path | None = None


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

    def checked(self) -> Pace:
        """Itself, if it is one.

        Raises:
            Misuse: A number is out of range, or the time is no `Moment`.
        """
        whole("workers", self.workers, 1, MAX_WORKERS)
        if self.max_steps is not None:
            whole("max_steps", self.max_steps, 1)
        if not isinstance(self.until, Moment | None):
            raise Misuse(
                f"until must be a Moment, such as Moment.parse('+10m'), not {self.until!r}"
            )
        return self
