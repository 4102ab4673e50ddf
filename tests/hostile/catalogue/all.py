"""All scenes, in the order in which they are played."""

from __future__ import annotations

from tests.hostile.catalogue import engine, floods, machine, names

SCENES = [scene for module in (engine, machine, names, floods) for scene in module.SCENES]
