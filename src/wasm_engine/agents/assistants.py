"""Agents without code: a table of a manifest becomes the configuration of a standard component.

So a kind that is an assistant is a kind as others are, wherever it is kept or executed: its source
is `std:assistant`, its configuration the table, its grants and `send-to` what the table needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from wasm_engine.agents.assistant_table import ASSISTANT as TABLE
from wasm_engine.agents.manifest import Kind
from wasm_engine.agents.manifest_tables import AGENT as COMPONENT
from wasm_engine.agents.manifest_tables import read_table
from wasm_engine.concepts import json_text, shapes
from wasm_engine.concepts.mistakes import Mistakes
from wasm_engine.concepts.names import kind_of
from wasm_engine.concepts.toml_source import KeyPath
from wasm_engine.policy.grants import Grant

ASSISTANT = "std:assistant"
"""The component that carries out what a table says."""
COLLEAGUES = ("hand-offs", "asks")
FILE = "instructions_file"
"""The attribute that names a file of instructions, until it is read."""


def unfold(found: dict[str, Any], table: object, at: KeyPath, mistakes: Mistakes) -> None:
    """Takes `kind` and `assistant` out of what was read of a kind: puts in what they mean.

    Args:
        found: The attributes that the kind's table sets.
        table: The table itself.
        at: Where it is.
        mistakes: Takes what is wrong.
    """
    said = found.pop("kind", "component")
    described = found.pop("assistant", None)
    if described is not None:
        _file_of(found, described, (*at, "assistant"), mistakes)
    table = table if isinstance(table, Mapping) else {}
    if said != "assistant" and found.get("source") != ASSISTANT:
        if described is not None and not mistakes.at((*at, "kind")):
            mistakes.add((*at, "assistant"), 'is for agents with kind = "assistant"')
        if "source" not in table:
            says = next(key.says for key in COMPONENT if key.name == "source")
            mistakes.add((*at, "source"), f"is missing: {says}")
        return
    if described is None:
        described = _configured(found, table, at, mistakes)
    elif found.get("config", "{}") != "{}":
        text = "an assistant has none: its table is what it is configured with"
        mistakes.add((*at, "config"), text)
    elif "source" in table:
        mistakes.add((*at, "source"), "an assistant has none: it is what its table says")
    found["source"] = ASSISTANT
    found["config"] = json_text.write(_plain(described))
    wanted = {Grant("model", described["model"])} if "model" in described else set()
    if "approver" in described:
        wanted.add(Grant("human", described["approver"]))
    found["grants"] = tuple(sorted({*found.get("grants", ()), *wanted}))


def _configured(
    found: Mapping[str, Any], table: Mapping[Any, object], at: KeyPath, mistakes: Mistakes
) -> dict[str, Any]:
    """What its configuration says, as the manifest of a run has it."""
    if "config" not in table:
        mistakes.add((*at, "assistant"), "is missing: What an assistant is")
        return {}
    config = json_text.read(found.get("config", "{}"))
    read = read_table(TABLE, config, (*at, "config"), mistakes)
    if read.pop(FILE, None) is not None:
        text = 'is for the table of an assistant (kind = "assistant")'
        mistakes.add((*at, "config", "instructions-file"), text)
    return read


def _file_of(
    found: dict[str, Any], described: dict[str, Any], at: KeyPath, mistakes: Mistakes
) -> None:
    """Takes the file of its instructions out of its table: what is in it is read later."""
    file = described.pop(FILE, None)
    if file is not None and "instructions" in described:
        mistakes.add((*at, "instructions-file"), "`instructions` says it already: one of the two")
    elif file is not None:
        found[FILE] = file


def _plain(described: Mapping[str, Any]) -> dict[str, Any]:
    """The table as its values were written, for JSON."""
    values: dict[str, Any] = {}
    for key in TABLE:
        if key.attribute in described:
            value = described[key.attribute]
            values[key.name] = (
                json_text.read(value) if isinstance(key.shape, shapes.Json) else value
            )
    return values


def settings_of(kind: Kind) -> dict[str, Any]:
    """What an assistant is configured with."""
    found = json_text.read(kind.config)
    return found if isinstance(found, dict) else {}


def is_assistant(kind: Kind) -> bool:
    """Whether a kind is one."""
    return kind.source == ASSISTANT


def completed(kinds: Iterable[Kind]) -> tuple[Kind, ...]:
    """The kinds, with what an assistant has to know of others: what they are for, and `send-to`."""
    known = tuple(kinds)
    by_name = {kind.name: kind for kind in known}
    return tuple(_completed(kind, by_name) if is_assistant(kind) else kind for kind in known)


def _completed(kind: Kind, kinds: Mapping[str, Kind]) -> Kind:
    settings = settings_of(kind)
    for name in COLLEAGUES:
        rows = settings.get(name, {})
        settings[name] = {it: _said(says, kinds.get(kind_of(it))) for it, says in rows.items()}
        if not rows:
            del settings[name]
    sends = kind.send_to
    if sends is None:
        known = (it for it in receivers(settings) if kind_of(it) in kinds)
        sends = tuple(sorted({*known, *_subscribers(kind, settings, kinds)}))
    return replace(kind, config=json_text.write(settings), send_to=sends)


def _said(says: str | None, colleague: Kind | None) -> str:
    """What a colleague is for: what the table says, or else the colleague's own."""
    if says is not None:
        return says
    if colleague is None or not is_assistant(colleague):
        return ""
    theirs = settings_of(colleague)
    parts = [str(theirs[key]) for key in ("role", "goal") if theirs.get(key)]
    return ": ".join(parts)


def receivers(settings: Mapping[str, Any]) -> Iterator[str]:
    """The addresses that an assistant sends to by itself."""
    for name in COLLEAGUES:
        yield from settings.get(name, {})
    yield from (settings[name] for name in ("then", "library") if name in settings)


def _subscribers(
    kind: Kind, settings: Mapping[str, Any], kinds: Mapping[str, Kind]
) -> Iterator[str]:
    """Patterns of whoever gets what it publishes."""
    for other in kinds.values():
        others = other.name != kind.name or other.count != 1
        if others and settings.get("publish") in other.subscribe:
            yield other.name if other.count == 1 else f"{other.name}/*"
