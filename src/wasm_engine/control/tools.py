"""What components offer as tools, of a world or of one file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wasm_engine.agents.manifest import Manifest
from wasm_engine.agents.material import Source
from wasm_engine.agents.read_manifest import read_manifest
from wasm_engine.agents.tools.descriptors import Descriptor, descriptors_of
from wasm_engine.agents.tools.submitted import offered_by
from wasm_engine.concepts.errors import BadComponent
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.permission import require_paths
from wasm_engine.control.reports import Report
from wasm_engine.control.store import read
from wasm_engine.host.standard_components import standard_path
from wasm_engine.world import interpreter_for, load_components

_NAME = re.compile(r"[^a-z0-9_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class ToolRow(Report):
    """A function that a component exports.

    Attributes:
        name: What agents call it by.
        function: Where it is: interface with version, and function.
        type: Its WIT type.
        description: What its WIT says of it.
        digest: SHA-256 of all this and of the schemas.
        refusal: Why it cannot be called with JSON; null where it can.
        callers: Who may call it in the world: `agents.NAME`, `tools.NAME`.
        input, output: JSON Schema of arguments and result; null where it cannot be called.
    """

    name: str
    function: str
    type: str
    description: str
    digest: str | None
    refusal: str | None
    callers: tuple[str, ...]
    input: dict[str, Any] | None
    output: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class ToolsReport(Report):
    """What a world, or a component, has of tools."""

    tools: tuple[ToolRow, ...]


def tools(path: Path, *, allow: Sequence[str] = (), observer: Observer = UNOBSERVED) -> ToolsReport:
    """What a world's tools are, or what a component offers as tools. Runs nothing of it.

    Args:
        path: `world.toml`, a `.wasm` file, or `std:NAME`.
        allow: What the world may reach beyond its own folder, as in `run`.
        observer: Who watches.

    Raises:
        BadManifest: The manifest has mistakes.
        BadComponent: A file is no component, or costs too much to compile.
        Refused: The world wants more of this machine than it was given.
    """
    path = standard_path(str(path)) or path
    if path.suffix == ".wasm":
        data = read(path)
        name = _NAME.sub("-", path.stem.lower()).strip("-_") or "tool"
        (component,) = load_components([(str(path), data)], observer.note)
        return ToolsReport(tuple(_row(it, ()) for it in descriptors_of(name, component, data)))
    manifest = read_manifest(path)
    require_paths(manifest, allow, observer)
    rows: list[ToolRow] = []
    interpreter = interpreter_for(manifest, observer.note)
    for tool in manifest.tools:
        label = tool.component or f"the interpreter of {tool.language}"
        data = read(manifest.source_path(tool)) if tool.component else interpreter(tool.language)
        (component,) = load_components([(label, data)], observer.note)
        found = offered_by(tool, component, data)
        rows += [_row(it, _callers(manifest, it.name)) for it in found]
    return ToolsReport(tuple(rows))


def functions_of(manifest: Manifest, sources: Mapping[str, Source]) -> dict[str, dict[str, str]]:
    """By tool and function the digest of what it is; of what is no component nothing."""
    found: dict[str, dict[str, str]] = {}
    for name, source in sources.items():
        try:
            (component,) = load_components([(f"the tool {name}", source.component)])
        except BadComponent:
            continue
        tool = manifest.tool(name)
        assert tool is not None
        rows = offered_by(tool, component, source.component)
        found[name] = {it.name: it.digest for it in rows if not it.refusal}
    return found


def _row(it: Descriptor, callers: tuple[str, ...]) -> ToolRow:
    where = f"{it.interface}#{it.function}" if it.interface else it.function
    if it.refusal:
        return ToolRow(
            it.name, where, str(it.type), it.description, None, it.refusal, callers, None, None
        )
    schemas = (it.input_schema, it.output_schema)
    return ToolRow(it.name, where, str(it.type), it.description, it.digest, None, callers, *schemas)


def _callers(manifest: Manifest, name: str) -> tuple[str, ...]:
    tool = name.partition(".")[0]
    holders = [(f"agents.{it.name}", it.tools) for it in manifest.agents]
    holders += [(f"tools.{it.name}", it.tools) for it in manifest.tools]
    return tuple(who for who, granted in holders if tool in granted or name in granted)
