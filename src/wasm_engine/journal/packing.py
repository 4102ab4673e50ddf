"""Blobs as they are stored: compressed where that helps, never decompressed beyond their size."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ENTRY = 512 << 20
"""Bytes of an entry's body and of its plain detail, together."""
MAX_CONTENT = 512 << 20
"""Bytes of a plain content."""

_SMALL = 256
"""Below this compression costs more time than its bytes are worth."""
_WINDOW = 4096
"""Up to this a small window is enough; the default one takes 50 us to set up."""
_CHUNK = 1 << 20
_FEED = 1 << 16


class Packed(Struct, frozen=True):
    """A blob as it is stored: as it is where `len(data) == size`, else compressed by zlib.

    Attributes:
        size: Bytes of the plain blob.
        data: What is stored; never longer than `size`.
    """

    size: int
    data: bytes


def pack(plain: bytes) -> Packed:
    """How a blob is stored."""
    size = len(plain)
    if size < _SMALL:
        return Packed(size, plain)
    if size <= _WINDOW:
        deflate = zlib.compressobj(1, zlib.DEFLATED, 12, 4)
    else:
        deflate = zlib.compressobj(1)
    data = deflate.compress(plain) + deflate.flush()
    return Packed(size, data if len(data) < size else plain)


def chunks(packed: Packed) -> Iterator[bytes]:
    """The plain blob in pieces of at most 1 MiB.

    Raises:
        ValueError: What is stored is not a blob of that size. At most `size` + 1 bytes are made.
    """
    size, data = packed.size, packed.data
    if len(data) == size:
        yield data
        return
    if len(data) > size:
        msg = "more is stored than its size"
        raise ValueError(msg)
    inflate = zlib.decompressobj()
    left, fed, source = size, 0, b""
    try:
        while not inflate.eof and left >= 0:
            if not source:
                source = data[fed : fed + _FEED]
                fed += len(source)
            piece = inflate.decompress(source, min(_CHUNK, left + 1))
            source = inflate.unconsumed_tail
            left -= len(piece)
            if piece:
                yield piece
            elif not source and fed == len(data):
                break
    except zlib.error:
        left = -1
    if left or not inflate.eof or inflate.unused_data or fed < len(data):
        msg = "it does not decompress to its size"
        raise ValueError(msg)


def unpack(packed: Packed) -> bytes:
    """The plain blob; see `chunks`."""
    return packed.data if len(packed.data) == packed.size else b"".join(chunks(packed))


_NAMED = re.compile(rb"(?=\xc4\x20(.{32}))|(?=(?<![0-9a-f])([0-9a-f]{64})(?![0-9a-f]))", re.DOTALL)


def digests_in(data: bytes) -> Iterator[bytes]:
    """The digests that canonical bytes may name: as 32 bytes, or as 64 hexadecimal digits."""
    for match in _NAMED.finditer(data):
        yield match[1] if match[2] is None else bytes.fromhex(match[2].decode())
