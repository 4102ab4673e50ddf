"""What is known of a node besides its contents: kind, links, size, times."""

from __future__ import annotations

from wasm_engine.runtime.wasi.clocks import SECOND, Datetime, datetime_of
from wasm_engine.runtime.wasi.filesystem.answers import fail
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.tree.nodes import Node

NewTimestamp = tuple[str, Datetime | None]
"""`no-change`, `now`, or `timestamp` with the time."""
Stat = tuple[str, int, int, Datetime, Datetime, Datetime]
"""Type, links, size, and the times of access, modification and status change."""


def stat_of(node: Node) -> Stat:
    """What is known of a node."""
    times = (datetime_of(node.accessed), datetime_of(node.modified), datetime_of(node.changed))
    return (node.kind, node.links, node.size, *times)


def change_times(
    guest: WasiGuest, node: Node, accessed: NewTimestamp, modified: NewTimestamp
) -> None:
    """Sets the times of a node; the time of its status change is now."""
    now = guest.now()
    times = [
        _new_time(accessed, node.accessed, now),
        _new_time(modified, node.modified, now),
    ]
    node.accessed, node.modified = times
    node.changed = now


def _new_time(wanted: NewTimestamp, old: int, now: int) -> int:
    case, given = wanted
    if case == "no-change":
        return old
    if case == "now" or given is None:
        return now
    seconds, nanoseconds = given
    if nanoseconds >= SECOND:
        raise fail("invalid")
    return seconds * SECOND + nanoseconds
