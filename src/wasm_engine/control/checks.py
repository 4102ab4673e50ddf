"""Checks a world without running it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from wasm_engine.agents.manifest import Manifest
from wasm_engine.agents.read_manifest import read_manifest
from wasm_engine.control.bounds import require_within
from wasm_engine.control.model_rows import model_rows
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.permission import permission
from wasm_engine.control.reports import AlternativeRow, CheckReport, LinkRow, ModelRow
from wasm_engine.control.vetting import vetting
from wasm_engine.policy.grants import Grant
from wasm_engine.world import World
from wasm_engine.world.model_providers import named_server


def check(
    manifest: str | Path, *, allow: Sequence[str] = (), observer: Observer = UNOBSERVED
) -> CheckReport:
    """Checks a manifest, its components and its grants.

    Components and folders beyond the manifest's own folder are looked at only where they were
    given; what is missing is in the report.

    Raises:
        BadManifest: With every mistake.
        BadComponent: A component does not fit.
        Refused: It asks for more than any world may have, is not made of what its lock says, not
            signed by whom the operator wants, or asks a server that the operator did not name.

    Example:
        >>> check("world.toml").agents
        ('a', 'b')
    """
    described = read_manifest(manifest)
    require_within(described, manifest)
    found = permission(described, allow)
    links: tuple[LinkRow, ...] = ()
    alternatives: tuple[AlternativeRow, ...] = ()
    models: tuple[ModelRow, ...] = ()
    if not found.missing:
        world = World(described, note=observer.note, vet=vetting(manifest))
        world.try_out()
        for model in described.models:
            if model.server:
                named_server(model.server, described.world.name)
        links = tuple(LinkRow(*edge) for edge in world.edges())
        alternatives = tuple(_alternatives(described, world.choices))
        models = model_rows(world.models)
    return CheckReport(
        world=described.world.name,
        agents=tuple(described.addresses()),
        needs=tuple(map(str, found.needs)),
        missing=tuple(map(str, found.missing)),
        links=links,
        alternatives=alternatives,
        models=models,
    )


def _alternatives(
    described: Manifest, choices: Mapping[str, Mapping[str, str]]
) -> Iterator[AlternativeRow]:
    for kind in described.agents:
        may = tuple(it.name for it in described.agents if Grant("swap", kind.name) in it.grants)
        for name, file in kind.alternatives:
            yield AlternativeRow(kind.name, name, file, choices[kind.name][name], may)
