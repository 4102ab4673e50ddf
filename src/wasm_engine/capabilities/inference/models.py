"""wasm-engine:inference/models: models compute by effects; what they give is an input."""

from __future__ import annotations

from typing import Any, TypeAlias

from wasm_engine.concepts import canonical, cost, faults
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
from wasm_engine.concepts.tensors import (
    TEXT,
    ModelFacts,
    Slot,
    Tensor,
    Unfit,
    check_inputs,
    size_of,
    texts_of,
)

Data: TypeAlias = tuple[str, Any]
"""Element, and bytes or, of texts, a list."""
Given: TypeAlias = list[tuple[str, bytes, Data]]
"""Of each tensor its name, its shape as packed numbers of 32 bits, and its data."""
SlotRow: TypeAlias = tuple[str, str, list[int | None], bool]
Description: TypeAlias = tuple[str, bool, list[SlotRow], list[SlotRow]]


def describe(guest: Caller, name: str) -> Description | Err:
    """What a model takes, and gives."""
    facts = granted(guest, name, "tensors")
    if isinstance(facts, Err):
        return facts
    inputs, outputs = _rows(facts.inputs), _rows(facts.outputs)
    return facts.digest.hex(), facts.portable, inputs, outputs


def _rows(slots: tuple[Slot, ...]) -> list[SlotRow]:
    return [(slot.name, slot.element, list(slot.shape), slot.optional) for slot in slots]


def start(guest: Caller, name: str, inputs: Given, timeout: int | None) -> int | Err:
    """Has a model compute, without waiting; it begins when the segment is committed."""
    fitting = _fitting(guest, name, inputs)
    if isinstance(fitting, Err):
        return fitting
    number: int | Err = ask(guest, *fitting, timeout)
    return number


def _fitting(guest: Caller, name: str, inputs: Given) -> tuple[ModelFacts, list[Tensor], int] | Err:
    """A model that the guest may ask, what it is to be given, and how many bytes those are."""
    facts = granted(guest, name, "tensors")
    if isinstance(facts, Err):
        return facts
    tensors = [_tensor(*given) for given in inputs]
    try:
        check_inputs(facts.inputs, tensors)
    except Unfit as unfit:
        return refusal(faults.BAD_TENSOR, str(unfit))
    return facts, tensors, size_of(tensors)


def _tensor(name: str, shape: bytes, data: Data) -> Tensor:
    element, values = data
    packed = canonical.encode(values) if element == TEXT else values
    return name, element, list(memoryview(shape).cast("I")), packed


def take(guest: Caller, number: int) -> Given | Err:
    """What a model gave; once."""
    return _given(guest, taken(guest, number, "tensors"))


def _given(guest: Caller, tensors: list[Tensor] | Err) -> Given | Err:
    """Tensors of a model as they cross."""
    if isinstance(tensors, Err):
        return tensors
    guest.charge(size_of(tensors) * cost.MESSAGE_BYTE)
    return [
        (name, _packed(shape), (element, texts_of(data) if element == TEXT else data))
        for name, element, shape, data in tensors
    ]


def _packed(shape: list[int]) -> bytes:
    return b"".join(length.to_bytes(4, "little") for length in shape)


def run(guest: Caller, name: str, inputs: Given, timeout: int | None) -> Any:
    """Has a model compute and waits: start, wait and take in one, or all of it at once."""
    fitting = _fitting(guest, name, inputs)
    if isinstance(fitting, Err):
        return fitting
    facts, tensors, size = fitting
    if is_prompt(guest, facts, size):
        asked = ask_promptly(guest, facts, tensors, size, timeout)
        return asked if isinstance(asked, Err) else guest.suspend(Computation(MODELS, asked, _come))
    number = ask(guest, facts, tensors, size, timeout)
    if isinstance(number, Err):
        return number
    return guest.suspend(Wait({number: None}, call=(_NAME + "take", (number,))))


def _come(guest: Caller, outcome: Any) -> Given | Err:
    answer: Given | Err = guest.computed(_given(guest, come_at_once(guest, outcome)))
    return answer


_NAME = "wasm-engine:inference/models#"
FUNCTIONS = (
    HostFunction(_NAME + "describe", describe, shared=True),
    HostFunction(_NAME + "run", run, suspends=True, shared=True, packed=True),
    HostFunction(_NAME + "start", start, shared=True, begins=True, packed=True),
    HostFunction(_NAME + "take", take, shared=True, packed=True),
)
