"""Bytes as lines of hexadecimal digits beside their printable text, with what repeats folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wasm_engine.control.pages import Page

WIDTH = 16
"""Bytes in a line."""
FOLDED = "*"
"""In place of lines that are like the one above."""

_SHOWN = bytes(byte if 0x20 <= byte < 0x7F else ord(".") for byte in range(256))


def dump(data: bytes, address: int = 0) -> Iterator[str]:
    """The bytes, line by line; the last line is the address after them."""
    last, folded = b"", False
    for start, piece in _lines(data, address):
        if piece == last and len(piece) == WIDTH:
            if not folded:
                yield FOLDED
            folded = True
            continue
        last, folded = piece, False
        yield _line(start, piece)
    yield f"{address + len(data):08x}"


def differences(pages: Iterable[Page]) -> Iterator[str]:
    """Pages that differ: of each its address, and the lines that differ, before and after."""
    for page in pages:
        before = page.before or b""
        count = sum(one != other for one, other in zip(before, page.data, strict=True))
        yield f"page {page.address:08x}: {count:,} of {len(page.data):,} bytes differ"
        for start, piece in _lines(page.data, page.address):
            offset = start - page.address
            old = before[offset : offset + len(piece)]
            if old != piece:
                yield f"- {_line(start, old)}"
                yield f"+ {_line(start, piece)}"


def _lines(data: bytes, address: int) -> Iterator[tuple[int, bytes]]:
    """The data cut at multiples of the width."""
    first = min(WIDTH - address % WIDTH, len(data))
    if first:
        yield address, data[:first]
    for offset in range(first, len(data), WIDTH):
        yield address + offset, data[offset : offset + WIDTH]


def _line(address: int, piece: bytes) -> str:
    digits = piece.hex(" ")
    if len(piece) > WIDTH // 2:
        digits = f"{digits[:23]}  {digits[24:]}"
    return f"{address:08x}  {digits:<48}  |{piece.translate(_SHOWN).decode('ascii')}|"
