"""`inference/chat` as the bindings for the guest SDK give it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

SIGNATURES: dict[str, dict[str, type]] = {
    "describe": {"model": str},
    "complete": {"model": str, "turns": object, "options": object},
    "start": {"model": str, "turns": object, "options": object},
    "take": {"number": int},
}


class Role(Enum):
    SYSTEM = 0
    USER = 1
    ASSISTANT = 2
    TOOL = 3


class Finish(Enum):
    STOP = 0
    LENGTH = 1
    CALLS = 2
    REFUSED = 3


@dataclass
class Call:
    id: str
    name: str
    arguments: str


@dataclass
class Turn:
    role: Role
    content: str
    calls: list[Call]
    answers: str | None


@dataclass
class Tool:
    name: str
    description: str
    parameters: str


@dataclass
class Choice_Free:  # noqa: N801 (the name that the bindings give it)
    pass


@dataclass
class Choice_None_:  # noqa: N801
    pass


@dataclass
class Choice_Required:  # noqa: N801
    pass


@dataclass
class Choice_Named:  # noqa: N801
    value: str


@dataclass
class Options:
    tools: list[Tool]
    choice: Any
    schema: str | None
    most: int | None
    temperature: float | None
    top_p: float | None
    top_k: int | None
    seed: int | None
    stop: list[str]
    timeout: int | None


@dataclass
class Usage:
    prompt: int
    answer: int


@dataclass
class Answer:
    content: str
    calls: list[Call]
    finish: Finish
    usage: Usage


@dataclass
class Description:
    context: int
    most: int


TYPES = (
    Role, Finish, Call, Turn, Tool, Choice_Free, Choice_None_, Choice_Required, Choice_Named,
    Options, Usage, Answer, Description,
)  # fmt: skip
