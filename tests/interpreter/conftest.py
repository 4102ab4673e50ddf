"""An SDK loaded upon a fake host, anew for each test."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.interpreter import fake_host

GUESTS = Path(__file__).parents[2] / "guests"


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[fake_host.FakeHost]:
    """The host that the SDK of this test calls."""
    monkeypatch.syspath_prepend(GUESTS / "sdk/python")
    monkeypatch.syspath_prepend(GUESTS / "interpreters/python")
    fake_host.uninstall()
    made = fake_host.FakeHost()
    fake_host.install(made)
    yield made
    fake_host.uninstall()


@pytest.fixture
def sdk(host: fake_host.FakeHost) -> ModuleType:
    """The package `wasm_agent`."""
    return importlib.import_module("wasm_agent")


class Agent:
    """Handles messages with the functions that a test registered."""

    def __init__(self) -> None:
        self._activation = importlib.import_module("wasm_agent.activation")
        self._ids = iter(range(1, 1000))

    def receive(self, topic: str, body: Any = "", *, request: int | None = None) -> Any:
        """Hands over a message; the fault, or None."""
        kind = fake_host.Body_Bytes if isinstance(body, bytes) else fake_host.Body_Text
        message = fake_host.Message(next(self._ids), "asker", topic, kind(body), [], request)
        return self._activation.handle(message)


@pytest.fixture
def agent(sdk: ModuleType) -> Agent:
    """An agent made of the functions that the test registers with `sdk.on`."""
    return Agent()
