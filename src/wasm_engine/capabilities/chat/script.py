"""Answers that stand in a file, in place of a language model: for tests, and for cassettes.

A script has no memory: the same question gets the same answer, whoever asks first and however often
it is asked. What an answer depends on is in the question; so threads, crashes and forks change
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Struct

from wasm_engine.capabilities.chat.pattern_search import LOOKED_AT, Purse, TooMuch, found
from wasm_engine.capabilities.chat.pattern_syntax import read_pattern
from wasm_engine.concepts import faults, json_text
from wasm_engine.concepts.chat import (
    CHARACTERS,
    MOST_TOKENS,
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
MOST_PATTERNS: Final = 1 << 20
"""Characters of all patterns of a script: they are read when it is, to say what is wrong."""
MOST_WORK: Final = 30_000_000
"""What looking through a script may cost for one question: characters that are read, about."""
_AT_ONCE = 16
"""Characters that a look for a plain text reads at the cost of one."""


class _Calls(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    arguments: dict[str, Any] | str = {}
    id: str = ""


_Tokens = Annotated[int, msgspec.Meta(ge=0, le=MOST_TOKENS)]


class _Usage(Struct, frozen=True, forbid_unknown_fields=True):
    prompt: _Tokens = 0
    answer: _Tokens = 0


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

    Attributes:
        not_taken: The first pattern that is none, or none that can be looked for here, and why;
            empty: there is none. Who reaches its rule is told so; a run may hold a script like
            that, of a time when other patterns were taken.
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
        for number, rule in enumerate(rules, 1):
            _check(rule, f"{label}: answer {number}")
        self._rules = list(zip(rules, _objections(rules, label), strict=True))
        self.not_taken = next((it for _, it in self._rules if it), "")
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
        try:
            return self._answer(_Asked(question, asker))
        except TooMuch:
            detail = "it takes too long to look through the script for this question"
            return refusal(faults.MODEL_FAILED, detail)

    def _answer(self, asked: _Asked) -> Answer | Err:
        question = asked.question
        exact = self._exact.get(question.asks, ()) if self._exact else ()
        for number in sorted([*exact, *self._others]) if exact else self._others:
            rule, objection = self._rules[number]
            if not asked.fits(rule):
                continue
            if objection:
                return refusal(faults.MODEL_FAILED, objection)
            if not rule.matches or asked.has(rule.matches):
                return _answer(rule, question)
        last = question.turns[-1]
        return refusal(
            faults.MODEL_FAILED,
            f"no answer of the script fits the {last.role}'s turn {shown(last.content)}",
        )


def _check(rule: _Rule, at: str) -> None:
    """Lets a rule pass that can be one.

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
    except json_text.NotJson as error:
        raise Wrong(f"{at}: {error}") from None


def _objections(rules: Sequence[_Rule], label: str) -> Iterator[str]:
    """Of each rule why its pattern is none that is taken; nothing of others.

    Trees are not kept: they take much more room than their text, and a run may be a stranger's.
    """
    characters = 0
    for number, rule in enumerate(rules, 1):
        characters += len(rule.matches)
        said = ""
        if characters > MOST_PATTERNS and rule.matches:
            said = f"there are more than {MOST_PATTERNS:,} characters of patterns"
        elif rule.matches:
            try:
                read_pattern(rule.matches)
            except Wrong as wrong:
                said = str(wrong)
        at = f"{label}: answer {number}: matches is no pattern that is taken"
        yield f"{at}: {said}" if said else ""


class _Asked:
    """A question, and what rules look at in it; within what looking may cost."""

    def __init__(self, question: Question, asker: Asker) -> None:
        self.question = question
        self._asker = asker
        self._purse = Purse(MOST_WORK)
        self._last = question.turns[-1]
        self._system = [turn.content for turn in question.turns if turn.role == "system"]
        self._turn = sum(turn.role == "assistant" for turn in question.turns)
        self._function = _function(question.turns)

    def fits(self, rule: _Rule) -> bool:
        """Whether a rule fits, but for its pattern."""
        last, asker = self._last, self._asker
        return (
            (not rule.model or rule.model == self.question.model)
            and (not rule.agent or _is_agent(rule.agent, asker.agent))
            and (rule.attempt is None or rule.attempt == asker.attempt)
            and (rule.seed is None or rule.seed == self.question.seed)
            and (rule.turn is None or rule.turn == self._turn)
            and (rule.role is None or rule.role == last.role)
            and (rule.last is None or rule.last == last.content)
            and (not rule.answers or rule.answers == self._function)
            and self._holds(rule.contains, last.content)
            and (not rule.system or any(self._holds(rule.system, it) for it in self._system))
        )

    def has(self, pattern: str) -> bool:
        """Whether a pattern is found in the last turn."""
        self._purse.spend(LOOKED_AT * len(pattern))
        return found(read_pattern(pattern), self._last.content, self._purse)

    def _holds(self, parts: str | Sequence[str], text: str) -> bool:
        for part in [parts] if isinstance(parts, str) else parts:
            self._purse.spend(1 + len(text) // _AT_ONCE)
            if part not in text:
                return False
        return True


def _is_agent(pattern: str, address: str) -> bool:
    return address.startswith(pattern[:-1]) if pattern.endswith("/*") else address == pattern


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
