"""Questions to language models, and answers: what an effect of the capability `chat` is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, TypeAlias, get_args

import msgspec
from msgspec import Struct

from wasm_engine.concepts import canonical

CHAT: Final = "chat"
"""The capability of effects that ask a language model: see `Question` and `Answer`."""

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
ROLES: tuple[Role, ...] = get_args(Role)
Finish: TypeAlias = Literal["stop", "length", "calls", "refused"]
FINISHES: tuple[Finish, ...] = get_args(Finish)
Choice: TypeAlias = tuple[Literal["free", "none", "required", "named"], str | None]


class Call(Struct, frozen=True, array_like=True):
    """A function that a model wants to be called; its arguments are JSON, or should be."""

    id: str
    name: str
    arguments: str


class Turn(Struct, frozen=True, array_like=True):
    """One turn of a conversation.

    Attributes:
        role: Whose it is.
        content: Text.
        calls: Of an assistant's turn.
        answers: Of a tool's turn: which call it answers.
    """

    role: Role
    content: str
    calls: tuple[Call, ...] = ()
    answers: str | None = None


class ToolSpec(Struct, frozen=True, array_like=True):
    """A function that a model may want to be called; `parameters` is a JSON Schema."""

    name: str
    description: str
    parameters: str


class Question(Struct, frozen=True, array_like=True):
    """What a language model is asked: the arguments of an effect, field by field.

    Attributes:
        model: Its name in the manifest.
        instead: In a fork, by what it was replaced; else empty.
        turns: The conversation.
        tools: What it may want to be called.
        choice: Whether it has to.
        schema: JSON Schema of the answer, or None.
        most: Most tokens of the answer.
        temperature, top_p, top_k: As in the WIT; None: as the model's folder or its server says.
        seed: Of sampling.
        stop: The answer ends before any of these.
        timeout: Real time (ns).
        context: Tokens that the conversation and its answer may have together.
    """

    model: str
    instead: str
    turns: tuple[Turn, ...]
    tools: tuple[ToolSpec, ...]
    choice: Choice
    schema: str | None
    most: int
    temperature: float | None
    top_p: float | None
    top_k: int | None
    seed: int
    stop: tuple[str, ...]
    timeout: int
    context: int

    @classmethod
    def of(cls, arguments: Sequence[Any]) -> Question:
        """The question that an effect asks.

        Raises:
            msgspec.ValidationError: It is none.
        """
        return msgspec.convert(list(arguments), cls)

    @property
    def asks(self) -> str:
        """Digest (hex) of the question itself: whoever asks it, under whatever seed."""
        said = (self.turns, self.tools, self.choice, self.schema, self.stop)
        return canonical.sha256_hex(canonical.encode(said))


class Answer(Struct, frozen=True, array_like=True):
    """What a language model answered: the outcome of an effect, field by field, after its name.

    Attributes:
        content: Text.
        calls: What it wants to be called.
        finish: Why it ended.
        prompt, answer: Tokens of the question, and of the answer; 0 where it cost none.
        wrong: Where the answer does not fit the schema that was asked for; else empty.
        kept: Whether it was given before, and nobody was asked.
    """

    content: str
    calls: tuple[Call, ...] = ()
    finish: Finish = "stop"
    prompt: int = 0
    answer: int = 0
    wrong: str = ""
    kept: bool = False

    @classmethod
    def of(cls, outcome: Sequence[Any]) -> Answer:
        """The answer that the outcome of an effect holds.

        Raises:
            msgspec.ValidationError: It holds none.
        """
        return msgspec.convert(list(outcome[1:]), cls)

    def outcome(self) -> tuple[Any, ...]:
        """The outcome of the effect: plain values, after the name of the capability."""
        calls = [(it.id, it.name, it.arguments) for it in self.calls]
        return (
            CHAT, self.content, calls, self.finish, self.prompt, self.answer, self.wrong, self.kept
        )  # fmt: skip


MOST_TOKENS: Final = 1 << 53
"""Of a question, or an answer, as somebody may report them."""
CHARACTERS: Final = 4
"""Of a text that count as a token, where nobody reports how many it has."""


def about(*texts: str) -> int:
    """About how many tokens texts have."""
    return -(-sum(map(len, texts)) // CHARACTERS)


def texts_of(question: Question) -> list[str]:
    """All texts of a question that a model has to read."""
    texts = [turn.content for turn in question.turns]
    texts += [call.arguments for turn in question.turns for call in turn.calls]
    for tool in question.tools:
        texts += [tool.name, tool.description, tool.parameters]
    return texts


def tokens_of(outcome: Sequence[Any]) -> int:
    """Tokens that an answer cost, as it reports them."""
    return int(outcome[4]) + int(outcome[5])
