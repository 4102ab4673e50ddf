"""What the agents of a world share besides messages: only what its manifest says that it has."""

from __future__ import annotations

from wasm_engine.agents.manifest import Manifest
from wasm_engine.orchestrator.services import Service
from wasm_engine.world.databases import databases_of


def services_of(manifest: Manifest) -> dict[str, Service]:
    """The services of a world at its beginning, by name.

    Raises:
        Misuse: This machine lacks what one needs, or one cannot be made as the manifest says.
    """
    return {"sql": databases_of(manifest)} if manifest.sql else {}
