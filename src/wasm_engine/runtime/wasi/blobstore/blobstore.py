"""wasi:blobstore/blobstore: containers by name, and objects that go from one place to another."""

from __future__ import annotations

from typing import Any

from wasm_engine.concepts.blobs import no_container, wrong_name
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.runtime.wasi.blobstore.asking import Place, look, turn
from wasm_engine.runtime.wasi.blobstore.container import Container


def create_container(guest: Caller, name: str) -> Any:
    """A new empty container that the agent was granted."""

    def made(_guest: Any, failed: Err | None) -> Container | Err:
        return failed or Container(name)

    return turn(guest, "create", name, guest.world.time, writes=[(name, "")], then=made)


def get_container(guest: Caller, name: str) -> Any:
    """A container that is there, and that the agent was granted."""
    created = look(guest, name, lambda store: store.created(name))
    if isinstance(created, Err):
        return created
    return no_container(name) if created is None else Container(name)


def delete_container(guest: Caller, name: str) -> Any:
    """Takes a container away with all that is in it."""
    return turn(guest, "drop", name, writes=[(name, "")])


def container_exists(guest: Caller, name: str) -> Any:
    """Whether there is such a container."""
    created = look(guest, name, lambda store: store.created(name))
    return created if isinstance(created, Err) else created is not None


def copy_object(guest: Caller, source: Place, target: Place) -> Any:
    """Puts an object's bytes in another place, too."""
    return _pass_on(guest, "copy", source, target)


def move_object(guest: Caller, source: Place, target: Place) -> Any:
    """Puts an object in another place."""
    return _pass_on(guest, "move", source, target)


def _pass_on(guest: Caller, operation: str, source: Place, target: Place) -> Any:
    wrong = wrong_name(target[1])
    if wrong is not None:
        return wrong
    writes = [target] if operation == "copy" else [source, target]
    time = guest.world.time
    return turn(guest, operation, *source, *target, time, reads=[source], writes=writes)


_NAME = "wasi:blobstore/blobstore#"
FUNCTIONS = (
    HostFunction(_NAME + "create-container", create_container, suspends=True),
    HostFunction(_NAME + "get-container", get_container),
    HostFunction(_NAME + "delete-container", delete_container, suspends=True),
    HostFunction(_NAME + "container-exists", container_exists),
    HostFunction(_NAME + "copy-object", copy_object, suspends=True),
    HostFunction(_NAME + "move-object", move_object, suspends=True),
)
