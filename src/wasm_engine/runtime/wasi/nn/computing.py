"""wasi:nn/inference: models compute by effects, as those of wasm-engine:inference do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.canonical import sha256
from wasm_engine.concepts.effect import MODELS
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.model_calls import (
    ask,
    ask_as,
    ask_promptly,
    come_at_once,
    granted,
    granted_own,
    is_prompt,
    taken,
)
from wasm_engine.concepts.segment import Computation
from wasm_engine.concepts.tensors import (
    Asked,
    Slot,
    Unfit,
    check_inputs,
    size_of,
)
from wasm_engine.concepts.tensors import Tensor as Plain
from wasm_engine.runtime.wasi.nn.handles import ELEMENTS, TYPES, Graph, Tensor, error, error_of

Named: TypeAlias = list[tuple[str, Tensor]]
AT_ONCE = 0
"""In place of an effect's number, which are from 1: the model computes within the segment."""


def compute(guest: Any, context: Graph, inputs: Named) -> Any:
    """Has a model compute, and waits. The tensors that it is given are gone."""
    given = [(name, ELEMENTS[it.ty], it.dimensions, it.data) for name, it in inputs]
    for _, tensor in inputs:
        tensor.drop()
    own = bool(context.data)
    asked: list[Asked] = []

    def begin() -> int | Err:
        if own:
            return _begin_own(guest, context, given)
        return _begin(guest, context, given, asked)

    number = guest.given(begin)
    if isinstance(number, Err):
        return error_of(number)
    if number == AT_ONCE:
        if not asked:  # it is made again: the call log has what came
            return _came(guest, None)
        return guest.suspend(Computation(MODELS, asked[0], _came))
    guest.began(number)
    form = "given" if own else "tensors"
    return guest.wait({number: None}, None, lambda caller: _arrived(caller, number, form))


def _begin(guest: Caller, context: Graph, given: list[Plain], asked: list[Asked]) -> int | Err:
    """The number of an effect; or `AT_ONCE`, and `asked` then has what is to be computed."""
    facts = granted(guest, context.name, "tensors")
    if isinstance(facts, Err):
        return facts
    tensors = [_fitted(facts.inputs, it) for it in given]
    try:
        check_inputs(facts.inputs, tensors)
    except Unfit as unfit:
        return refusal(faults.BAD_TENSOR, str(unfit))
    size = size_of(tensors)
    if is_prompt(guest, facts, size):
        arguments = ask_promptly(guest, facts, tensors, size)
        if isinstance(arguments, Err):
            return arguments
        asked.append(arguments)
        return AT_ONCE
    number: int | Err = ask(guest, facts, tensors, size, None)
    return number


def _begin_own(guest: Caller, context: Graph, given: list[Plain]) -> int | Err:
    """The same of a model that the guest has the bytes of."""
    if granted_own(guest) != context.name:
        return refusal(faults.NOT_GRANTED, f"model:{context.name}")
    slots = [Slot(name, it, tuple(shape), opt) for name, it, shape, opt in context.inputs]
    tensors = [_fitted(slots, it) for it in given]
    try:
        check_inputs(slots, tensors)
    except Unfit as unfit:
        return refusal(faults.BAD_TENSOR, str(unfit))
    data, size = context.data, len(context.data) + size_of(tensors)
    number: int | Err = ask_as(guest, "given", context.name, sha256(data), [data, tensors], size)
    return number


def _fitted(slots: Sequence[Slot], tensor: Plain) -> Plain:
    """The tensor, without its dimension where the model takes one number by itself."""
    name, element, shape, data = tensor
    alone = any(slot.name == name and not slot.shape for slot in slots)
    return (name, element, [], data) if alone and shape == [1] else tensor


def _arrived(guest: Any, number: int, form: str) -> Named | Err:
    """What a model gave."""
    return _tensors(guest, guest.given(lambda: taken(guest, number, form)))


def _came(guest: Any, outcome: Any) -> Named | Err:
    """What a model gave that computed at once."""
    return _tensors(guest, guest.given(lambda: come_at_once(guest, outcome)))


def _tensors(guest: Any, tensors: list[Plain] | Err) -> Named | Err:
    """Tensors as handles of the guest."""
    if isinstance(tensors, Err):
        return error_of(tensors)
    guest.charge(size_of(tensors) * cost.MESSAGE_BYTE)
    for name, element, _, _ in tensors:
        if element not in TYPES:
            return error("unsupported-operation", f"{name} is of {element}, which has no type here")
    return [
        (name, Tensor(guest.wasi.room, list(shape) or [1], TYPES[element], data))
        for name, element, shape, data in tensors
    ]


FUNCTIONS = (
    HostFunction(
        "wasi:nn/inference#[method]graph-execution-context.compute", compute, suspends=True
    ),
)
