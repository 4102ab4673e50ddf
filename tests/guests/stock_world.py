"""A guest run by the stock binding of Wasmtime, with a host in memory that remembers every call.

Deliberately not our own binding: that the committed components are what they should be must not
hang on the code that they are used to test.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from wasmtime import Config, Engine, Store
from wasmtime.component import Component, Linker, Record

GUESTS = Path(__file__).parent.parent.parent / "guests"
PACKAGE = "wasm-engine:agent"
FUEL = 1_000_000_000

_FUNCTIONS = {
    "messaging": "send publish reply defer reply-to ask start wait-any take cancel-request"
    " schedule cancel",
    "agents": "spawn stop watch",
    "state": "get set delete keys get-bytes set-bytes",
    "context": "self-address world-name step now random config",
    "tools": "available call",
    "log": "write",
}


@cache
def engine() -> Engine:
    """The engine; not made before a test runs, as it takes over the process's trap signals."""
    config = Config()
    config.consume_fuel = True
    return Engine(config)


def record(**fields: Any) -> Record:
    """A WIT record; underscores are hyphens."""
    made = Record()
    for name, value in fields.items():
        setattr(made, name.replace("_", "-"), value)
    return made


def fault(code: str) -> Record:
    """What a host function answers for a refusal."""
    return record(code=code, detail="")


def loaded(path: str) -> Component:
    """A committed component, by its path below guests."""
    return Component(engine(), (GUESTS / path).read_bytes())


class StockWorld:
    """One instance of a guest, and what it asked of its host.

    Attributes:
        calls: Name and arguments of each call of the host, but for state and log.
        answers: What a function answers: a value, or a callable given the arguments.
        state: The agent's state.
        logged: Text of each line.
    """

    def __init__(self, component: Component, *, fuel: int = FUEL) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.answers: dict[str, Any] = {}
        self.state: dict[str, str] = {}
        self.logged: list[str] = []
        self.store = Store(engine())
        self.store.set_fuel(fuel)
        self._id = 0
        linker = Linker(engine())
        with linker.root() as root:
            for interface, functions in _FUNCTIONS.items():
                with root.add_instance(f"{PACKAGE}/{interface}@0.1.0") as instance:
                    for name in functions.split():
                        instance.add_func(name, self._function(name))
            with root.add_instance(f"{PACKAGE}/types@0.1.0"):
                pass
        self._instance = linker.instantiate(self.store, component)

    def init(self) -> Any:
        """Calls `init`."""
        return self._export("handler", "init")(self.store)

    def handle(
        self, topic: str, body: str | bytes, sender: str = "peer", request: int | None = None
    ) -> str | None:
        """Hands over a message; the code of the fault it ended with, or None."""
        ended = self._export("handler", "handle")(
            self.store, self._message(topic, body, sender, request)
        )
        return ended and ended.code

    def reduce(self, state: str, topic: str, body: str, sender: str = "peer") -> Any:
        """Calls a reducer."""
        message = self._message(topic, body, sender, None)
        return self._export("reducer", "reduce")(self.store, state, message)

    def run(self, script: str, **how: Any) -> str | None:
        """Hands a script to the programmable agent."""
        return self.handle("script", script, **how)

    @property
    def trace(self) -> list[str]:
        """The lines that the programmable agent has traced."""
        return self.state.get("trace", "").splitlines()

    def _message(self, topic: str, body: str | bytes, sender: str, request: int | None) -> Record:
        self._id += 1
        return record(
            id=self._id, sender=sender, topic=topic, body=body, headers=[], request=request
        )

    def _export(self, interface: str, function: str) -> Any:
        place = self._instance.get_export_index(self.store, f"{PACKAGE}/{interface}@0.1.0")
        inner = self._instance.get_export_index(self.store, function, place)
        return self._instance.get_func(self.store, inner)

    def _function(self, name: str) -> Callable[..., Any]:
        own = getattr(self, "_" + name.replace("-", "_"), None)

        def call(_store: Any, *arguments: Any) -> Any:
            if own is not None:
                return own(*arguments)
            self.calls.append((name, *arguments))
            answer = self.answers.get(name)
            return answer(*arguments) if callable(answer) else answer

        return call

    def _get(self, key: str) -> str | None:
        return self.state.get(key)

    def _set(self, key: str, value: str) -> None:
        self.state[key] = value

    def _delete(self, key: str) -> None:
        self.state.pop(key, None)

    def _keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.state if key.startswith(prefix))

    def _write(self, _level: str, text: str) -> None:
        self.logged.append(text)
