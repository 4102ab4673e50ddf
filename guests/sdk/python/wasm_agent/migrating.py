"""What an agent kept as another release of it, turned into what it keeps from now on.

An agent's file says how in a function `migrate(state)`: it is given a dict of all that the agent
kept, changes it, or returns another one. Values are as in `wasm_agent.state`: what JSON knows, or
bytes; text that is no JSON comes as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from wasm_agent.values import to_json

Kept: TypeAlias = dict[str, "str | bytes"]
Migrate: TypeAlias = Callable[[dict[str, Any]], Any]


def migrated(migrate: Migrate, before: Kept) -> Kept:
    """What the agent keeps from now on. A value that is what it was is left byte for byte.

    Raises:
        TypeError: What the function returned is no dict, or JSON does not know a value of it.
    """
    state = {key: _value(kept) for key, kept in before.items()}
    after = migrate(state)
    after = state if after is None else after
    if not isinstance(after, dict) or not all(isinstance(key, str) for key in after):
        message = f"migrate must return a dict with texts as keys, or None; not {after!r:.200}"
        raise TypeError(message)
    return {key: _kept(key, value, before) for key, value in after.items()}


def _value(kept: str | bytes) -> Any:
    if isinstance(kept, bytes):
        return kept
    try:
        return json.loads(kept)
    except ValueError:
        return kept


def _kept(key: str, value: Any, before: Kept) -> str | bytes:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if key in before and isinstance(before[key], str):
        known = _value(before[key])
        if type(known) is type(value) and known == value:
            return before[key]
    return to_json(value)
