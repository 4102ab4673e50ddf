"""What came to manifests after version 2 of their stored form: held only where a world uses it.

So a world that uses none of it has the bytes, and the chain, that it always had.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

import msgspec

from wasm_engine.agents import manifest_tables as tables
from wasm_engine.agents.alternatives import Alternatives
from wasm_engine.agents.manifest import Manifest
from wasm_engine.agents.sections import LATER_SECTIONS
from wasm_engine.agents.sql_rules import SqlRules
from wasm_engine.concepts import json_text, shapes


def later_of(manifest: Manifest) -> dict[str, Any]:
    """The later keys and sections that are not as they are by default, as TOML would have them."""
    found: dict[str, Any] = {
        "world": _of(tables.WORLD, manifest.world),
        "limits": _of(tables.LIMITS, manifest.limits),
        "agents": _named(tables.AGENT, manifest.agents),
        "mounts": _named(tables.MOUNT, manifest.mounts),
    }
    for name, section in LATER_SECTIONS.items():
        rows = getattr(manifest, name)
        found[name] = {row.name: _of(section.keys, row, everything=True) for row in rows}
    return {name: table for name, table in found.items() if table}


def merged(tables_of: dict[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of a stored manifest with what it holds of later keys put in.

    Raises:
        TypeError, LookupError: It is not of the form that `later_of` gives.
    """
    for name, table in later.items():
        if name in LATER_SECTIONS:
            tables_of[name] = table
        elif name in {"world", "limits"}:
            _put(tables_of[name], table)
        else:
            for inner, row in _table(table).items():
                _put(tables_of[name][inner], row)
    return tables_of


def _put(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in _table(more).items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _put(into[name], value)
        else:
            into[name] = value


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        message = f"a table, not a {type(value).__name__}"
        raise TypeError(message)
    return value


def _named(keys: tuple[tables.Key, ...], rows: tuple[Any, ...]) -> dict[str, Any]:
    found = {row.name: _of(keys, row) for row in rows}
    return {name: table for name, table in found.items() if table}


def _of(
    keys: tuple[tables.Key, ...], row: Any, prefix: str = "", *, everything: bool = False
) -> dict[str, Any]:
    model: type[msgspec.Struct] = type(row)
    defaults = _defaults(model)
    found: dict[str, Any] = {}
    for key in keys:
        name = prefix + key.attribute
        if isinstance(key.shape, tables.Inner):
            inner = _of(key.shape.keys, row, f"{name}_", everything=everything)
            if inner:
                found[key.name] = inner
        elif (key.later or everything) and getattr(row, name) != defaults[name]:
            found[key.name] = _as_toml(key.shape, getattr(row, name))
    return found


@lru_cache(maxsize=256)
def _defaults(model: type[msgspec.Struct]) -> dict[str, Any]:
    """The defaults of a model's attributes: to find them out takes a while."""
    return {field.name: field.default for field in msgspec.structs.fields(model)}


def _as_toml(shape: shapes.Shape, value: Any) -> Any:
    """A value of the model as the shape reads it again."""
    match shape:
        case shapes.Span():
            return f"{value} ns"
        case shapes.Several(each=each):
            return [_as_toml(each, inner) for inner in value]
        case shapes.Labels():
            return dict(value)
        case shapes.FilePath():
            return PurePosixPath(value).name
        case shapes.Text():
            return str(value)
        case shapes.Json():
            return json_text.read(value)
        case SqlRules() | Alternatives():
            return shape.spelled(value)
        case _:
            return value
