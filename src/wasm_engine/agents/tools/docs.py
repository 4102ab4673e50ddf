"""What a component's WIT says of its functions: the custom section `package-docs` of its bytes.

Tools that make components may put it there: a byte for the version of the form, then JSON. It is
for people and models, so what is not as it should be is as good as not there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

SECTION = b"package-docs"
MAX_BYTES = 1 << 20
MAX_TEXT = 4_000
"""Characters of a description that are kept."""
_VERSIONS = (0, 1)
_HEADER = 8
_COMPONENT = b"\0asm\x0d\x00\x01\x00"


def documentation(component: bytes) -> dict[tuple[str, str], str]:
    """What is said of functions, by interface (without package and version; "" at the root)."""
    found: dict[tuple[str, str], str] = {}
    for data in _sections(component):
        try:
            told = json.loads(data)
        except (ValueError, RecursionError):
            continue
        if isinstance(told, dict):
            _read(told, found)
    return found


def section(interfaces: dict[str, dict[str, str]]) -> bytes:
    """The section that says so of the functions of interfaces, to be put behind a component."""
    told = {"interfaces": {name: {"funcs": funcs} for name, funcs in interfaces.items()}}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    body = _leb(len(SECTION)) + SECTION + b"\0" + text.encode()
    return b"\0" + _leb(len(body)) + body


def _read(told: dict[str, Any], found: dict[tuple[str, str], str]) -> None:
    for name, interface in _tables(told, "interfaces"):
        for function, text in _functions(interface, "funcs"):
            found.setdefault((name, function), text)
    for _, world in _tables(told, "worlds"):
        for key in ("func_exports", "funcs"):
            for function, text in _functions(world, key):
                found.setdefault(("", function), text)
        for name, interface in _tables(world, "interface_exports"):
            for function, text in _functions(interface, "funcs"):
                found.setdefault((name, function), text)


def _tables(told: dict[str, Any], key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    inner = told.get(key)
    if isinstance(inner, dict):
        yield from ((name, it) for name, it in inner.items() if isinstance(it, dict))


def _functions(told: dict[str, Any], key: str) -> Iterator[tuple[str, str]]:
    inner = told.get(key)
    for name, text in inner.items() if isinstance(inner, dict) else ():
        said = text.get("docs") if isinstance(text, dict) else text
        if isinstance(said, str) and _is_unicode(said):
            yield name, said.strip()[:MAX_TEXT]


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _sections(data: bytes) -> Iterator[bytes]:
    """The JSON of each such section of a component, not of what is in it."""
    if data[:_HEADER] != _COMPONENT:
        return
    at = _HEADER
    while at < len(data):
        kind = data[at]
        size, at = _number(data, at + 1)
        if size is None or size > len(data) - at:
            return
        if kind == 0 and size <= MAX_BYTES:
            length, start = _number(data, at)
            if length == len(SECTION) and data[start : start + length] == SECTION:
                body = data[start + length : at + size]
                if body and body[0] in _VERSIONS:
                    yield body[1:]
        at += size


def _number(data: bytes, at: int) -> tuple[int | None, int]:
    """An unsigned LEB128 number of at most 32 bits, and where it ends; None where there is none."""
    value = 0
    for shift in range(0, 35, 7):
        if at >= len(data):
            return None, at
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    return None, at


def _leb(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
