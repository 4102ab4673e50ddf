"""Models of tensors: those that the manifest grants compute on the machine of the world.

    from wasm_agent import models, on

    @on("measure")
    def measure(message):
        found = models.run("classifier", {"x": [message.json()]})
        return found["scores"].tolist()

What they gave is kept in the run: a replay asks no model.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

from wasm_agent.contract import call, checked_text
from wasm_agent.contract import models as _host
from wasm_agent.faults import Fault
from wasm_agent.requests import Request
from wasm_agent.values import Span, nanoseconds

_ELEMENTS = (
    "float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8",
    "uint16", "uint32", "uint64", "boolean", "text",
)  # fmt: skip
_CASES = {name: getattr(_host, f"Data_{name.capitalize()}") for name in _ELEMENTS}
_NAMES = {case: name for name, case in _CASES.items()}
_ARRAYS = {
    "f": "float32", "d": "float64", "b": "int8", "h": "int16", "i": "int32", "q": "int64",
    "B": "uint8", "H": "uint16", "I": "uint32", "Q": "uint64",
}  # fmt: skip
_RANGES = {
    f"{sign}int{bits}": (-(2 ** (bits - 1)) if not sign else 0, 2 ** (bits - (not sign)) - 1)
    for sign in ("", "u")
    for bits in (8, 16, 32, 64)
} | {"float16": (0, 2**16 - 1), "bfloat16": (0, 2**16 - 1)}
_MAX_LENGTH = 2**32 - 1


class Tensor(Sequence[Any]):
    """Values of one kind in row-major order, with a shape. As a sequence: its values, flat.

    Attributes:
        element: What it holds: `float32`, `int64`, `boolean`, `text` and so on. Numbers of
            `float16` and `bfloat16` are their 16 bits, as whole numbers.
        shape: The length of each dimension; empty for one value by itself.
    """

    def __init__(self, element: str, shape: Sequence[int], values: Sequence[Any]) -> None:
        if element not in _CASES:
            message = f"{element!r} is no element of tensors; there are {', '.join(_ELEMENTS)}"
            raise ValueError(message)
        self.element, self.shape, self._values = element, tuple(shape), values
        if any(not isinstance(n, int) or not 0 <= n <= _MAX_LENGTH for n in self.shape):
            message = f"{self.shape!r} is no shape"
            raise ValueError(message)
        if prod(self.shape) != len(values):
            message = (
                f"a shape of {list(self.shape)} has {prod(self.shape)} values, not {len(values)}"
            )
            raise ValueError(message)

    def __getitem__(self, place: Any) -> Any:
        return self._values[place]

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def tolist(self) -> Any:
        """Lists in lists, one level for each dimension; the value itself where there is none."""
        rows: list[Any] = list(self._values)
        for length in reversed(self.shape[1:]):
            count = len(rows) // length if length else prod(self.shape[: len(self.shape) - 1])
            rows = [rows[i * length : (i + 1) * length] for i in range(count)]
        return rows if self.shape else rows[0]

    def item(self) -> Any:
        """The value of a tensor that has one.

        Raises:
            ValueError: It has another number of them.
        """
        if len(self._values) != 1:
            message = f"the tensor has {len(self._values)} values"
            raise ValueError(message)
        return self._values[0]

    def __repr__(self) -> str:
        return f"Tensor({self.element}, {list(self.shape)})"


class Slot:
    """A tensor that a model takes or gives.

    Attributes:
        name: Its name.
        element: What it holds.
        shape: Lengths; None where any is taken.
        optional: Whether it may be left out.
    """

    def __init__(self, told: Any) -> None:
        self.name: str = told.name
        self.element: str = told.element
        self.shape: list[int | None] = list(told.shape)
        self.optional: bool = told.optional

    def __repr__(self) -> str:
        return f"Slot({self.name!r}, {self.element}, {self.shape})"


class Model:
    """What is known of a model.

    Attributes:
        digest: SHA-256 of it, 64 hexadecimal digits.
        portable: Whether its results are the same bits on each machine of this architecture.
        inputs, outputs: What it takes, and gives, by name, in its order.
    """

    def __init__(self, told: Any) -> None:
        self.digest: str = told.digest
        self.portable: bool = told.portable
        self.inputs = {slot.name: Slot(slot) for slot in told.inputs}
        self.outputs = {slot.name: Slot(slot) for slot in told.outputs}


class Asked(Request):
    """A model that computes, from `start`. `wait_any` and `gather` take it too."""

    def __init__(self, model: str, number: int) -> None:
        super().__init__(model, "run", number)

    def _taken(self) -> Any:
        try:
            return _found(call(_host.take, self.number))
        except Fault as fault:
            return fault

    def __repr__(self) -> str:
        return f"Asked({self.to!r}, {self.number})"


def describe(model: str) -> Model:
    """What a model takes, and gives.

    Raises:
        Fault: `NotGranted`, or `UnknownModel`.
    """
    return Model(call(_host.describe, model))


def run(model: str, inputs: Mapping[str, Any], *, timeout: Span | None = None) -> dict[str, Tensor]:
    """Has a model compute, and waits; the rest of the world goes on meanwhile.

    Args:
        model: Its name in the manifest.
        inputs: By name a `Tensor`, an `array.array`, or values in lists, one level for each
            dimension. What lists hold is what the model takes there.
        timeout: Seconds of real time (or a timedelta); never longer than the manifest allows.

    Returns:
        What it gives, by name, in its order.

    Raises:
        Fault: `BadTensor`, `ModelFailed`, `Timeout`, `TooLarge`, `NotGranted`...
    """
    return _found(call(_host.run, model, _tensors(model, inputs), _span(timeout)))


def start(model: str, inputs: Mapping[str, Any], *, timeout: Span | None = None) -> Asked:
    """Has a model compute without waiting: the first half of `run`."""
    return Asked(model, call(_host.start, model, _tensors(model, inputs), _span(timeout)))


def _span(timeout: Span | None) -> int | None:
    return None if timeout is None else nanoseconds(timeout)


def _found(tensors: Any) -> dict[str, Tensor]:
    return {it.name: Tensor(_NAMES[type(it.data)], it.shape, it.data.value) for it in tensors}


def _tensors(model: str, inputs: Mapping[str, Any]) -> list[Any]:
    plain = any(not isinstance(value, (Tensor, array)) for value in inputs.values())
    slots = describe(model).inputs if plain else {}
    return [_told(name, _tensor(name, value, slots)) for name, value in inputs.items()]


def _tensor(name: str, value: Any, slots: dict[str, Slot]) -> Tensor:
    if isinstance(value, Tensor):
        return value
    if isinstance(value, array) and value.typecode in _ARRAYS:
        return Tensor(_ARRAYS[value.typecode], [len(value)], value)
    if name not in slots:
        message = f"the model has no input {name!r}; there are {', '.join(slots)}"
        raise ValueError(message)
    shape: list[int] = []
    values: list[Any] = [value]
    while values and isinstance(values[0], (list, tuple)):
        length = len(values[0])
        if any(not isinstance(row, (list, tuple)) or len(row) != length for row in values):
            message = f"{name}: rows of different lengths"
            raise ValueError(message)
        shape.append(length)
        values = [item for row in values for item in row]
    return Tensor(slots[name].element, shape, values)


def _told(name: str, tensor: Tensor) -> Any:
    values = [_checked(name, tensor.element, value) for value in tensor]
    data = bytes(values) if tensor.element == "uint8" else values
    return _host.Tensor(name, list(tensor.shape), _CASES[tensor.element](data))


def _checked(name: str, element: str, value: Any) -> Any:
    """A value that the bindings can convert: they end the whole instance over any other."""
    if element == "text":
        return checked_text(f"a text of {name}", value)
    if element == "boolean":
        if not isinstance(value, bool):
            message = f"{name}: a truth value, not {value!r}"
            raise TypeError(message)
        return value
    if element in ("float32", "float64"):
        return float(value)
    low, high = _RANGES[element]
    if not isinstance(value, int) or not low <= value <= high:
        message = f"{name}: a whole number from {low} to {high}, not {value!r}"
        raise ValueError(message)
    return value
