"""Protocol buffers as they are on the wire: the fields of a message, without copying them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from wasm_engine.concepts.mistakes import Wrong

Field: TypeAlias = "tuple[int, int | memoryview]"
"""Its number, and its value: a whole number, or bytes: text, a message, packed numbers."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MOST_BITS = 64


def fields(data: memoryview) -> Iterator[Field]:
    """The fields of a message, in their order.

    Raises:
        Wrong: It ends too early, or is no message.
    """
    at, end = 0, len(data)
    while at < end:
        tag, at = varint(data, at)
        number, kind = tag >> 3, tag & 7
        if not number:
            raise Wrong("a field without a number")
        if kind == _VARINT:
            value, at = varint(data, at)
            yield number, value
            continue
        if kind == _BYTES:
            size, at = varint(data, at)
        elif kind in (_FIXED64, _FIXED32):
            size = 8 if kind == _FIXED64 else 4
        else:
            raise Wrong(f"a field of unknown kind {kind}")
        if size > end - at:
            raise Wrong("it ends too early")
        yield number, data[at : at + size]
        at += size


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """A whole number of 64 bits without sign, and where it ends.

    Raises:
        Wrong: It does not end, or is too large.
    """
    value = shift = 0
    while at < len(data) and shift < _MOST_BITS:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & ((1 << _MOST_BITS) - 1), at
        shift += 7
    raise Wrong("a number that does not end")


def signed(value: int) -> int:
    """The number with a sign that these 64 bits are."""
    return value - (1 << _MOST_BITS) if value >> (_MOST_BITS - 1) else value


def numbers(value: int | memoryview) -> list[int]:
    """Of a field that may be repeated, packed or not: its whole numbers, with their signs.

    Raises:
        Wrong: They end too early.
    """
    if isinstance(value, int):
        return [signed(value)]
    found, at = [], 0
    while at < len(value):
        number, at = varint(value, at)
        found.append(signed(number))
    return found


def whole(value: int | memoryview) -> int:
    """Of a field that is one whole number.

    Raises:
        Wrong: It is none.
    """
    if not isinstance(value, int):
        raise Wrong("bytes where a number belongs")
    return signed(value)


def inner(value: int | memoryview) -> memoryview:
    """Of a field that is bytes, or a message.

    Raises:
        Wrong: It is a number.
    """
    if isinstance(value, int):
        raise Wrong("a number where bytes belong")
    return value


def text(value: int | memoryview) -> str:
    """Of a field that is text.

    Raises:
        Wrong: It is none.
    """
    try:
        return bytes(inner(value)).decode()
    except UnicodeDecodeError:
        raise Wrong("text that is no UTF-8") from None
