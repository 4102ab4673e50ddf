"""wasm-engine:inference/chat: language models are asked by effects; their answers are inputs."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from wasm_engine.capabilities.chat.conversation import (
    Options,
    Turn,
    check_conversation,
    check_options,
)
from wasm_engine.concepts import canonical, cost, faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.chat import CHAT, Answer
from wasm_engine.concepts.effect import asked_before
from wasm_engine.concepts.ended import ended
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.segment import Wait, arguments_size

SERVICE = "chat"
"""What the world calls the `LanguageModels` that all of its agents share."""
MAX_BYTES = 4 << 20
"""Bytes of a question."""
MAX_SHOWN = 2_000
"""Characters of an answer that does not fit which its fault tells."""

Usage: TypeAlias = tuple[int, int]
Reply: TypeAlias = tuple[str, list[tuple[str, str, str]], str, Usage]


class LanguageModel(NamedTuple):
    """What a world knows of a language model.

    Attributes:
        context: Tokens that a conversation and its answer may have together.
        most: Most tokens of an answer.
        timeout: Most real time (ns) that an answer may take.
        cache: Whether the same question gets the same answer again.
        instead: In a fork, by what it was replaced; else empty.
    """

    context: int
    most: int
    timeout: int
    cache: bool = False
    instead: str = ""


class LanguageModels:
    """The language models of a world, by name; a service without turn calls.

    Args:
        models: All of them, as the manifest says.
    """

    def __init__(self, models: dict[str, LanguageModel]) -> None:
        self._models = models
        self._replaced: dict[str, LanguageModel] = {}

    def get(self, name: str) -> LanguageModel | None:
        """The model of that name."""
        return self._replaced.get(name) or self._models.get(name)

    def replace(self, name: str, model: LanguageModel) -> None:
        """From here on another one has the name."""
        self._replaced[name] = model

    def execute(self, agent: Any, operation: str, arguments: tuple[Any, ...]) -> Any | Err:
        """There is no turn call."""
        raise AssertionError(agent, operation, arguments)

    def freeze(self) -> Any:
        """The replaced ones, as plain canonical values."""
        return [[name, *model] for name, model in sorted(self._replaced.items())]

    def thaw(self, frozen: Any) -> None:
        """Becomes what was frozen.

        Raises:
            ValueError, TypeError, LookupError: Nobody froze that.
        """
        self._replaced = {name: LanguageModel(*rest) for name, *rest in frozen}


def describe(guest: Caller, name: str) -> tuple[int, int] | Err:
    """How much a model can take, and answer."""
    model = _model(guest, name)
    return model if isinstance(model, Err) else (model.context, model.most)


def start(guest: Caller, name: str, turns: list[Turn], options: Options) -> int | Err:
    """Asks without waiting; the question goes out when the segment is committed."""
    model = _model(guest, name)
    if isinstance(model, Err):
        return model
    try:
        check_conversation(turns)
        check_options(options)
    except Wrong as wrong:
        return refusal(faults.INVALID_REQUEST, str(wrong))
    refused = guest.authorize("model", name)
    if refused is not None:
        return refused
    arguments = _arguments(guest, name, model, turns, options)
    size = arguments_size(arguments)
    if size > MAX_BYTES:
        return refusal(faults.TOO_LARGE, f"a question is at most {MAX_BYTES} bytes, not {size}")
    guest.charge(size * cost.MESSAGE_BYTE)
    refused = guest.spend("tokens", 0, kept=False)  # whether any are left
    if refused is not None:
        return refused
    number = guest.issue(CHAT, arguments)
    if isinstance(number, Err):  # a budget has not so much left
        return number
    guest.answered_by(number, f"model:{name}")
    if model.cache:
        guest.writes(asked_before(CHAT, arguments))
    return number


def take(guest: Caller, number: int) -> Reply | Err:
    """What a model answered; once."""
    outcome: tuple[Any, ...] | Err = ended(
        guest, number, guest.seen(number), _is_answer, "asks no language model"
    )
    if isinstance(outcome, Err):
        return outcome
    _, content, calls, finish, prompt, answer, wrong, _kept = outcome
    size = len(content) + sum(len(part) for call in calls for part in call)
    guest.charge(size * cost.MESSAGE_BYTE)
    if wrong:
        return refusal(faults.BAD_ANSWER, f"{wrong}; it answered: {content[:MAX_SHOWN]}")
    return content, list(calls), finish, (prompt, answer)


def complete(guest: Caller, name: str, turns: list[Turn], options: Options) -> Any:
    """Asks a model and waits for what it answers: start, wait and take in one."""
    number = start(guest, name, turns, options)
    if isinstance(number, Err):
        return number
    return guest.suspend(Wait({number: None}, call=(_NAME + "take", (number,))))


def _model(guest: Caller, name: str) -> LanguageModel | Err:
    if not guest.agent.may_use("model", name):
        return refusal(faults.NOT_GRANTED, f"model:{name[:100]}")
    models: LanguageModels | None = guest.world.services.get(SERVICE)
    model = None if models is None else models.get(name)
    if model is None:
        return refusal(faults.UNKNOWN_MODEL, f"{name} is no language model")
    return model


def _seed_of(said: Any) -> int:
    return int.from_bytes(canonical.sha256(canonical.encode(said))[:4], "little") >> 1


def _is_answer(outcome: tuple[Any, ...]) -> bool:
    return len(outcome) == _FIELDS and outcome[0] == CHAT and isinstance(outcome[4], int)


_FIELDS = 1 + len(Answer.__struct_fields__)


def _arguments(
    guest: Caller, name: str, model: LanguageModel, turns: list[Turn], options: Options
) -> tuple[Any, ...]:
    """What is asked, as `concepts.chat.Question` has it: nothing of it is left to chance."""
    tools, choice, schema, most, temperature, top_p, top_k, seed, stop, timeout = options
    said = (turns, tools, choice, schema)
    if seed is None:
        # Where the same question gets the same answer, it has to be the same to the seed.
        seed = _seed_of(said) if model.cache else guest.seed()
    return (
        name,
        model.instead,
        *said,
        model.most if most is None else min(most, model.most),
        temperature,
        top_p,
        top_k,
        seed,
        stop,
        model.timeout if timeout is None else min(timeout, model.timeout),
        model.context,
    )


_NAME = "wasm-engine:inference/chat#"
FUNCTIONS = (
    HostFunction(_NAME + "describe", describe, shared=True),
    HostFunction(_NAME + "complete", complete, suspends=True, shared=True),
    HostFunction(_NAME + "start", start, shared=True, begins=True),
    HostFunction(_NAME + "take", take, shared=True),
)
