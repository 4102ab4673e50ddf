"""The hash chain over a run's entries, the digest over its contents, and the seal over all."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

START = sha256(b"wasm-engine run v2\n").digest()
"""The chain before the first entry."""

NO_CONTENTS = sha256(b"wasm-engine contents v1\n").digest()
"""The catalog of a run that holds no contents."""

_KIND_BYTES = tuple(bytes([kind]) for kind in range(256))


def entry_digest(kind: int, body: bytes, detail: bytes | None) -> bytes:
    """The digest that stands for an entry in the chain."""
    return digest_beside(kind, body, None if detail is None else sha256(detail).digest())


def digest_beside(kind: int, body: bytes, detail: bytes | None) -> bytes:
    """The same where of the detail only its SHA-256 is known."""
    head = _KIND_BYTES[kind] + len(body).to_bytes(4, "big") + body
    return sha256(head if detail is None else head + detail).digest()


def extend(chain: bytes, digest: bytes) -> bytes:
    """The chain after one more entry, of which only the digest need be known."""
    return sha256(chain + digest).digest()


def extend_by(chain: bytes, entries: Iterable[tuple[int, bytes, bytes | None]]) -> bytes:
    """The chain after some more entries, each `(kind, body, detail)`."""
    hashed, kinds = sha256, _KIND_BYTES
    # `entry_digest` and `extend` for each of them, at half the cost: every message passes here.
    for kind, body, detail in entries:
        head = kinds[kind] + len(body).to_bytes(4, "big") + body
        if detail is not None:
            head += hashed(detail).digest()
        chain = hashed(chain + hashed(head).digest()).digest()
    return chain


def extend_catalog(catalog: bytes, digest: bytes, size: int) -> bytes:
    """The catalog after one more content."""
    return sha256(catalog + digest + size.to_bytes(8, "big")).digest()


class Head(NamedTuple):
    """Where a run file stands: one row, rewritten by every commit.

    Attributes:
        run: The run's identity: 16 random bytes, in neither the chain nor anything derived from it.
        beginning: How many of the first entries a compacted run still has; else 0.
        beginning_chain: The chain after them.
        anchor: The last entry that was left out of a compacted run; else 0.
        anchor_chain: The chain after it.
        entries: How many entries there are, with those that were left out.
        chain: The chain after the last of them.
        contents: How many contents there are.
        catalog: The catalog after the last of them.
        checkpoints: How many checkpoints there are.
        marks: The digest over them.
    """

    run: bytes
    beginning: int
    beginning_chain: bytes
    anchor: int
    anchor_chain: bytes
    entries: int
    chain: bytes
    contents: int
    catalog: bytes
    checkpoints: int
    marks: bytes

    def seal(self) -> bytes:
        """SHA-256 over all fields. Finds accidents; only a signature finds a forger."""
        fields = (f if isinstance(f, bytes) else f.to_bytes(8, "big") for f in self)
        return sha256(b"wasm-engine head v2\n" + b"".join(fields)).digest()
