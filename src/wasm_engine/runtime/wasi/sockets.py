"""wasi:sockets: a world has no network. What would open a door answers `access-denied`."""

from __future__ import annotations

from typing import Any

from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.runtime.wasi.guest import WasiGuest


class Network:
    """A resource `network`: the handle that programs ask for before anything else."""

    __slots__ = ()


def instance_network(guest: WasiGuest) -> Network:
    """A handle that leads nowhere."""
    return Network()


def refuse(guest: WasiGuest, *arguments: Any) -> Err:
    """There is no network."""
    return Err("access-denied")


FUNCTIONS = (
    HostFunction("wasi:sockets/instance-network#instance-network", instance_network, in_init=True),
    HostFunction("wasi:sockets/tcp-create-socket#create-tcp-socket", refuse, in_init=True),
    HostFunction("wasi:sockets/udp-create-socket#create-udp-socket", refuse, in_init=True),
    HostFunction("wasi:sockets/ip-name-lookup#resolve-addresses", refuse, in_init=True),
)
