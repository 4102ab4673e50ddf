"""What an effect can have brought, by its capability: run files of others are held to it."""

from __future__ import annotations

from math import prod
from typing import Any, Final

import msgspec

from wasm_engine.concepts.chat import CHAT, MOST_TOKENS, Answer
from wasm_engine.concepts.effect import MODELS, Outcome
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.tensors import MAX_RANK, TEXT, WIDTHS, Slot, Tensor, count_of

_LONGEST: Final = (1 << 32) - 1
_RANK: Final = 2 * MAX_RANK


def is_outcome(capability: str, outcome: Outcome) -> bool:
    """Whether an effect can have ended so; of language models, and models that compute here.

    What others bring is looked at where guests are told of it.
    """
    if isinstance(outcome, Err):
        return True
    try:
        if capability == CHAT:
            return _is_answer(outcome)
        return capability != MODELS or _is_of_model(*outcome)
    except (ValueError, TypeError, LookupError, RecursionError):
        return False


def _is_answer(outcome: tuple[Any, ...]) -> bool:
    answer = Answer.of(outcome)
    tokens = answer.prompt, answer.answer
    return answer.outcome() == outcome and min(tokens) >= 0 and max(tokens) <= MOST_TOKENS


def _is_of_model(form: str, name: str, found: Any) -> bool:
    if not isinstance(name, str):
        return False
    match form:
        case "texts":
            return isinstance(found, bytes) and len(found) % WIDTHS["float32"] == 0
        case "tensors" | "given":
            tensors: list[Tensor] = msgspec.convert(found, list[tuple[str, str, list[int], bytes]])
            return all(_is_tensor(*tensor) for tensor in tensors)
        case "slots":
            slots = msgspec.convert(found, tuple[list[Slot], list[Slot]])
            return all(it.element == TEXT or it.element in WIDTHS for it in (*slots[0], *slots[1]))
    return False


def _is_tensor(_name: str, element: str, shape: list[int], data: bytes) -> bool:
    if len(shape) > _RANK or not all(0 <= length <= _LONGEST for length in shape):
        return False
    whole = element == TEXT or len(data) % WIDTHS[element] == 0
    return whole and count_of(element, data) == prod(shape)
