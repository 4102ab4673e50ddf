"""A label in a component: a custom section, which changes nothing in what it does."""

from __future__ import annotations

_HEADER = b"\0asm\x0d\x00\x01\x00"
"""How every component begins; a core module differs in the last four bytes."""
_CUSTOM = 0


def is_component(data: bytes) -> bool:
    """Whether the bytes begin as a component does."""
    return data.startswith(_HEADER)


def labelled(component: bytes, name: str, text: str) -> bytes:
    """The component with a label at its end."""
    encoded = name.encode()
    content = _leb128(len(encoded)) + encoded + text.encode()
    return component + bytes([_CUSTOM]) + _leb128(len(content)) + content


def label(component: bytes, name: str) -> str | None:
    """What the last label of that name says; None where there is none, or it is no component."""
    if not is_component(component):
        return None
    found, position = None, len(_HEADER)
    try:
        while position < len(component):
            kind = component[position]
            size, start = _number(component, position + 1)
            position = start + size
            if kind == _CUSTOM and position <= len(component):
                length, begin = _number(component, start)
                if component[begin : begin + length] == name.encode():
                    found = component[begin + length : position].decode()
    except (IndexError, UnicodeDecodeError):
        return None
    # Sections that reach beyond the end are those of a truncated file.
    return found if position == len(component) else None


def _leb128(number: int) -> bytes:
    data = bytearray()
    while number > 0x7F:
        data.append(number & 0x7F | 0x80)
        number >>= 7
    data.append(number)
    return bytes(data)


def _number(data: bytes, position: int) -> tuple[int, int]:
    """An unsigned LEB128 number, and the position after it."""
    value = 0
    for shift in range(0, 35, 7):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            break
    return value, position
