"""What a component's WIT says of its functions: the custom section `package-docs` of its bytes.

Tools that make components may put it there: a byte for the version of the form, then JSON. It is
for people and models, so what is not as it should be is as good as not there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from wasm_engine.concepts.wasm_binary import COMPONENT, custom_section, custom_sections

SECTION = b"package-docs"
MAX_BYTES = 1 << 20
MAX_TEXT = 4_000
"""Characters of a description that are kept."""
_VERSIONS = (0, 1)


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
    return custom_section(SECTION, b"\0" + text.encode())


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
    if not data.startswith(COMPONENT):
        return
    with suppress(ValueError):  # what stands before the damage counts
        for name, content in custom_sections(data):
            if name == SECTION and 0 < len(content) <= MAX_BYTES and content[0] in _VERSIONS:
                yield bytes(content[1:])
