"""Who and when I am: address, world, step, world time, configuration."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from wasm_agent.contract import context as _context

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Context:
    """The agent's place in the world."""

    @property
    def address(self) -> str:
        """The agent's own address."""
        return str(_context.self_address())

    @property
    def world(self) -> str:
        """The name of the world."""
        return str(_context.world_name())

    @property
    def step(self) -> int:
        """The step of the world's logical clock."""
        return int(_context.step())

    def __repr__(self) -> str:
        return "Context()"


class Config(Mapping[str, Any]):
    """The agent's configuration from the manifest. While the file is loaded: its kind's."""

    def __init__(self) -> None:
        self._known: Any = None

    @property
    def value(self) -> Any:
        """The whole, whatever JSON value it is."""
        if self._known is None:
            self._known = (json.loads(_context.config() or "{}"),)
        return self._known[0]

    def forget(self) -> None:
        """Reads it anew when next asked: the image of a kind is shared by all its agents."""
        self._known = None

    def __getitem__(self, key: str) -> Any:
        return self._fields()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields())

    def __len__(self) -> int:
        return len(self._fields())

    def __repr__(self) -> str:
        return f"Config({self.value!r})"

    def _fields(self) -> dict[str, Any]:
        value = self.value
        return value if isinstance(value, dict) else {}


def now() -> datetime:
    """World time, in UTC. `time.time()` and `datetime.now()` tell the same."""
    return _EPOCH + timedelta(microseconds=_context.now() // 1000)


context = Context()
config = Config()
