"""JSON as a guest gave it: read under our own bounds, whatever this Python's settings are."""

from __future__ import annotations

import json
from typing import Any

from wasm_engine.concepts import json_text

_MAX_DIGITS = 20


def read(text: str) -> Any:
    """The value of a JSON text: nested at most 128 deep, whole numbers of at most 64 bits.

    Raises:
        ValueError: It is not JSON, or out of bounds.
    """
    try:
        value = json.loads(text, parse_int=_whole, parse_constant=_no_constant)
        json_text.write(value)
    except RecursionError:
        # How deep Python's own reader goes differs between versions; ours ends far before.
        raise json_text.NotJson("", f"nested more than {json_text.MAX_DEPTH} deep") from None
    return value


def _whole(digits: str) -> int:
    # The bound comes first: how long a number Python converts is a setting of the process.
    if len(digits) > _MAX_DIGITS:
        raise json_text.NotJson("", "a whole number of more than 64 bits")
    return int(digits)


def _no_constant(word: str) -> Any:
    raise json_text.NotJson("", f"{word} is not JSON")
