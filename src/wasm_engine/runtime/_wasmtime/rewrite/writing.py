"""Writing binary Wasm, in pieces that are joined once: components have tens of megabytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from wasm_engine.concepts.wasm_binary import leb

Piece: TypeAlias = bytes | memoryview


def signed(value: int) -> bytes:
    """A signed number."""
    out = bytearray()
    while not -0x40 <= value < 0x40:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value & 0x7F)
    return bytes(out)


def name(text: bytes) -> bytes:
    """A name, with its length."""
    return leb(len(text)) + text


def vector(items: Sequence[bytes]) -> bytes:
    """Items, with their number."""
    return leb(len(items)) + b"".join(items)


def body(instructions: bytes) -> bytes:
    """A function's code, without locals; the instruction that ends it is added."""
    code = b"\0" + instructions + b"\x0b"
    return leb(len(code)) + code


def section(kind: int, content: Iterable[Piece]) -> list[Piece]:
    """A section around its content."""
    pieces = list(content)
    return [bytes((kind,)) + leb(sum(map(len, pieces))), *pieces]


def items(kind: int, entries: Sequence[bytes]) -> list[Piece]:
    """A section of items; nothing, if there are none."""
    return section(kind, [vector(entries)]) if entries else []
