"""What WIT says of functions, as the custom section `package-docs` of a component."""

from __future__ import annotations

import re

from wasm_engine.agents.tools.docs import section

_INTERFACE = re.compile(r"\s*interface ([\w-]+) \{")
_FUNCTION = re.compile(r"\s*([\w-]+): func\(")
_SAID = re.compile(r"\s*/// ?(.*)")


def docs_of(wit: str) -> dict[str, dict[str, str]]:
    """The comments before functions, `///`, by interface and function."""
    found: dict[str, dict[str, str]] = {}
    interface, said = "", []
    for line in wit.splitlines():
        if text := _SAID.match(line):
            said.append(text[1])
            continue
        if begun := _INTERFACE.match(line):
            interface = begun[1]
        elif (function := _FUNCTION.match(line)) and said:
            found.setdefault(interface, {})[function[1]] = "\n".join(said)
        said = []
    return found


def section_of(wit: str) -> bytes:
    """The section that says so, to be put behind a component; nothing where nothing is said."""
    said = docs_of(wit)
    if not said:
        return b""
    return section(said)
