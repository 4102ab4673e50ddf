"""Blocks of entries and other blobs as they are stored: sizes that are said, and zlib."""

from __future__ import annotations

import zlib

from fuzz.sources import GOLDENS
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal.blocks import Block, pack_block, unpack_block
from wasm_engine.journal.packing import Packed, chunks, pack, unpack
from wasm_engine.journal.runfile import RunFile

REFUSES = (BadRunFile,)
_RAW = b"raw!"
"""What is packed here first: what is in it is mutated, not its compressed form."""


def check(data: bytes) -> None:
    """Four bytes say the size; what is unpacked is that size, and a block is packed as it was."""
    size, stored = int.from_bytes(data[:4], "big"), data[4:]
    if data[:4] == _RAW:
        packed = pack(stored)
        assert unpack(packed) == stored
        size, stored = packed.size, packed.data
    try:
        total = sum(map(len, chunks(Packed(size, stored))))
    except ValueError:
        return
    assert total == size
    plain = unpack_block(Block(1, data[4] if len(data) > 4 else 0, bytes(32), size, stored))
    assert unpack_block(pack_block(1, plain, bytes(32))) == plain


def seeds() -> list[bytes]:
    """Blocks of golden runs, packed and not."""
    found = [_RAW + zlib.compress(b"x"), (9).to_bytes(4, "big") + zlib.compress(bytes(9))]
    for path in sorted(GOLDENS.glob("runs/v2/*.sqlite")):
        with RunFile.open(path) as run:
            plain = [(int(entry.kind), entry.body, entry.detail) for entry in run.entries()]
        block = pack_block(1, plain[:4], bytes(32))
        found.append(block.size.to_bytes(4, "big") + block.data)
        found.append(_RAW + unpack(Packed(block.size, block.data)))
    return found
