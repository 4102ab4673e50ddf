"""The hash chain over a run's entries, the digest over its contents, and the seal over both."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

START = sha256(b"wasm-engine run v1\n").digest()
"""The chain before the first entry."""

NO_CONTENTS = sha256(b"wasm-engine contents v1\n").digest()
"""The catalog of a run that holds no contents."""

_KIND_BYTES = tuple(bytes([kind]) for kind in range(256))


def extend(chain: bytes, kind: int, body: bytes) -> bytes:
    """The chain after one more entry."""
    return sha256(chain + _KIND_BYTES[kind] + body).digest()


def extend_catalog(catalog: bytes, digest: bytes, size: int) -> bytes:
    """The catalog after one more content."""
    return sha256(catalog + digest + size.to_bytes(8, "big")).digest()


class Head(NamedTuple):
    """Where a run file stands: one row, rewritten by every commit.

    Attributes:
        run: The run's identity: 16 random bytes, in neither the chain nor anything derived from it.
        entries: How many entries there are.
        chain: The chain after the last of them.
        contents: How many contents there are.
        catalog: The catalog after the last of them.
    """

    run: bytes
    entries: int
    chain: bytes
    contents: int
    catalog: bytes

    def seal(self) -> bytes:
        """SHA-256 over all fields. Finds accidents; only a signature finds a forger."""
        return sha256(
            b"wasm-engine head v1\n"
            + self.run
            + self.entries.to_bytes(8, "big")
            + self.chain
            + self.contents.to_bytes(8, "big")
            + self.catalog
        ).digest()
