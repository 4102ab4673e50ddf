"""Questions to language models in a run, and their answers: who asked which what, for how much."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from wasm_engine.concepts.chat import CHAT, Answer, Call, Question
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control.effect_rows import EffectRow, effects_of
from wasm_engine.control.reports import Report
from wasm_engine.journal import entries
from wasm_engine.journal.runfile import RunFile


@dataclass(frozen=True, slots=True)
class CallOfModel(Report):
    """A function that a model wanted to be called; `arguments` is JSON, or should be."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ChatTurn(Report):
    """A turn of a conversation.

    Attributes:
        role: `system`, `user`, `assistant` or `tool`.
        calls: Of the assistant's.
        answers: Of a tool's: the id of the call.
    """

    role: str
    content: str
    calls: tuple[CallOfModel, ...] = ()
    answers: str | None = None


@dataclass(frozen=True, slots=True)
class ChatRow(Report):
    """A question to a language model, and what became of it.

    Attributes:
        number: Of its effect.
        model: Its name in the manifest.
        instead: In a fork, by what that was replaced; else empty.
        tools: Names of the functions that it was offered.
        schema: What the answer had to fit, or null.
        seed: Under which it was asked.
        step: When it was asked.
        arrived: The step at whose start it was answered, or null.
        content, calls, finish: The answer; null where there is none.
        prompt, answer: Tokens of both; 0 where it was kept.
        kept: Whether the run held the answer, and nobody was asked.
        wrong: Where the answer does not fit the schema; else empty.
        code, detail: Of the fault that it ended with, or null.
    """

    number: int
    agent: str
    message: int
    model: str
    instead: str
    turns: tuple[ChatTurn, ...]
    tools: tuple[str, ...]
    schema: str | None
    seed: int
    step: int
    arrived: int | None = None
    content: str | None = None
    calls: tuple[CallOfModel, ...] = ()
    finish: str | None = None
    prompt: int = 0
    answer: int = 0
    kept: bool = False
    wrong: str = ""
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class TokenRow(Report):
    """What an agent had a model answer.

    Attributes:
        chats: How many questions.
        prompt, answer: Tokens of those that were answered.
    """

    agent: str
    model: str
    chats: int
    prompt: int
    answer: int


def chats(file: str | Path) -> list[ChatRow]:
    """The questions to language models in a run, in the order in which they were asked.

    Raises:
        BadRunFile: It is no run file, or damaged.

    Example:
        >>> chats("kept.run")
        []
    """
    with RunFile.open(Path(file)) as run:
        bodies = (entries.decode(entry.kind, entry.body) for entry in run.entries(2))
        return chats_of(effects_of(bodies))


def chats_of(effects: Iterable[EffectRow]) -> list[ChatRow]:
    """Those of effects that ask language models."""
    return [_row(it) for it in effects if it.capability == CHAT]


def tokens_of(rows: Iterable[ChatRow]) -> list[TokenRow]:
    """What was spent, by agent and model."""
    found: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        sums = found.setdefault((row.agent, row.model), [0, 0, 0])
        for place, amount in enumerate((1, row.prompt, row.answer)):
            sums[place] += amount
    return [TokenRow(*key, *sums) for key, sums in sorted(found.items())]


def _row(effect: EffectRow) -> ChatRow:
    try:
        asked = Question.of(effect.arguments)
        answer = _answer(effect)
    except msgspec.ValidationError as error:
        message = f"the question {effect.number} cannot be read ({error})"
        raise Misuse(message, code="bad-run") from None
    row = ChatRow(
        effect.number,
        effect.agent,
        effect.message,
        asked.model,
        asked.instead,
        tuple(
            ChatTurn(it.role, it.content, tuple(map(_call, it.calls)), it.answers)
            for it in asked.turns
        ),
        tuple(it.name for it in asked.tools),
        asked.schema,
        asked.seed,
        effect.step,
        effect.arrived,
    )
    return _ended(row, effect, answer)


def _answer(effect: EffectRow) -> Answer | None:
    match effect.outcome:
        case ["ok", [str(), *_] as outcome]:
            return Answer.of(outcome)
    return None


def _ended(row: ChatRow, effect: EffectRow, answer: Answer | None) -> ChatRow:
    if answer is not None:
        return replace(
            row,
            content=answer.content,
            calls=tuple(map(_call, answer.calls)),
            finish=answer.finish,
            prompt=answer.prompt,
            answer=answer.answer,
            kept=answer.kept,
            wrong=answer.wrong,
        )
    match effect.outcome:
        case ["err", str(code), str(detail)]:
            return replace(row, code=code, detail=detail)
    return row


def _call(call: Call) -> CallOfModel:
    return CallOfModel(call.id, call.name, call.arguments)
