"""wasi:sockets: a world has no network. What would open a door answers `access-denied`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.runtime.wasi.guest import WasiGuest

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing


class Network:
    """A resource `network`: the handle that programs ask for before anything else."""

    __slots__ = ()
    kind = "network"

    def freeze(self, into: Freezing) -> list[Any]:
        """One is like any other."""
        return []

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> Network:
        """Another handle that leads nowhere."""
        return Network()


def instance_network(guest: WasiGuest) -> Network:
    """A handle that leads nowhere."""
    return Network()


def refuse(guest: WasiGuest, *arguments: Any) -> Err:
    """There is no network."""
    return Err("access-denied")


FROZEN = (Network,)
FUNCTIONS = (
    HostFunction("wasi:sockets/instance-network#instance-network", instance_network, in_init=True),
    HostFunction("wasi:sockets/tcp-create-socket#create-tcp-socket", refuse, in_init=True),
    HostFunction("wasi:sockets/udp-create-socket#create-udp-socket", refuse, in_init=True),
    HostFunction("wasi:sockets/ip-name-lookup#resolve-addresses", refuse, in_init=True),
)
