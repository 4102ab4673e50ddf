"""The host as the guest SDK sees it: the generated bindings, played by the test."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from types import ModuleType
from typing import Any

from tests.interpreter import fake_chat, fake_models

TEXT, NUMBER, OTHER = str, int, object
SIGNATURES: dict[str, dict[str, dict[str, type]]] = {
    "messaging": {
        "send": {"to": TEXT, "topic": TEXT, "body": OTHER, "options": OTHER},
        "publish": {"topic": TEXT, "body": OTHER, "options": OTHER},
        "reply": {"body": OTHER},
        "defer": {},
        "reply_to": {"request": NUMBER, "body": OTHER},
        "ask": {"to": TEXT, "topic": TEXT, "body": OTHER, "options": OTHER},
        "start": {"to": TEXT, "topic": TEXT, "body": OTHER, "options": OTHER},
        "wait_any": {"requests": OTHER},
        "take": {"request": NUMBER},
        "cancel_request": {"request": NUMBER},
        "schedule": {"after": NUMBER, "topic": TEXT, "body": OTHER},
        "cancel": {"id": NUMBER},
    },
    "agents": {
        "spawn": {"kind": TEXT, "key": TEXT, "config": TEXT},
        "stop": {"agent": TEXT},
        "watch": {"agent": TEXT},
    },
    "state": {
        "get": {"key": TEXT},
        "set": {"key": TEXT, "value": TEXT},
        "delete": {"key": TEXT},
        "keys": {"prefix": TEXT},
        "get_bytes": {"key": TEXT},
        "set_bytes": {"key": TEXT, "value": OTHER},
    },
    "context": {
        name: {} for name in ("self_address", "world_name", "step", "now", "random", "config")
    },
    "tools": {"available": {}, "call": {"name": TEXT, "arguments": TEXT}},
    "http": {"fetch": {"request": OTHER}, "start": {"request": OTHER}, "take": {"number": NUMBER}},
    "flow": {"labels": {}, "declassify": {"label": TEXT}},
    "sql": {
        "query": {"database": TEXT, "statement": TEXT, "parameters": TEXT},
        "execute": {"database": TEXT, "statement": TEXT, "parameters": TEXT},
        "batch": {"database": TEXT, "statements": TEXT},
    },
    "human": {
        "ask": {"role": TEXT, "question": TEXT, "options": OTHER},
        "approve": {"role": TEXT, "what": TEXT, "details": TEXT, "timeout": OTHER},
        "start_ask": {"role": TEXT, "question": TEXT, "options": OTHER},
        "start_approve": {"role": TEXT, "what": TEXT, "details": TEXT, "timeout": OTHER},
        "take_answer": {"number": NUMBER},
        "take_decision": {"number": NUMBER},
    },
    "chat": fake_chat.SIGNATURES,
    "models": fake_models.MODELS,
    "embeddings": fake_models.EMBEDDINGS,
    "secrets": {"reference": {"name": TEXT}},
    "swap": {"swap": {"kind": TEXT, "to": TEXT, "keep_old": OTHER}, "running": {"kind": TEXT}},
    "log": {"write": {"level": OTHER, "text": TEXT}},
    "store": {"open": {"identifier": TEXT}},
    "atomics": {
        "increment": {"bucket": OTHER, "key": TEXT, "delta": NUMBER},
        "swap": {"cas": OTHER, "value": OTHER},
    },
    "blobstore": {
        "get_container": {"name": TEXT},
        "create_container": {"name": TEXT},
        "delete_container": {"name": TEXT},
        "container_exists": {"name": TEXT},
        "copy_object": {"src": OTHER, "dest": OTHER},
        "move_object": {"src": OTHER, "dest": OTHER},
    },
    "wasi_blobstore_types": {},
    "streams": {},
    "batch": {
        "get_many": {"bucket": OTHER, "keys": OTHER},
        "set_many": {"bucket": OTHER, "key_values": OTHER},
        "delete_many": {"bucket": OTHER, "keys": OTHER},
    },
}


class Err(Exception):
    """The error case of a result, as the bindings raise it."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.value = value


@dataclass
class Body_Text:  # noqa: N801 (the name that the bindings give it)
    value: str


@dataclass
class Body_Bytes:  # noqa: N801
    value: bytes


@dataclass
class Message:
    id: int
    sender: str
    topic: str
    body: Body_Text | Body_Bytes
    headers: list[tuple[str, str]] = field(default_factory=list)
    request: int | None = None


@dataclass
class Fault:
    code: str
    detail: str


@dataclass
class Options:
    timeout: int | None
    headers: list[tuple[str, str]]


@dataclass
class HttpRequest:
    method: str
    url: str
    headers: list[tuple[str, str]]
    body: Body_Text | Body_Bytes | None
    timeout: int | None


@dataclass
class HttpResponse:
    status: int
    headers: list[tuple[str, str]]
    body: Body_Text | Body_Bytes


@dataclass
class HumanOptions:
    choices: list[str]
    timeout: int | None


@dataclass
class Standing:
    name: str
    digest: str
    on_trial: bool


@dataclass
class Decision:
    approved: bool
    comment: str
    by: str


@dataclass
class Outcome:
    value: str
    printed: str


@dataclass
class Tool:
    name: str
    description: str
    input_schema: str
    output_schema: str


class Level(Enum):
    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3


class FakeHost:
    """Answers as it is told, keeps a real state, and remembers every call."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.answers: dict[str, Any] = {}
        self.stored: dict[str, str | bytes] = {}

    def called(self, name: str) -> list[tuple[Any, ...]]:
        """The arguments of each call of a function."""
        return [call[1:] for call in self.calls if call[0] == name]

    def refuse(self, name: str, code: str, detail: str = "") -> None:
        """From now on, a function is refused."""
        self.answers[name] = Err(Fault(code, detail))

    def answer(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """What a call answers."""
        self.calls.append((name, *arguments))
        if name in self.answers:
            answer = self.answers[name]
            value = answer(*arguments) if callable(answer) else answer
            if isinstance(value, Err):
                raise value
            return value
        interface, _, function = name.partition(".")
        return self._state(function, *arguments) if interface == "state" else None

    def _state(self, function: str, key: str, value: str | bytes = "") -> Any:
        held = self.stored.get(key)
        match function:
            case "get":
                return held if isinstance(held, str) else None
            case "get_bytes":
                return held.encode() if isinstance(held, str) else held
            case "set" | "set_bytes":
                self.stored[key] = value
            case "delete":
                self.stored.pop(key, None)
            case "keys":
                return sorted(name for name in self.stored if name.startswith(key))
        return None


def install(host: FakeHost) -> None:
    """Puts the bindings where the SDK imports them from."""
    imports = _module("wit_world.imports")
    for interface, functions in SIGNATURES.items():
        module = _module(f"wit_world.imports.{interface}")
        for name, parameters in functions.items():
            setattr(module, name, _function(host, f"{interface}.{name}", parameters))
        setattr(imports, interface, module)
    imports.wasm_engine_agent_types = _module(
        "wit_world.imports.wasm_engine_agent_types",
        Body_Text=Body_Text,
        Body_Bytes=Body_Bytes,
        Message=Message,
        Fault=Fault,
    )
    imports.messaging.Options = Options
    imports.tools.Tool = Tool
    imports.http.Request = HttpRequest
    imports.http.Response = HttpResponse
    imports.human.Options = HumanOptions
    imports.human.Decision = Decision
    imports.swap.Standing = Standing
    for named in fake_chat.TYPES:
        setattr(imports.chat, named.__name__, named)
    for named in fake_models.TYPES:
        setattr(imports.models, named.__name__, named)
    imports.log.Level = Level
    exports = _module("wit_world.exports")
    exports.runner = _module("wit_world.exports.runner", Outcome=Outcome)
    _module("wit_world", imports=imports, exports=exports)
    _module("componentize_py_types", Err=Err)


def uninstall() -> None:
    """Forgets the bindings, and the SDK that was loaded with them."""
    mine = ("wit_world", "componentize_py_types", "wasm_agent", "agent_file", "output", "snippets",
            "snippet")  # fmt: skip
    for name in [name for name in sys.modules if name.partition(".")[0] in mine]:
        del sys.modules[name]


def _module(name: str, **attributes: Any) -> Any:
    module = ModuleType(name)
    module.__dict__.update(attributes)
    sys.modules[name] = module
    return module


def _function(host: FakeHost, name: str, parameters: dict[str, type]) -> Callable[..., Any]:
    def function(*arguments: Any) -> Any:
        return host.answer(name, arguments)

    function.__annotations__ = {**parameters, "return": object}
    return function
