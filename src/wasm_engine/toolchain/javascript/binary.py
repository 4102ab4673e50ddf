"""The little of the binary format that is needed: core modules taken out, and put in."""

from __future__ import annotations

from collections.abc import Iterator

from wasm_engine.concepts.errors import Bug

_CUSTOM, _CORE_MODULE, _COMPONENT = 0, 1, 4


def splice(component: bytes, marker: bytes, core: bytes) -> bytes:
    """The component with the one core module that holds the marker replaced."""
    parts = list(_sections(component))
    places = [n for n, (kind, body) in enumerate(parts) if kind == _CORE_MODULE and marker in body]
    if len(places) != 1:
        message = "the place of the engine is not in the component, or not once"
        raise Bug(message)
    parts[places[0]] = (_CORE_MODULE, core)
    return _joined(component[:8], parts)


def taken(component: bytes, like: bytes, marker: bytes) -> bytes:
    """The core module that stands in a component where the marker stands in one like it."""
    cores = [body for kind, body in _sections(like) if kind == _CORE_MODULE]
    places = [n for n, body in enumerate(cores) if marker in body]
    theirs = [body for kind, body in _sections(component) if kind == _CORE_MODULE]
    if len(places) != 1 or len(theirs) != len(cores):
        message = "the engine does not stand in the component where it should"
        raise Bug(message)
    return theirs[places[0]]


def stripped(data: bytes) -> bytes:
    """A module or component without names and other custom sections, all the way down."""
    is_component = data[6] != 0
    kept = []
    for kind, body in _sections(data):
        if is_component and kind in (_CORE_MODULE, _COMPONENT):
            kept.append((kind, stripped(body)))
        elif kind != _CUSTOM:
            kept.append((kind, body))
    return _joined(data[:8], kept)


def _sections(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 8
    while at < len(data):
        kind, size, shift = data[at], 0, 0
        while True:
            at += 1
            size |= (data[at] & 127) << shift
            shift += 7
            if data[at] < 128:
                break
        at += 1
        yield kind, data[at : at + size]
        at += size


def _joined(header: bytes, parts: list[tuple[int, bytes]]) -> bytes:
    return header + b"".join(bytes([kind]) + _leb128(len(body)) + body for kind, body in parts)


def _leb128(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
