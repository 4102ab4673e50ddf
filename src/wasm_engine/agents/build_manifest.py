"""Makes the model of a manifest from its tables, noting what is wrong and going on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wasm_engine.agents import assistants
from wasm_engine.agents import manifest_tables as tables
from wasm_engine.agents.assistant_table import AGENT
from wasm_engine.agents.consistency import check_consistency
from wasm_engine.agents.manifest import (
    InitialMessage,
    InstructionsFile,
    Kind,
    Manifest,
    Mount,
    Settings,
    WorldLimits,
)
from wasm_engine.agents.sections import LATER_SECTIONS
from wasm_engine.concepts.mistakes import Mistakes, shown
from wasm_engine.concepts.toml_source import KeyPath

DEFAULT_NAME = "world"
"""Not the folder's: the name is part of the history, and a clone elsewhere must have the same."""


def build(data: object, folder: Path, mistakes: Mistakes) -> Manifest:
    """The manifest that the tables describe, as far as they are right; the rest is noted.

    Args:
        data: What TOML gave, or the same from Python or a run file.
        folder: What relative paths are relative to. Nothing in it is looked at.
        mistakes: Takes what is wrong.
    """
    if not isinstance(data, Mapping):
        mistakes.add((), f"a manifest must be a table, not {shown(data)}")
        data = {}
    mistakes.unknown_keys((), data, [*tables.SECTIONS, *LATER_SECTIONS])
    files: list[InstructionsFile] = []
    manifest = Manifest(
        world=_settings(data.get("world", {}), mistakes),
        agents=_kinds(data.get("agents"), files, mistakes),
        mounts=_mounts(data.get("mounts", {}), mistakes),
        messages=_messages(data.get("messages", []), mistakes),
        limits=WorldLimits(
            **tables.read_table(tables.LIMITS, data.get("limits", {}), ("limits",), mistakes)
        ),
        folder=str(folder),
        instructions=tuple(files),
        **_later(data, mistakes),
    )
    check_consistency(manifest, mistakes)
    return manifest


def _settings(table: object, mistakes: Mistakes) -> Settings:
    found = tables.read_table(tables.WORLD, table, ("world",), mistakes)
    return Settings(**{"name": DEFAULT_NAME, **found})


def _kinds(table: object, files: list[InstructionsFile], mistakes: Mistakes) -> tuple[Kind, ...]:
    """The kinds; notes the files that some have instructions in."""
    if table is None or table == {}:
        mistakes.add((), "there are no agents: a world needs a table such as [agents.worker]")
        return ()
    kinds = []
    for name, inner in _named(table, ("agents",), mistakes):
        place = ("agents", name)
        if not tables.is_agent_name(name):
            mistakes.add(place, f"{shown(name)} cannot name a kind of agent: {tables.KIND_RULE}")
        found = tables.read_table(AGENT, inner, place, mistakes)
        assistants.unfold(found, inner, place, mistakes)
        file = found.pop(assistants.FILE, None)
        if file is not None:
            files.append(InstructionsFile(name, file))
        _flatten(tables.AGENT, found)
        kinds.append(Kind(**{"name": name, "source": "", **found}))
    return assistants.completed(kinds)


def _flatten(keys: tuple[tables.Key, ...], found: dict[str, Any]) -> None:
    """A table within a table: in the model its keys are the outer one's, `http_timeout`."""
    for key in keys:
        if isinstance(key.shape, tables.Inner):
            inner = found.pop(key.attribute, {})
            found |= {f"{key.attribute}_{name}": value for name, value in inner.items()}


def _later(data: Mapping[str, object], mistakes: Mistakes) -> dict[str, tuple[Any, ...]]:
    """The sections that came later, each a table of tables."""
    sections: dict[str, tuple[Any, ...]] = {}
    for name, section in LATER_SECTIONS.items():
        rows = []
        for inner, table in _named(data.get(name, {}), (name,), mistakes):
            place = (name, inner)
            if not tables.is_segment(inner):
                text = f"{shown(inner)} cannot name {section.one}: {tables.SEGMENT_RULE}"
                mistakes.add(place, text)
            found = tables.read_table(section.keys, table, place, mistakes)
            _flatten(section.keys, found)
            rows.append(section.model(**{"name": inner, **found}))
        sections[name] = tuple(rows)
    return sections


def _mounts(table: object, mistakes: Mistakes) -> tuple[Mount, ...]:
    mounts = []
    for name, inner in _named(table, ("mounts",), mistakes):
        place = ("mounts", name)
        if not tables.is_segment(name):
            mistakes.add(place, f"{shown(name)} cannot name a mount: {tables.SEGMENT_RULE}")
        found = tables.read_table(tables.MOUNT, inner, place, mistakes)
        mounts.append(Mount(**{"name": name, "path": "", "at": "", **found}))
    return tuple(mounts)


def _named(table: object, at: KeyPath, mistakes: Mistakes) -> list[tuple[str, object]]:
    """The entries of a table of tables, by name."""
    if not isinstance(table, Mapping):
        mistakes.add(at, f"must be a table of tables, not {shown(table)}")
        return []
    for name in table:
        if not isinstance(name, str):
            mistakes.add(at, f"names must be text, not {shown(name)}")
    return sorted((name, inner) for name, inner in table.items() if isinstance(name, str))


def _messages(entries: object, mistakes: Mistakes) -> tuple[InitialMessage, ...]:
    if not isinstance(entries, list | tuple):
        mistakes.add(("messages",), f"must be tables, each [[messages]], not {shown(entries)}")
        return ()
    messages = []
    for number, entry in enumerate(entries):
        found = tables.read_table(tables.MESSAGE, entry, ("messages", number), mistakes)
        messages.append(InitialMessage(**{"to": "", "topic": "", **found}))
    return tuple(messages)
