"""wasi:config/store: the agent's configuration as names and texts, for components of other hosts.

What the configuration holds at its top is given: text as it is, numbers and booleans as JSON
writes them. What has no such form (tables, arrays, null) is not there.
"""

from __future__ import annotations

from wasm_engine.concepts import cost, json_text
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.hostcall import HostFunction


def get(guest: Caller, key: str) -> str | None:
    """The text under a name, or none."""
    return _texts(guest).get(key)


def get_all(guest: Caller) -> list[tuple[str, str]]:
    """All names and texts, in the order of the names."""
    return sorted(_texts(guest).items())


def _texts(guest: Caller) -> dict[str, str]:
    text = guest.config_text()
    guest.charge(len(text) * cost.STRING_BYTE)
    settings = json_text.read(text)
    if not isinstance(settings, dict):
        return {}
    return {
        name: value if isinstance(value, str) else json_text.write(value)
        for name, value in settings.items()
        if isinstance(value, str | bool | int | float)
    }


_NAME = "wasi:config/store#"
FUNCTIONS = (
    HostFunction(_NAME + "get", get, in_init=True),
    HostFunction(_NAME + "get-all", get_all, in_init=True),
)
