"""The outer form of WebAssembly binaries: numbers in LEB128, sections, custom sections."""

from __future__ import annotations

from collections.abc import Iterator

HEADER = 8
"""Bytes before the first section."""
COMPONENT = b"\0asm\x0d\x00\x01\x00"
"""How every component begins; a core module differs in the last four bytes."""
CUSTOM = 0
"""The kind of section that changes nothing in what a component does."""


def leb(value: int) -> bytes:
    """An unsigned number."""
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_leb(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned number of at most 32 bits, and where it ends.

    Raises:
        ValueError: There is none.
    """
    value = 0
    for shift in range(0, 35, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("no number of at most 32 bits")


def sections(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each section of a module or component.

    Raises:
        ValueError: The bytes end within a section.
    """
    for kind, start, end in _places(data):
        yield kind, data[start:end]


def section(kind: int, content: bytes) -> bytes:
    """A section around its content."""
    return bytes((kind,)) + leb(len(content)) + content


def custom_sections(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Name and content of each custom section of a module or component, not of what is in it.

    Raises:
        ValueError: The bytes end within a section.
    """
    for kind, start, end in _places(data):
        if kind == CUSTOM:
            size, begin = read_leb(data, start)
            yield data[begin : min(begin + size, end)], memoryview(data)[begin + size : end]


def custom_section(name: bytes, content: bytes) -> bytes:
    """A custom section, to be put behind a module or component."""
    return section(CUSTOM, leb(len(name)) + name + content)


def _places(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, begin and end of each section."""
    end = HEADER
    while end < len(data):
        kind = data[end]
        size, start = read_leb(data, end + 1)
        end = start + size
        if end > len(data):
            raise ValueError("the bytes end within a section")
        yield kind, start, end
