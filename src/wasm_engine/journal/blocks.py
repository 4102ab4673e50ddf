"""Entries as they are stored: many together, alike beside alike, compressed at once."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Annotated, NamedTuple, TypeAlias

import msgspec

from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal.packing import MAX_ENTRY, Packed, pack, unpack

MOST = 1024
"""Entries of a block at most."""
ENOUGH = 1 << 20
"""Bytes of bodies and details after which a block is closed."""
MAX_BLOCK = MAX_ENTRY + (2 << 20)
"""Bytes of a plain block: one entry may be as large as an entry can be."""

Plain: TypeAlias = tuple[int, bytes, bytes | None]
"""What is stored of an entry: kind, body, detail."""

_Few = msgspec.Meta(max_length=MOST)
_DECODER = msgspec.msgpack.Decoder(
    tuple[
        Annotated[bytes, _Few],
        Annotated[list[bytes], _Few],
        Annotated[list[bytes | None], _Few],
    ]
)


class Block(NamedTuple):
    """One row of `block`, in the order of its columns.

    Attributes:
        first: Number of its first entry.
        entries: How many it holds.
        chain: The chain after its last entry.
        size: Bytes of the plain block.
        data: The block, packed.
    """

    first: int
    entries: int
    chain: bytes
    size: int
    data: bytes


def pack_block(first: int, entries: Sequence[Plain], chain: bytes) -> Block:
    """Entries as one row; `chain` is the one after the last of them."""
    kinds, bodies, details = zip(*entries, strict=True)
    packed = pack(canonical.encode((bytes(kinds), bodies, details)))
    return Block(first, len(entries), chain, packed.size, packed.data)


def unpack_block(block: Block) -> list[Plain]:
    """The entries of a block.

    Raises:
        BadRunFile: It is damaged. Says how, and not of which file.
    """
    try:
        plain = unpack(Packed(block.size, block.data))
        kinds, bodies, details = _DECODER.decode(plain)
        if not block.entries == len(kinds) == len(bodies) == len(details):
            raise BadRunFile("it does not hold as many entries as it says")
        return list(zip(kinds, bodies, details, strict=True))
    except (ValueError, zlib.error, msgspec.MsgspecError, RecursionError) as error:
        raise BadRunFile(f"damaged ({error})") from None
