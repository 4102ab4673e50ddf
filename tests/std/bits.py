"""Arithmetic of 32-bit numbers, in the order in which the standard components do it."""

from __future__ import annotations

import struct
from collections.abc import Sequence


def f32(number: float) -> float:
    """The nearest number of 32 bits."""
    return float(struct.unpack("<f", struct.pack("<f", number))[0])


def dot(left: Sequence[float], right: Sequence[float]) -> float:
    """Four sums of four lanes each, added up in pairs; then what is left, one after another."""
    products = [f32(a * b) for a, b in zip(left, right, strict=True)]
    whole = len(products) // 16 * 16
    lanes = [0.0] * 16
    for at in range(whole):
        lanes[at % 16] = f32(lanes[at % 16] + products[at])
    four = [f32(f32(lanes[i] + lanes[i + 4]) + f32(lanes[i + 8] + lanes[i + 12])) for i in range(4)]
    total = f32(f32(four[0] + four[1]) + f32(four[2] + four[3]))
    for product in products[whole:]:
        total = f32(total + product)
    return total
