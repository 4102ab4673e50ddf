"""wasi:nn/inference: models compute by effects, as those of wasm-engine:inference do."""

from __future__ import annotations

from typing import Any, TypeAlias

from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.caller import Caller
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.concepts.model_calls import ask, granted, taken
from wasm_engine.concepts.tensors import (
    ModelFacts,
    Unfit,
    check_inputs,
    size_of,
)
from wasm_engine.concepts.tensors import Tensor as Plain
from wasm_engine.runtime.wasi.nn.handles import ELEMENTS, TYPES, Graph, Tensor, error, error_of

Named: TypeAlias = list[tuple[str, Tensor]]


def compute(guest: Any, context: Graph, inputs: Named) -> Any:
    """Has a model compute, and waits. The tensors that it is given are gone."""
    given = [(name, it.dimensions, it.ty, it.data) for name, it in inputs]
    for _, tensor in inputs:
        tensor.drop()
    number = guest.given(lambda: _begin(guest, context.name, given))
    if isinstance(number, Err):
        return error_of(number)
    return guest.wait({number: None}, None, lambda caller: _arrived(caller, number))


def _begin(guest: Caller, name: str, given: list[tuple[str, list[int], str, bytes]]) -> int | Err:
    facts = granted(guest, name, "tensors")
    if isinstance(facts, Err):
        return facts
    tensors = [_fitted(facts, (it[0], ELEMENTS[it[2]], it[1], it[3])) for it in given]
    try:
        check_inputs(facts.inputs, tensors)
    except Unfit as unfit:
        return refusal(faults.BAD_TENSOR, str(unfit))
    number: int | Err = ask(guest, facts, tensors, size_of(tensors), None)
    return number


def _fitted(facts: ModelFacts, tensor: Plain) -> Plain:
    """The tensor, without its dimension where the model takes one number by itself."""
    name, element, shape, data = tensor
    alone = any(slot.name == name and not slot.shape for slot in facts.inputs)
    return (name, element, [], data) if alone and shape == [1] else tensor


def _arrived(guest: Any, number: int) -> Named | Err:
    """What a model gave."""
    tensors = guest.given(lambda: taken(guest, number, "tensors"))
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
