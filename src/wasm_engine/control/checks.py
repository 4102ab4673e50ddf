"""Checks a world without running it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wasm_engine.agents.read_manifest import read_manifest
from wasm_engine.control.bounds import require_within
from wasm_engine.control.model_rows import model_rows
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.permission import permission
from wasm_engine.control.reports import CheckReport, LinkRow, ModelRow
from wasm_engine.control.vetting import vetting
from wasm_engine.world import World


def check(
    manifest: str | Path, *, allow: Sequence[str] = (), observer: Observer = UNOBSERVED
) -> CheckReport:
    """Checks a manifest, its components and its grants.

    Components and folders beyond the manifest's own folder are looked at only where they were
    given; what is missing is in the report.

    Raises:
        BadManifest: With every mistake.
        BadComponent: A component does not fit.
        Refused: It asks for more than any world may have, is not made of what its lock says, or
            not signed by whom the operator wants.

    Example:
        >>> check("world.toml").agents
        ('a', 'b')
    """
    described = read_manifest(manifest)
    require_within(described, manifest)
    found = permission(described, allow)
    links: tuple[LinkRow, ...] = ()
    models: tuple[ModelRow, ...] = ()
    if not found.missing:
        world = World(described, note=observer.note, vet=vetting(manifest))
        world.try_out()
        links = tuple(LinkRow(*edge) for edge in world.edges())
        models = model_rows(world.models)
    return CheckReport(
        world=described.world.name,
        agents=tuple(described.addresses()),
        needs=tuple(map(str, found.needs)),
        missing=tuple(map(str, found.missing)),
        links=links,
        models=models,
    )
