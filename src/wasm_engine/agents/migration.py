"""`wasm-engine:migration@0.1.0`: a component turns what agents of another one kept into its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wasm_engine.concepts.errors import Bug, GuestFault
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.segment import (
    KEY_BYTES,
    MAX_KEY_BYTES,
    MAX_STATE_BYTES,
    MAX_VALUE_BYTES,
    Segment,
    Value,
    state_size,
)
from wasm_engine.runtime.component import Component, bare
from wasm_engine.runtime.instance import SLICED, Finished, Instance
from wasm_engine.runtime.wit import U8, Bool, FuncType, List, Result, String, Tuple, Variant

PACKAGE = "wasm-engine:migration"
VERSION = "0.1.0"
MIGRATION = f"{PACKAGE}/migration"

_ENTRIES = List(Tuple((String(), Variant((("text", String()), ("bytes", List(U8())))))))
EXPORTS: Mapping[str, FuncType] = {
    "offered": FuncType((), Bool()),
    "migrate": FuncType((("origin", String()), ("entries", _ENTRIES)), Result(_ENTRIES, String())),
}
"""What the interface `migration` looks like."""

MISFIT = "bad-state"
"""Code of a migration whose answer is no state that an agent may have."""
REFUSED = "migration"
"""Code of one that the component itself refuses."""

Entries = list[tuple[str, Value]]


def is_exported(component: Component) -> bool:
    """Whether a component says how to migrate, or that it does not."""
    return any(bare(name) == MIGRATION for name in component.exports)


def run(instance: Instance, origin: str, entries: Entries) -> Entries | None:
    """Lets a pristine instance migrate a state.

    Args:
        instance: The instance; its guest stands as while it is initialised.
        origin: Digest of what wrote the entries, hexadecimal.
        entries: What an agent keeps, in the order of the keys.

    Returns:
        What it is to keep; None where the component migrates nothing.

    Raises:
        GuestFailure: It failed, refused, or answered what cannot be kept.
    """
    if not _to_the_end(instance, "offered", ()):
        return None
    tagged = [(key, ("text" if isinstance(v, str) else "bytes", v)) for key, v in entries]
    answer = _to_the_end(instance, "migrate", (origin, tagged))
    if isinstance(answer, Err):
        raise GuestFault(REFUSED, str(answer.payload))
    return checked([(key, value) for key, (_, value) in answer])


def checked(entries: Sequence[tuple[Any, Any]]) -> Entries:
    """The entries in the order of their keys, if they are a state that an agent may have.

    Raises:
        GuestFault: They are none.
    """
    found: dict[str, Value] = {}
    room = MAX_STATE_BYTES
    for key, value in entries:
        if not isinstance(key, str) or not isinstance(value, str | bytes):
            raise GuestFault(MISFIT, "an entry that is none")
        if key in found:
            raise GuestFault(MISFIT, f"the key {key!r} twice")
        size, own = state_size(key, value), len(key.encode())
        if own > MAX_KEY_BYTES or size - own - KEY_BYTES > MAX_VALUE_BYTES:
            raise GuestFault(MISFIT, f"the key {key[:64]!r}: too large")
        room -= size
        found[key] = value
    if room < 0:
        raise GuestFault(MISFIT, f"more than {MAX_STATE_BYTES} bytes")
    return sorted(found.items())


def difference(before: Mapping[str, Value], after: Entries) -> Segment:
    """What is to be written so that one state becomes the other."""
    now = dict(after)
    writes: dict[str, Value | None] = {key: None for key in sorted(before) if key not in now}
    writes.update((key, value) for key, value in after if before.get(key) != value)
    grown = sum(
        state_size(key, value) - state_size(key, before.get(key)) for key, value in writes.items()
    )
    return Segment(writes=writes, grown=grown)


def _to_the_end(instance: Instance, function: str, arguments: tuple[Any, ...]) -> Any:
    outcome = instance.call(MIGRATION, function, arguments)
    while outcome is SLICED:
        outcome = instance.poll()
    if not isinstance(outcome, Finished):
        message = "an instance was parked while it migrated a state"
        raise Bug(message)
    return outcome.value
