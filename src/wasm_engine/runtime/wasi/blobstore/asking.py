"""How an operation on containers is carried out: a look as of the step's start, or a turn call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wasm_engine.concepts import cost
from wasm_engine.concepts.blobs import refused
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.segment import Turn

SERVICE = "blobstore"
DENIED = "access-denied"

Then = Callable[[Any, Any], Any]
Place = tuple[str, str]
"""Container and object; an empty name for the container as a whole."""


def denied(
    guest: Caller, container: str, *, to_write: bool, objects: Sequence[str] = ("",)
) -> Err | None:
    """Why the manifest, or the policy in force, does not let the agent; else None."""
    agent = guest.agent
    granted = agent.may_use("blobstore", container) or (
        not to_write and agent.may_use("blobstore-read", container)
    )
    action = f"{SERVICE}.{'write' if to_write else 'read'}"
    if granted and all(
        guest.authorize(action, container, {"object": name}) is None for name in objects
    ):
        return None
    return refused(DENIED, container)


def look(guest: Caller, container: str, find: Callable[[Any], Any], name: str = "") -> Any:
    """What a container shows, as of the step's start, or the refusal.

    Args:
        guest: Who looks.
        container: The container's name.
        find: Finds it in a `concepts.blobs.Containers`: a plain value.
        name: The object that is looked at; empty for all.
    """

    def found() -> Any:
        no = denied(guest, container, to_write=False, objects=[name])
        return find(guest.world.services[SERVICE]) if no is None else no

    answer = guest.given(found)
    if not isinstance(answer, Err):
        guest.reads(f"{SERVICE}:{container}")
    return answer


def allowed(guest: Caller, reads: Sequence[Place], writes: Sequence[Place]) -> Err | None:
    """Whether an agent may read from places and write into others; and notes that it does."""

    def refusal() -> Err | None:
        for places, to_write in ((reads, False), (writes, True)):
            for container, names in _by_container(places).items():
                no = denied(guest, container, to_write=to_write, objects=names)
                if no is not None:
                    return no
        return None

    refused_for: Err | None = guest.given(refusal)
    if refused_for is None:
        for container in _by_container(reads):
            guest.reads(f"{SERVICE}:{container}")
        for container in _by_container(writes):
            guest.writes(f"{SERVICE}:{container}")
    return refused_for


def _by_container(places: Sequence[Place]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for container, name in places:
        found.setdefault(container, []).append(name)
    return found


def turn(
    guest: Caller,
    operation: str,
    *arguments: Any,
    reads: Sequence[Place] = (),
    writes: Sequence[Place] = (),
    size: int = 0,
    then: Then | None = None,
) -> Any:
    """Parks the guest until an operation was executed, if it may; for a host function to return.

    Args:
        guest: Who asks.
        operation: One of `concepts.blobs`.
        arguments: Its arguments.
        reads: What it reads.
        writes: What it changes.
        size: Bytes that it puts.
        then: Makes of the plain answer what the guest gets.
    """
    no = allowed(guest, reads, writes)
    if no is not None:
        return no
    guest.charge(cost.STATE_WRITE + size * cost.STATE_BYTE)
    return guest.suspend(Turn(f"{SERVICE}.{operation}", *arguments, answer=then))
