"""wasm-engine:agent/context: who and when am I."""

from __future__ import annotations

from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.hostcall import HostFunction


def self_address(guest: Caller) -> str:
    """The agent's address."""
    address: str = guest.agent.address
    return address


def world_name(guest: Caller) -> str:
    """The world's name."""
    name: str = guest.world.name
    return name


def step(guest: Caller) -> int:
    """The number of the step."""
    number: int = guest.world.step
    return number


def now(guest: Caller) -> int:
    """World time in nanoseconds since the Unix epoch."""
    return guest.now()


def random(guest: Caller) -> int:
    """64 bits of deterministic entropy."""
    return int.from_bytes(guest.random_bytes(8), "little")


def config(guest: Caller) -> str:
    """The agent's configuration, as JSON."""
    return guest.config_text()


_NAME = "wasm-engine:agent/context#"
FUNCTIONS = (
    HostFunction(_NAME + "self-address", self_address),
    HostFunction(_NAME + "world-name", world_name),
    HostFunction(_NAME + "step", step),
    HostFunction(_NAME + "now", now),
    HostFunction(_NAME + "random", random),
    HostFunction(_NAME + "config", config, in_init=True),
)
