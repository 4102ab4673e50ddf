"""Whether plain values that somebody else made are those that a call's arguments can be."""

from __future__ import annotations

from types import UnionType
from typing import Any, TypeAlias, get_args

Shape: TypeAlias = type | UnionType | list[Any] | tuple[Any, ...]
"""`str`, `bytes | None`; `[shape]` is a list of any length, `(shape, shape)` a tuple of two."""


def fits(value: Any, shape: Shape) -> bool:
    """Whether a value has a shape, exactly: no flag is a number."""
    if isinstance(shape, list):
        return type(value) is list and all(fits(part, shape[0]) for part in value)
    if isinstance(shape, tuple):
        whole = type(value) is tuple and len(value) == len(shape)
        return whole and all(map(fits, value, shape))
    return type(value) in (get_args(shape) or (shape,))
