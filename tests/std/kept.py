"""The standard retriever held in the hand, with a state and a mailbox that are a test's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.std.held import STD, WORK, mounted
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.runtime.component import link
from wasm_engine.runtime.entropy import Entropy
from wasm_engine.runtime.guest import Guest
from wasm_engine.runtime.instance import SLICED, Finished, Limits
from wasm_engine.world.assembly import host_functions, load_components

HANDLER = "wasm-engine:agent/handler"
_STATE = "wasm-engine:agent/state#"
FUEL = 1 << 60


class Kept:
    """One instance of the retriever; its state outlives it if another takes it over.

    Args:
        config: Its configuration.
        files: What is mounted at `/model`, by name.
        state: What an instance before it kept.
    """

    def __init__(
        self,
        config: Any = None,
        files: Mapping[str, bytes] | None = None,
        state: dict[str, bytes] | None = None,
    ) -> None:
        data = (STD / "retriever" / "retriever.wasm").read_bytes()
        component = load_components([("retriever", data)])[0]
        self.state = {} if state is None else state
        self.replies: list[tuple[str, Any]] = []
        self.logged: list[str] = []
        text = json.dumps(config if config is not None else {}, ensure_ascii=False)
        self._guest = Guest(
            config=text, epoch=0, entropy=Entropy("test", 0), work=WORK, wasi=mounted(files)
        )
        linked = link(component, {**host_functions(), **self._functions()}, "retriever")
        self._limits = Limits(FUEL, 1 << 30, 10_000_000_000)
        self._instance = linked.instantiate(self._guest, self._limits)
        self.begun = self._call("init")
        self._guest.in_init = False

    @property
    def fuel(self) -> int:
        """What was spent."""
        return FUEL - self._instance.fuel

    def ask(self, topic: str, body: Any = None) -> Any:
        """What it answers: JSON, or bytes."""
        kind = "bytes" if isinstance(body, bytes) else "text"
        data = body if isinstance(body, bytes | str) else json.dumps(body or {})
        message = (1, "user", topic, (kind, data), [], 7)
        failed = self._call("handle", message)
        assert failed is None, failed
        kind, answer = self.replies.pop()
        assert not self.replies
        return json.loads(answer) if kind == "text" else answer

    def close(self) -> None:
        self._instance.close()

    def _call(self, function: str, *arguments: Any) -> Any:
        self._instance.begin(HANDLER, function, arguments)
        while (outcome := self._instance.poll()) is SLICED:
            pass
        assert isinstance(outcome, Finished)
        self._guest.calls.clear()
        self._guest.told.clear()
        return outcome.value.payload if isinstance(outcome.value, Err) else outcome.value

    def _functions(self) -> dict[str, HostFunction]:
        def get(_guest: Any, key: str) -> Any:
            return self.state.get(key)

        def put(_guest: Any, key: str, value: bytes) -> None:
            self.state[key] = bytes(value)

        def delete(_guest: Any, key: str) -> None:
            self.state.pop(key, None)

        def keys(_guest: Any, prefix: str) -> list[str]:
            return sorted(key for key in self.state if key.startswith(prefix))

        def reply(_guest: Any, body: tuple[str, Any]) -> None:
            self.replies.append(body)

        found = {
            f"{_STATE}get-bytes": get,
            f"{_STATE}set-bytes": put,
            f"{_STATE}delete": delete,
            f"{_STATE}keys": keys,
            "wasm-engine:agent/messaging#reply": reply,
            "wasm-engine:agent/log#write": lambda _guest, _level, text: self.logged.append(text),
        }
        return {name: HostFunction(name, call) for name, call in found.items()}
