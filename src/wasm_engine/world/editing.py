"""Edits of a run, as its journal holds them: made once, and again in each re-execution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wasm_engine.capabilities.chat import calls as chat
from wasm_engine.capabilities.chat.calls import LanguageModel, LanguageModels
from wasm_engine.orchestrator.edits import set_state
from wasm_engine.world.retooling import put_component, put_tool
from wasm_engine.world.swapping import Run


def edit(run: Run, what: Sequence[Any]) -> None:
    """Makes an edit that the journal holds; see `Run.change`.

    Raises:
        Misuse: The world, as it stands, cannot be changed so.
        BadComponent: What is put in another's place does not offer what is called.
    """
    world = run.execution.scheduler.world
    match what:
        case ["seed", int(seed)]:
            world.seed = seed
        case ["state", str(address), str(key), str(text)]:
            set_state(world, address, key, text)
        case ["component", str(kind), str(name), bytes(digest), text]:
            put_component(run, (kind, name, digest, text))
        case ["tool", str(tool), str(name), bytes(digest)]:
            put_tool(run, tool, name, digest)
        case ["model", str(name), *known]:
            models = world.services.get(chat.SERVICE)
            if isinstance(models, LanguageModels):
                models.replace(name, LanguageModel(*known))
