"""Tensors of a world as ONNX Runtime takes and gives them."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from math import prod
from typing import Any, Final

from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.tensors import TEXT, Slot, Tensor, texts_of
from wasm_engine.host.onnx_runtime import onnxruntime

_ELEMENTS: Final = {
    "float": "float32",
    "double": "float64",
    "float16": "float16",
    "bfloat16": "bfloat16",
    "int8": "int8",
    "int16": "int16",
    "int32": "int32",
    "int64": "int64",
    "uint8": "uint8",
    "uint16": "uint16",
    "uint32": "uint32",
    "uint64": "uint64",
    "bool": "boolean",
    "string": TEXT,
}
"""Elements as this engine calls them, by what ONNX Runtime does."""
_TYPES: Final = {
    "float32": "<f4",
    "float64": "<f8",
    "float16": "<f2",
    "bfloat16": "<u2",
    "int8": "<i1",
    "int16": "<i2",
    "int32": "<i4",
    "int64": "<i8",
    "uint8": "<u1",
    "uint16": "<u2",
    "uint32": "<u4",
    "uint64": "<u8",
    "boolean": "?",
}
LONGEST: Final = (1 << 32) - 1
"""Of a dimension, as agents are told of it."""
_BFLOAT16: Final = 16
"""Its number among ONNX's types of elements."""
FEW: Final = 64
"""Numbers that are looked through faster one by one."""
_FLOATS: Final = frozenset({"float32", "float64", "float16"})


def slot_of(argument: Any, *, optional: bool = False) -> Slot:
    """What a session says of one of its inputs or outputs.

    Raises:
        Misuse: It is no tensor, or of elements that agents have no type for.
    """
    text = argument.type
    if text.startswith("optional("):
        text, optional = text[9:-1], True
    element = _ELEMENTS.get(text.removeprefix("tensor(").removesuffix(")"))
    if element is None or not text.startswith("tensor("):
        message = f"{argument.name!r} is of the type {text}, which agents have none for"
        raise Misuse(message, code="bad-model")
    shape = tuple(n if isinstance(n, int) and n >= 0 else None for n in argument.shape)
    return Slot(argument.name, element, shape, optional)


def array_of(tensor: Tensor) -> Any:
    """A tensor as numpy has it; of bfloat16 the bits."""
    import numpy  # noqa: PLC0415

    _, element, shape, data = tensor
    if element == TEXT:
        texts = numpy.empty(prod(shape), dtype=object)
        texts[:] = texts_of(data)
        return texts.reshape(shape)
    if element == "boolean":  # a byte of 7 would be neither, and what comes of it anything
        return (numpy.frombuffer(data, "u1") != 0).reshape(shape)
    return numpy.frombuffer(data, _TYPES[element]).reshape(shape)


def value_of(tensor: Tensor) -> Any:
    """A tensor as a value of ONNX Runtime's own, which has a type where numpy has none."""
    value = onnxruntime().OrtValue
    array = array_of(tensor)
    if tensor[1] == "bfloat16":
        return value.ortvalue_from_numpy_with_onnx_type(array, _BFLOAT16)
    return value.ortvalue_from_numpy(array)


def tensor_of(slot: Slot, found: Any, *, settle: bool) -> Tensor:
    """What a session gave, as a tensor.

    Args:
        slot: Which output it is.
        found: An array, or a value of ONNX Runtime's own.
        settle: Whether each number that is none becomes the one that has no bits of its own.
    """
    if slot.element == "bfloat16":
        shape = list(found.shape())
        return slot.name, slot.element, shape, ctypes.string_at(found.data_ptr(), 2 * prod(shape))
    array = found if type(found).__name__ == "ndarray" else found.numpy()
    shape = list(array.shape)
    if slot.element == TEXT:
        return slot.name, slot.element, shape, canonical.encode(array.reshape(-1).tolist())
    if settle and slot.element in _FLOATS:
        array = _settled(array)
    return slot.name, slot.element, shape, array.tobytes()


def _settled(array: Any) -> Any:
    """Processors differ in the bits of what is no number."""
    if array.size <= FEW:
        total = sum(array.ravel().tolist())  # no number, where one of them is none
    else:
        total = array.min()  # the same
    if total == total:
        return array
    import numpy  # noqa: PLC0415

    array = array.copy()
    array[numpy.isnan(array)] = numpy.nan
    return array


def are_plain(slots: Sequence[Slot]) -> bool:
    """Whether numpy has a type for each."""
    return all(slot.element != "bfloat16" for slot in slots)
