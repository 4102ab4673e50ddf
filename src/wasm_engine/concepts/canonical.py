"""Canonical bytes and digests: what is hashed, and therefore the same everywhere.

Values are msgpack (https://msgpack.org) of arrays, integers, text, bytes, booleans, nil and
doubles; maps, where they occur, have their keys sorted. Digests are SHA-256 of plain bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from wasm_engine.concepts.hostcall import Err


def _of_result(value: Any) -> tuple[str, Any]:
    """The one value of the component boundary (hostcall.py) that msgpack has no form for."""
    if isinstance(value, Err):
        return ("err", value.payload)
    message = f"a {type(value).__name__} has no canonical form"
    raise TypeError(message)


_encoder = msgspec.msgpack.Encoder(order="deterministic", enc_hook=_of_result)
_decoder = msgspec.msgpack.Decoder()

encode = _encoder.encode
"""Canonical bytes of a value."""


def decode(data: bytes) -> Any:
    """The value of canonical bytes (tuples come back as lists)."""
    return _decoder.decode(data)


def sha256(data: bytes | bytearray | memoryview) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


def sha256_hex(data: bytes | bytearray | memoryview) -> str:
    """SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_of_pair(first: Any, items: Sequence[Any]) -> bytes:
    """SHA-256 of the canonical bytes of `[first, items]`, which are never together in memory.

    For items that may be large together: their encoding is as large again, twice while it grows.
    """
    digest = hashlib.sha256(b"\x92" + encode(first) + _array(len(items)))
    for item in items:
        digest.update(encode(item))
    return digest.digest()


def _array(length: int) -> bytes:
    """How msgpack begins an array of so many."""
    if length < 1 << 4:
        return bytes([0x90 | length])
    if length < 1 << 16:
        return b"\xdc" + length.to_bytes(2)
    return b"\xdd" + length.to_bytes(4)


Raw = msgspec.Raw
"""Canonical bytes of a value, to be put into another one as they are."""


def raw(value: Any) -> msgspec.Raw:
    """A value's canonical bytes, to be put into another one as they are."""
    return msgspec.Raw(_encoder.encode(value))
