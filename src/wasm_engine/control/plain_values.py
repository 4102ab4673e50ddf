"""Canonical values as JSON can hold them."""

from __future__ import annotations

import base64
from typing import Any

from wasm_engine.journal import entries


def plain(value: Any) -> Any:
    """A canonical value as JSON can hold it: bytes become `{"base64": ...}`."""
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def plain_body(body: entries.Body) -> dict[str, str]:
    """A message's body as JSON: `{"text": ...}` or `{"base64": ...}`."""
    case, value = body
    return {"text": value} if case == "text" else plain(value)
