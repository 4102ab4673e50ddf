"""Effects in a few words: what was asked for, and how it ended."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from wasm_engine.cli.terminal import counted, shorten

if TYPE_CHECKING:
    from wasm_engine.control.effect_rows import EffectRow

_LONGEST = 100


def asked_for(row: EffectRow) -> str:
    """What an effect is to do; not escaped yet."""
    match row.capability, row.arguments:
        case "http", [str(method), str(url), *_]:
            return shorten(f"{method} {url}", _LONGEST)
        case "human", [str(form), str(role), str(text), *_]:
            return shorten(f"{form} {role}: {text}", _LONGEST)
        case "sql", [str(name), str(), [[str(text), *_], *more], *_]:
            rest = f" (and {len(more)} more)" if more else ""
            return shorten(f"{name}: {text}", _LONGEST - len(rest)) + rest
        case "chat", [str(name), str(), [*_, [str(role), str(text), *_]], *_]:
            return shorten(f"{name}: {role}: {text}", _LONGEST)
        case "models", ["tensors", str(name), _, [*given], _]:
            return shorten(f"{name}: {_tensors(given)}", _LONGEST)
        case "models", ["texts", str(name), _, [*given], _]:
            return shorten(f"{name}: {counted(len(given), 'text')}", _LONGEST)
        case "models", [str(), str(name)]:
            return f"{name}, at once"
        case "models", []:
            return "a model, at once"
    return _json(row.arguments)


def ended(row: EffectRow) -> str:
    """How it ended; not escaped yet."""
    match row.capability, row.outcome:
        case "http", ["ok", [int(status), _, {"base64": str(body)}]]:
            return f"{status}, {counted(len(base64.b64decode(body)), 'byte')}"
        case "human", ["ok", ["ask", _, _, str(text), str(by)]]:
            return shorten(f"{by}: {text}", _LONGEST)
        case "human", ["ok", [_, _, bool(approved), str(text), str(by)]]:
            said = "approved" if approved else "denied"
            return shorten(f"{said} by {by}{f': {text}' if text else ''}", _LONGEST)
        case "chat", ["ok", [str(), str(text), [*calls], *_]]:
            named = [f"{name}({given})" for _, name, given in calls]
            return shorten(", ".join([*([text] if text else []), *named]), _LONGEST)
        case "models", ["ok", ["tensors", _, [*found]]]:
            return shorten(_tensors(found), _LONGEST)
        case _, ["sha256", {"base64": str(digest)}]:
            return f"sha256:{base64.b64decode(digest).hex()}"
        case _, ["ok", value]:
            return _json(value)
        case _, ["err", str(code), detail]:
            return shorten(f"{code}  {detail}".rstrip(), _LONGEST)
    return _json(row.outcome)


def _tensors(found: list[Any]) -> str:
    """Names and forms of tensors."""
    return ", ".join(f"{name} {element} {shape}" for name, element, shape, _ in found)


def _json(value: Any) -> str:
    return shorten(json.dumps(value, ensure_ascii=False), _LONGEST)
