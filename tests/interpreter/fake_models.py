"""`inference/models` and `inference/embeddings` as the bindings for the guest SDK give them."""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass
from typing import Any

MODELS: dict[str, dict[str, type]] = {
    "describe": {"model": str},
    "run": {"model": str, "inputs": object, "timeout": object},
    "start": {"model": str, "inputs": object, "timeout": object},
    "take": {"number": int},
}
EMBEDDINGS: dict[str, dict[str, type]] = {
    "dimensions": {"model": str},
    "embed": {"model": str, "texts": object},
}


@dataclass
class Tensor:
    name: str
    shape: list[int]
    data: Any


@dataclass
class Slot:
    name: str
    element: str
    shape: list[int | None]
    optional: bool


@dataclass
class Description:
    digest: str
    portable: bool
    inputs: list[Slot]
    outputs: list[Slot]


ELEMENTS = (
    "float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8",
    "uint16", "uint32", "uint64", "boolean", "text",
)  # fmt: skip
DATA = [make_dataclass(f"Data_{name.capitalize()}", ["value"]) for name in ELEMENTS]
TYPES = (Tensor, Slot, Description, *DATA)
