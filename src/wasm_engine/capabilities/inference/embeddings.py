"""wasm-engine:inference/embeddings: texts become vectors, by effects on models."""

from __future__ import annotations

from typing import Any

from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.effect import MODELS
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.model_calls import (
    ask,
    ask_promptly,
    come_at_once,
    granted,
    is_prompt,
    taken,
)
from wasm_engine.concepts.segment import Computation, Wait

MAX_TEXTS = 1_024
"""Texts of one call."""
MAX_TEXT = 1 << 20
"""Bytes of one text."""


def dimensions(guest: Caller, name: str) -> int | Err:
    """How many numbers a vector has."""
    facts = granted(guest, name, "texts")
    return facts if isinstance(facts, Err) else facts.dimensions


def embed(guest: Caller, name: str, texts: list[str]) -> Any:
    """Has a model make a vector of each text, and waits."""
    facts = granted(guest, name, "texts")
    if isinstance(facts, Err):
        return facts
    sizes = [len(text.encode()) for text in texts]
    if len(texts) > MAX_TEXTS or max(sizes, default=0) > MAX_TEXT:
        detail = f"at most {MAX_TEXTS} texts in a call, of {MAX_TEXT} bytes each"
        return refusal(faults.TOO_LARGE, detail)
    if not texts:
        return b""
    size = sum(sizes) + len(texts) * facts.dimensions * 4
    if is_prompt(guest, facts, size):
        asked = ask_promptly(guest, facts, texts, size)
        return asked if isinstance(asked, Err) else guest.suspend(Computation(MODELS, asked, _come))
    number = ask(guest, facts, texts, size, None)
    if isinstance(number, Err):
        return number
    return guest.suspend(Wait({number: None}, call=(_ANSWER, (number,))))


def take(guest: Caller, number: int) -> bytes | Err:
    """The vectors, one behind the other; once. No guest can call it."""
    return _given(guest, taken(guest, number, "texts"))


def _come(guest: Caller, outcome: Any) -> bytes | Err:
    answer: bytes | Err = guest.computed(_given(guest, come_at_once(guest, outcome)))
    return answer


def _given(guest: Caller, vectors: bytes | Err) -> bytes | Err:
    if not isinstance(vectors, Err):
        guest.charge(len(vectors) * cost.MESSAGE_BYTE)
    return vectors


_NAME = "wasm-engine:inference/embeddings#"
_ANSWER = f"{_NAME}[outside]answer"
"""By a name that no component can import."""
FUNCTIONS = (
    HostFunction(_NAME + "dimensions", dimensions, shared=True),
    HostFunction(_NAME + "embed", embed, suspends=True, shared=True, packed=True),
    HostFunction(_ANSWER, take, shared=True, packed=True),
)
