"""The resources of wasi:nn: `tensor`, `graph`, `graph-execution-context` and `error`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from wasm_engine.concepts import faults
from wasm_engine.concepts.hostcall import Err, HostFunction
from wasm_engine.runtime.wasi.room import Room

if TYPE_CHECKING:
    from wasm_engine.runtime.wasi.freezing import Freezing, Thawing

ELEMENTS: Final[Mapping[str, str]] = {
    "FP16": "float16",
    "FP32": "float32",
    "FP64": "float64",
    "BF16": "bfloat16",
    "U8": "uint8",
    "I32": "int32",
    "I64": "int64",
}
"""What tensors hold, by what the standard calls it."""
_LENGTH: Final = 40
"""Bytes that the length of a dimension takes: a tensor may have any number of them."""
TYPES: Final = {element: name for name, element in ELEMENTS.items()}
_CODES: Final[Mapping[str, str]] = {
    faults.NOT_GRANTED: "security",
    faults.FORBIDDEN: "security",
    faults.UNKNOWN_MODEL: "not-found",
    faults.BAD_TENSOR: "invalid-argument",
    faults.TOO_LARGE: "too-large",
    faults.TIMEOUT: "timeout",
    faults.MODEL_FAILED: "runtime-error",
    faults.BAD_MODEL: "invalid-encoding",
}
"""What the standard calls faults; `unknown` any other."""


class Tensor:
    """A resource `tensor`.

    Attributes:
        dimensions: The length of each.
        ty: A key of `ELEMENTS`.
        data: Its bytes.
    """

    __slots__ = ("_room", "_size", "data", "dimensions", "ty")
    kind = "nn-tensor"

    def __init__(self, room: Room, dimensions: list[int], ty: str, data: bytes) -> None:
        self._size = len(data) + _LENGTH * len(dimensions)
        room.take(self._size)
        self._room = room
        self.dimensions, self.ty, self.data = dimensions, ty, data

    def drop(self) -> None:
        """The guest dropped its handle, or gave it to a model."""
        self._room.give_back(self._size)

    def freeze(self, into: Freezing) -> list[Any]:
        """All of it."""
        return [self.dimensions, self.ty, self.data]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> Tensor:
        """An equal one."""
        return Tensor(out_of.wasi.room, *parts)


class Graph:
    """A resource `graph`, or a `graph-execution-context` of one.

    Attributes:
        name: What the manifest calls the model.
        data: Its bytes, where the guest brought them; else empty.
        inputs: What it takes then, as `Slot` has it.
    """

    __slots__ = ("_room", "data", "inputs", "name")
    kind = "nn-graph"

    def __init__(
        self, room: Room, name: str, data: bytes = b"", inputs: Sequence[Any] = ()
    ) -> None:
        room.take(len(data))
        self._room = room
        self.name, self.data, self.inputs = name, data, inputs

    def drop(self) -> None:
        """The guest dropped its handle."""
        self._room.give_back(len(self.data))

    def freeze(self, into: Freezing) -> list[Any]:
        """All of it."""
        return [self.name, self.data, list(self.inputs)]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> Graph:
        """One of the same model."""
        return Graph(out_of.wasi.room, *parts)


class Error:
    """A resource `error`.

    Attributes:
        code: A case of `error-code`.
        data: More about it.
    """

    __slots__ = ("code", "data")
    kind = "nn-error"

    def __init__(self, code: str, data: str) -> None:
        self.code, self.data = code, data

    def freeze(self, into: Freezing) -> list[Any]:
        """All of it."""
        return [self.code, self.data]

    @staticmethod
    def thaw(out_of: Thawing, parts: list[Any]) -> Error:
        """An equal one."""
        return Error(*parts)


def error(code: str, data: str) -> Err:
    """The error case of a result."""
    return Err(Error(code, data))


def error_of(fault: Err) -> Err:
    """A fault of this engine as an error of the standard."""
    code, detail = fault.payload
    return error(_CODES.get(code, "unknown"), f"{code}: {detail}" if detail else code)


def new_tensor(guest: Any, dimensions: list[int], ty: str, data: bytes) -> Tensor:
    """A tensor. Whether it fits a model, or itself, shows where a model is given it."""
    return Tensor(guest.wasi.room, dimensions, ty, data)


def dimensions(_guest: Any, tensor: Tensor) -> list[int]:
    """The length of each dimension."""
    return tensor.dimensions


def ty(_guest: Any, tensor: Tensor) -> str:
    """What it holds."""
    return tensor.ty


def data(_guest: Any, tensor: Tensor) -> bytes:
    """Its elements."""
    return tensor.data


def code(_guest: Any, failed: Error) -> str:
    """What went wrong."""
    return failed.code


def more(_guest: Any, failed: Error) -> str:
    """More about it."""
    return failed.data


FROZEN = (Tensor, Graph, Error)
_TENSOR, _ERROR = "wasi:nn/tensor#", "wasi:nn/errors#[method]error."
FUNCTIONS = (
    HostFunction(f"{_TENSOR}[constructor]tensor", new_tensor, in_init=True),
    HostFunction(f"{_TENSOR}[method]tensor.dimensions", dimensions, in_init=True),
    HostFunction(f"{_TENSOR}[method]tensor.ty", ty, in_init=True),
    HostFunction(f"{_TENSOR}[method]tensor.data", data, in_init=True),
    HostFunction(f"{_ERROR}code", code, in_init=True),
    HostFunction(f"{_ERROR}data", more, in_init=True),
)
