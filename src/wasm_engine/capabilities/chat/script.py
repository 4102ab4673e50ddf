"""Answers that stand in a file, in place of a language model: for tests, and for cassettes.

A script has no memory: the same question gets the same answer, whoever asks first and however often
it is asked. What an answer depends on is in the question; so threads, crashes and forks change
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from wasm_engine.concepts import faults, json_text
from wasm_engine.concepts.chat import (
    CHARACTERS,
    Answer,
    Call,
    Finish,
    Question,
    Role,
    Turn,
    about,
    texts_of,
)
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.mistakes import Wrong, shown
from wasm_engine.concepts.names import is_name
from wasm_engine.concepts.toml_source import NotToml, parse

MAX_BYTES: Final = 64 << 20
"""Bytes of a script."""


class _Calls(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    arguments: dict[str, Any] | str = {}
    id: str = ""


class _Usage(Struct, frozen=True, forbid_unknown_fields=True):
    prompt: int = 0
    answer: int = 0


class _Fault(Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    detail: str = ""


class _Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """When it fits, and what is answered then."""

    model: str = ""
    agent: str = ""
    attempt: int | None = None
    turn: int | None = None
    role: Role | None = None
    last: str | None = None
    contains: str | list[str] = []
    matches: str = ""
    system: str | list[str] = []
    answers: str = ""
    asks: str = ""
    seed: int | None = None
    content: str | dict[str, Any] | list[Any] = ""
    calls: list[_Calls] = []
    finish: Finish | None = None
    usage: _Usage | None = None
    fault: _Fault | None = None


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    answer: list[_Rule]


class Asker(Struct, frozen=True):
    """Who asks: address, and which attempt at its message."""

    agent: str
    attempt: int


class Script:
    """Rules, in order: the first that fits a question answers it.

    Args:
        text: TOML.
        label: What messages call it.

    Raises:
        Wrong: It is no script; the text says why, and where.
    """

    def __init__(self, text: str, label: str) -> None:
        if len(text.encode()) > MAX_BYTES:
            raise Wrong(f"{label}: takes more than {MAX_BYTES >> 20} MiB")
        try:
            rules = msgspec.convert(parse(text).data, _File).answer
        except NotToml as error:
            raise Wrong(f"{label}:{error.line}: is not TOML: {error}") from None
        except msgspec.ValidationError as error:
            raise Wrong(f"{label}: {error}") from None
        self._rules: list[tuple[_Rule, re.Pattern[str] | None]] = []
        for number, rule in enumerate(rules):
            at = f"{label}: answer {number + 1}"
            self._rules.append((rule, _checked(rule, at)))
        # Of a cassette there are thousands, and each fits one question.
        self._exact: dict[str, list[int]] = {}
        self._others = []
        for number, (rule, _) in enumerate(self._rules):
            if rule.asks:
                self._exact.setdefault(rule.asks, []).append(number)
            else:
                self._others.append(number)

    def answer(self, question: Question, asker: Asker) -> Answer | Err:
        """What it answers; a fault where no rule fits."""
        exact = self._exact.get(question.asks, ()) if self._exact else ()
        for number in sorted([*exact, *self._others]) if exact else self._others:
            rule, pattern = self._rules[number]
            if _fits(rule, pattern, question, asker):
                return _answer(rule, question)
        last = question.turns[-1]
        return refusal(
            faults.MODEL_FAILED,
            f"no answer of the script fits the {last.role}'s turn {shown(last.content)}",
        )


def _checked(rule: _Rule, at: str) -> re.Pattern[str] | None:
    """The compiled pattern of a rule, if the rule can be one.

    Raises:
        Wrong: It cannot.
    """
    if rule.agent and not is_name(rule.agent.removesuffix("/*")):
        raise Wrong(f"{at}: agent must be an address, or `kind/*`")
    if rule.fault is not None and (rule.content or rule.calls or rule.usage or rule.finish):
        raise Wrong(f"{at}: a fault, or an answer: not both")
    if rule.fault is not None and not re.fullmatch(r"[a-z][a-z0-9-]{0,63}", rule.fault.code):
        raise Wrong(f"{at}: fault.code must be a code, such as `timeout`")
    try:
        for call in rule.calls:
            json_text.write(call.arguments)
        json_text.write(rule.content)
        return re.compile(rule.matches) if rule.matches else None
    except json_text.NotJson as error:
        raise Wrong(f"{at}: {error}") from None
    except re.error as error:
        raise Wrong(f"{at}: matches is no pattern: {error}") from None


def _fits(rule: _Rule, pattern: re.Pattern[str] | None, question: Question, asker: Asker) -> bool:
    last = question.turns[-1]
    return (
        (not rule.model or rule.model == question.model)
        and (not rule.agent or _is_agent(rule.agent, asker.agent))
        and (rule.attempt is None or rule.attempt == asker.attempt)
        and (rule.seed is None or rule.seed == question.seed)
        and (rule.turn is None or rule.turn == _answered(question.turns))
        and (rule.role is None or rule.role == last.role)
        and (rule.last is None or rule.last == last.content)
        and _holds(rule.contains, last.content)
        and (pattern is None or pattern.search(last.content) is not None)
        and (not rule.system or any(_holds(rule.system, it) for it in _system(question)))
        and (not rule.answers or rule.answers == _function(question.turns))
    )


def _is_agent(pattern: str, address: str) -> bool:
    return address.startswith(pattern[:-1]) if pattern.endswith("/*") else address == pattern


def _holds(parts: str | Sequence[str], text: str) -> bool:
    return all(part in text for part in ([parts] if isinstance(parts, str) else parts))


def _system(question: Question) -> list[str]:
    return [turn.content for turn in question.turns if turn.role == "system"]


def _answered(turns: Sequence[Turn]) -> int:
    """How often the assistant answered since the conversation began."""
    return sum(turn.role == "assistant" for turn in turns)


def _function(turns: Sequence[Turn]) -> str:
    """The function whose answer the last turn is; empty where it is none's."""
    wanted = turns[-1].answers
    calls = (call for turn in reversed(turns) for call in turn.calls)
    return next((call.name for call in calls if wanted is not None and call.id == wanted), "")


def _answer(rule: _Rule, question: Question) -> Answer | Err:
    if rule.fault is not None:
        return refusal(rule.fault.code, rule.fault.detail)
    prompt = about(*texts_of(question))
    if prompt >= question.context:
        return refusal(
            faults.CONTEXT_OVERFLOW,
            f"the conversation has {prompt} tokens; with its answer it may have {question.context}",
        )
    plain = rule.content if isinstance(rule.content, str) else json_text.write(rule.content)
    content, finish = _cut(plain, question, prompt)
    before = sum(len(turn.calls) for turn in question.turns)
    calls = tuple(
        Call(it.id or f"call-{before + number}", it.name, _arguments(it))
        for number, it in enumerate(rule.calls, 1)
    )
    usage = rule.usage or _Usage(prompt, about(content, *(call.arguments for call in calls)))
    natural: Literal["calls"] | Finish = "calls" if calls else finish
    return Answer(content, calls, rule.finish or natural, usage.prompt, usage.answer)


def _arguments(call: _Calls) -> str:
    return call.arguments if isinstance(call.arguments, str) else json_text.write(call.arguments)


def _cut(content: str, question: Question, prompt: int) -> tuple[str, Finish]:
    """The answer up to where it has to end, and why it ends there."""
    ends = [content.find(it) for it in question.stop if it in content]
    content = content[: min(ends)] if ends else content
    most = CHARACTERS * min(question.most, question.context - prompt)
    return (content[:most], "length") if len(content) > most else (content, "stop")
