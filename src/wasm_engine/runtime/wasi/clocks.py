"""wasi:clocks: world time; the monotonic clock began at the world's epoch."""

from __future__ import annotations

from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.runtime.wasi.guest import WasiGuest
from wasm_engine.runtime.wasi.io.poll import Pollable

SECOND = 1_000_000_000
RESOLUTION = 1_000
"""Nanoseconds between two readings of the clock within an activation."""

Datetime = tuple[int, int]
"""Seconds and nanoseconds since the Unix epoch."""


def datetime_of(time: int) -> Datetime:
    """A time in nanoseconds as WASI's record."""
    return divmod(time, SECOND)


def wall_now(guest: WasiGuest) -> Datetime:
    """World time."""
    return datetime_of(guest.now())


def wall_resolution(guest: WasiGuest) -> Datetime:
    """How far apart two readings are."""
    return datetime_of(RESOLUTION)


def monotonic_now(guest: WasiGuest) -> int:
    """World time since the world's epoch."""
    return guest.now() - guest.epoch()


def monotonic_resolution(guest: WasiGuest) -> int:
    """How far apart two readings are."""
    return RESOLUTION


def subscribe_instant(guest: WasiGuest, when: int) -> Pollable:
    """Ready once the monotonic clock has come to `when`."""
    return Pollable(guest.epoch() + when)


def subscribe_duration(guest: WasiGuest, duration: int) -> Pollable:
    """Ready once that much world time has passed."""
    return Pollable(guest.now() + duration)


def timezone_display(guest: WasiGuest, when: Datetime) -> tuple[int, str, bool]:
    """A world lives in UTC."""
    return (0, "UTC", False)


def utc_offset(guest: WasiGuest, when: Datetime) -> int:
    """A world lives in UTC."""
    return 0


FUNCTIONS = (
    HostFunction("wasi:clocks/wall-clock#now", wall_now, in_init=True),
    HostFunction("wasi:clocks/wall-clock#resolution", wall_resolution, in_init=True),
    HostFunction("wasi:clocks/monotonic-clock#now", monotonic_now, in_init=True),
    HostFunction("wasi:clocks/monotonic-clock#resolution", monotonic_resolution, in_init=True),
    HostFunction("wasi:clocks/monotonic-clock#subscribe-instant", subscribe_instant, in_init=True),
    HostFunction(
        "wasi:clocks/monotonic-clock#subscribe-duration", subscribe_duration, in_init=True
    ),
    HostFunction("wasi:clocks/timezone#display", timezone_display, in_init=True),
    HostFunction("wasi:clocks/timezone#utc-offset", utc_offset, in_init=True),
)
