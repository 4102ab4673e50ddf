"""What a host function is to the rest of the package: a name, a callable, a price.

Values cross the boundary in one plain shape, always tagged, whatever the WIT type:

    bool int float str       themselves (a char is a str of length 1)
    list<u8>                 bytes
    list<T>                  list; where the function is `packed`, bytes of a list of numbers
    record, tuple            tuple, in the order of the fields
    variant                  (case, payload); payload None where the case has none
    enum                     str
    flags                    frozenset[str]
    option<T>                None or the value; (value,) where the value itself may be None
    result<T, E>             the value, or Err(payload); (value,) where the value may be an Err
    own<R>, borrow<R>        the host object behind the handle (host resources)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct


class Err:
    """The error case of a `result`: `Err(payload)`. Anything else is the ok case."""

    __slots__ = ("payload",)
    __match_args__ = ("payload",)

    def __init__(self, payload: Any = None) -> None:
        self.payload = payload

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Err) and self.payload == other.payload

    def __hash__(self) -> int:
        return hash((Err, self.payload))

    def __repr__(self) -> str:
        return f"Err({self.payload!r})"


class _Suspend:
    """Type of SUSPEND."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "SUSPEND"


SUSPEND: Final = _Suspend()
"""Returned by a suspending host function: the answer comes later, the fiber is parked till then."""


class HostFunction(Struct, frozen=True):
    """One function that guests may import.

    Attributes:
        name: `interface#function`, without version: `wasi:io/poll#poll`,
            `wasi:io/streams#[method]input-stream.read`.
        call: `call(guest, *arguments) -> value | Err | SUSPEND`. `guest` is the activation
            that called; it must not block, and only lifts, enqueues or answers from memory.
        suspends: Whether it may return SUSPEND.
        in_init: Whether it may be called while an instance is initialised.
        touches: Whether it may change what the host keeps for the instance between messages.
        shared: Whether others decide its answer, so that the call log keeps it. Not for what
            parks the guest with a `Wait` that has an `answer`.
        begins: Whether it is `shared` and answers the number of an effect that it began.
        packed: Whether lists of numbers and of truth values cross as bytes, little-endian, a byte
            for a truth value; they are priced as so many bytes of a `list<u8>`.
    """

    name: str
    call: Callable[..., Any]
    suspends: bool = False
    in_init: bool = False
    touches: bool = False
    shared: bool = False
    begins: bool = False
    packed: bool = False
