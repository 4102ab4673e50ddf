"""The agent's durable state: a mapping from text keys to values, kept by the world."""

from __future__ import annotations

import json
from collections.abc import Iterator, MutableMapping
from typing import Any

from wasm_agent.contract import call
from wasm_agent.contract import state as _state
from wasm_agent.values import to_json


class State(MutableMapping[str, Any]):
    """What the agent remembers from message to message.

    `state["k"] = value` keeps anything that JSON knows, or bytes; `state["k"]` gives it back. A
    value read is a copy: `state["seen"].append(x)` changes the copy only, so assign it again.
    What a message's handler wrote is committed when it ends well, and dropped when it fails.
    """

    def __getitem__(self, key: str) -> Any:
        text = call(_state.get, key)
        if text is not None:
            return json.loads(text)
        data = call(_state.get_bytes, key)
        if data is None:
            raise KeyError(key)
        return data

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, (bytes, bytearray, memoryview)):
            call(_state.set_bytes, key, bytes(value))
        else:
            call(_state.set, key, to_json(value))

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        call(_state.delete, key)

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, str):
            return False
        # Text first: bytes are the dearer of the two to bring over.
        return call(_state.get, key) is not None or call(_state.get_bytes, key) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(call(_state.keys, ""))

    def __len__(self) -> int:
        return len(call(_state.keys, ""))

    def keys(self, prefix: str = "") -> list[str]:  # type: ignore[override]
        """The keys that begin with the prefix, in the order of their UTF-8 bytes."""
        return list(call(_state.keys, prefix))

    def get_text(self, key: str, default: str | None = None) -> str | None:
        """The text as it is kept: what `set_text` wrote, or the JSON of a value."""
        text = call(_state.get, key)
        return default if text is None else text

    def set_text(self, key: str, text: str) -> None:
        """Keeps text as it is, without the quotes of JSON. Read it with `get_text`."""
        call(_state.set, key, text)

    def clear(self) -> None:
        """Forgets everything."""
        for key in call(_state.keys, ""):
            call(_state.delete, key)

    def __repr__(self) -> str:
        return f"State({self.keys()})"


state = State()
