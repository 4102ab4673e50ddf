"""wasi:random: the activation's entropy. Secure, insecure and seed draw from the same source."""

from __future__ import annotations

from wasm_engine.concepts.errors import LimitExceeded
from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.runtime.wasi.guest import WasiGuest

MAX_BYTES = 1 << 20
"""Bytes that one call may ask for."""


def get_bytes(guest: WasiGuest, count: int) -> bytes:
    """That many bytes of entropy."""
    if count > MAX_BYTES:
        code = "entropy"
        raise LimitExceeded(code, f"more than {MAX_BYTES} random bytes in one call")
    return guest.random_bytes(count)


def get_u64(guest: WasiGuest) -> int:
    """A number of 64 bits."""
    return int.from_bytes(guest.random_bytes(8), "little")


def get_seed(guest: WasiGuest) -> tuple[int, int]:
    """Two numbers of 64 bits, e.g. to seed a hash table."""
    return (get_u64(guest), get_u64(guest))


FUNCTIONS = (
    HostFunction("wasi:random/random#get-random-bytes", get_bytes, in_init=True),
    HostFunction("wasi:random/random#get-random-u64", get_u64, in_init=True),
    HostFunction("wasi:random/insecure#get-insecure-random-bytes", get_bytes, in_init=True),
    HostFunction("wasi:random/insecure#get-insecure-random-u64", get_u64, in_init=True),
    # Renamed in 0.2.12: https://github.com/WebAssembly/wasi-random keeps both.
    HostFunction("wasi:random/insecure-seed#insecure-seed", get_seed, in_init=True),
    HostFunction("wasi:random/insecure-seed#get-insecure-seed", get_seed, in_init=True),
)
