"""Stores of large objects: what can be asked of one, within what bounds, and how it answers.

Containers hold objects by name. Asked by name of the operation, with plain values:

    created      container              when it was made (ns of world time), or None
    read         container, object,     (when it was put, the bytes), or the refusal; both ends
                 first, last            inclusive
    info         container, object      (when it was put, its size), or the refusal
    names        container              the names of its objects, in order
    create       container, time        None
    drop         container              None
    put          [(container, object)], None; the same bytes in each place
                 bytes, time
    delete       container, names       None
    clear        container              None
    copy, move   container, object,     None
                 container, object, time
"""

from __future__ import annotations

from typing import Final, Protocol

from wasm_engine.concepts import faults
from wasm_engine.concepts.hostcall import Err

MAX_NAME_BYTES: Final = 1024
"""Of an object."""
MAX_OBJECT_BYTES: Final = 32 << 20
MAX_NAMES: Final = 1_000
"""Names of one call."""
OBJECT_BYTES: Final = 128
"""What an object counts beside its name and bytes."""
NS: Final = 10**9
NO_SUCH_CONTAINER: Final = "no-such-container"
NO_SUCH_OBJECT: Final = "no-such-object"


class Containers(Protocol):
    """What a guest may look at, as of the step's start."""

    def created(self, container: str) -> int | None:
        """When a container was made, or None."""

    def info(self, container: str, name: str) -> tuple[int, int] | Err:
        """When an object was put, and its size."""

    def names(self, container: str) -> list[str] | Err:
        """The names of a container's objects, in order."""

    def read(self, container: str, name: str, first: int, last: int) -> bytes | Err:
        """Bytes of an object, both ends inclusive, as far as there are any."""


def refused(code: str, detail: str) -> Err:
    """The interface's error is text: one of our codes, and what it is about."""
    return Err(f"{code}: {detail}")


def no_container(name: str) -> Err:
    """There is no container of that name."""
    return refused(NO_SUCH_CONTAINER, name)


def no_object(name: str) -> Err:
    """There is no object of that name."""
    return refused(NO_SUCH_OBJECT, name)


def wrong_name(name: str) -> Err | None:
    """Why an object cannot have a name."""
    if 0 < len(name.encode()) <= MAX_NAME_BYTES:
        return None
    return refused(faults.INVALID_NAME, f"an object's name has 1 to {MAX_NAME_BYTES} bytes")
