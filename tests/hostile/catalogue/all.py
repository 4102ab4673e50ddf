"""All scenes, in the order in which they are played."""

from __future__ import annotations

from tests.hostile.catalogue import engine, floods, flow, machine, names, web

SCENES = [
    scene for module in (engine, machine, names, floods, flow, web) for scene in module.SCENES
]
