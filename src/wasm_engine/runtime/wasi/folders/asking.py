"""How an operation on a shared folder is carried out: a look as of the step's start, or a turn.

granted, and let by the policy in force?  else `read-only`, or `access`
changes nothing                           answered at once, as of the step's start
changes something, or opens to do so      a turn call, answered in the next step
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wasm_engine.concepts import cost
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.segment import Turn
from wasm_engine.runtime.wasi.tree.errors import FsError

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.folders.folder import Folder

SERVICE = "files"
GRANT = "mount-write"
DENIED = "access"
"""What the policy refuses, as a file system says it; and what is asked before there is an agent."""

Then = Callable[[Any, Any], Any]
"""Makes of the plain answer, or of the refusal, what the guest gets."""


def look(guest: Any, mount: str, find: Callable[[Folder], Any]) -> Any:
    """What a folder shows, as of the step's start.

    Args:
        guest: Who looks.
        mount: The folder's name.
        find: Finds it in the folder: a plain value.

    Raises:
        FsError: It is not there, or may not be looked at.
    """
    if guest.in_init:
        raise FsError(DENIED)

    def found() -> Any:
        if guest.authorize("mount.read", mount) is not None:
            return Err(DENIED)
        try:
            return find(guest.world.services[SERVICE].folder(mount))
        except FsError as error:
            return Err(error.code)

    answer = guest.given(found)
    refused = isinstance(answer, Err)
    if not refused or answer.payload != DENIED:
        guest.reads(f"mount:{mount}")  # that something is not there is in it, too
    if refused:
        raise FsError(answer.payload)
    return answer


def turn(
    guest: Any,
    mount: str,
    operation: str,
    *arguments: Any,
    size: int = 0,
    learns: bool = True,
    then: Then | None = None,
) -> Any:
    """Parks the guest until an operation was executed, if it may; for a host function to return.

    Args:
        guest: Who asks.
        mount: The folder's name.
        operation: One of `Folder`'s.
        arguments: Its arguments; world time is added to them.
        size: Bytes that are written.
        learns: Whether how it ends says something of what is in the folder.
        then: Makes of the plain answer what the guest gets.

    Raises:
        FsError: It may not.
    """
    if guest.in_init:
        raise FsError(DENIED)

    def refusal() -> Err | None:
        if not guest.agent.may_use(GRANT, mount):
            return Err("read-only")
        return None if guest.authorize("mount.write", mount) is None else Err(DENIED)

    refused = guest.given(refusal)
    if refused is not None:
        raise FsError(refused.payload)
    source = f"mount:{mount}"
    if learns:
        guest.reads(source)
    guest.writes(source)
    guest.charge(cost.STATE_WRITE + size * cost.STATE_BYTE)
    call = f"{SERVICE}.{operation}"
    return guest.suspend(Turn(call, mount, *arguments, guest.world.time, answer=then))
