"""Deterministic entropy: keyed BLAKE2b (RFC 7693) in counter mode, a stream for each activation."""

from __future__ import annotations

import hashlib

from wasm_engine.concepts import canonical


class Entropy:
    """A stream of bytes that depends on nothing but its name.

    Attributes:
        name: What the stream belongs to, e.g. seed, agent, message and attempt.
    """

    __slots__ = ("_buffer", "_counter", "_key", "name")

    def __init__(self, *name: str | int | bytes) -> None:
        self.name = name
        self._key = b""  # most activations draw nothing
        self._counter = 0
        self._buffer = b""

    def draw(self, count: int) -> bytes:
        """The next `count` bytes."""
        if not self._key:
            self._key = hashlib.blake2b(canonical.encode(self.name), digest_size=32).digest()
        blocks, length = [self._buffer], len(self._buffer)
        while length < count:
            block = hashlib.blake2b(self._counter.to_bytes(8, "little"), key=self._key).digest()
            blocks.append(block)
            length += len(block)
            self._counter += 1
        drawn = b"".join(blocks)
        self._buffer = drawn[count:]
        return drawn[:count]
