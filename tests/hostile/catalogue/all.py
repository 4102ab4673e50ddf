"""All scenes, in the order in which they are played."""

from __future__ import annotations

from tests.hostile.catalogue import (
    databases,
    engine,
    files,
    floods,
    flow,
    history,
    machine,
    models,
    names,
    people,
    secrets,
    shared_files,
    snippets,
    spending,
    texts,
    timing,
    tools,
    web,
    workers,
)

_MODULES = (
    engine, machine, files, shared_files, names, floods, texts, timing, flow, web, tools, snippets, databases, workers, spending, secrets, people, models, history,
)  # fmt: skip
SCENES = [scene for module in _MODULES for scene in module.SCENES]
