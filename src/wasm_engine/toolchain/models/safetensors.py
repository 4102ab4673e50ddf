"""Weights in the safetensors form: a table of contents in JSON, then the numbers as they are."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import msgspec
import numpy as np

from wasm_engine.concepts.errors import Misuse

_TYPES: dict[str, Any] = {
    "F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": ml_dtypes.bfloat16,
    "I64": np.int64, "I32": np.int32, "I16": np.int16, "I8": np.int8, "U8": np.uint8,
    "BOOL": np.bool_,
}  # fmt: skip
_HEAD = 8
_MOST_TABLE = 100 << 20


class _Row(msgspec.Struct):
    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]


def read_safetensors(data: memoryview, name: str) -> dict[str, Any]:
    """The tensors of a file, without copying them.

    Args:
        data: Its bytes.
        name: What the file is called in an error.

    Raises:
        Misuse: It is none, or is damaged.
    """
    size = int.from_bytes(data[:_HEAD], "little")
    if len(data) < _HEAD or not 2 <= size <= min(_MOST_TABLE, len(data) - _HEAD):
        raise _damaged(name)
    try:
        table = msgspec.json.decode(data[_HEAD : _HEAD + size], type=dict[str, msgspec.Raw])
        table.pop("__metadata__", None)
        rows = {key: msgspec.json.decode(raw, type=_Row) for key, raw in table.items()}
        return {key: _tensor(data[_HEAD + size :], row) for key, row in rows.items()}
    except (msgspec.MsgspecError, ValueError, KeyError, OverflowError, RecursionError):
        raise _damaged(name) from None


def _tensor(body: memoryview, row: _Row) -> Any:
    begin, end = row.data_offsets
    if not 0 <= begin <= end <= len(body):
        raise ValueError
    return np.frombuffer(body[begin:end], _TYPES[row.dtype]).reshape(row.shape)


def _damaged(name: str) -> Misuse:
    return Misuse(f"{name}: no safetensors file, or a damaged one", code="bad-model")
