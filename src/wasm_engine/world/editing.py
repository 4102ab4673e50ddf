"""Edits of a run, as its journal holds them: made once, and again in each re-execution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wasm_engine.capabilities.chat import calls as chat
from wasm_engine.capabilities.chat.calls import LanguageModel, LanguageModels
from wasm_engine.orchestrator.edits import set_state, swap
from wasm_engine.orchestrator.execution import Execution
from wasm_engine.world.kinds import Kinds


def edit(execution: Execution, kinds: Kinds, what: Sequence[Any]) -> None:
    """Makes an edit that the journal holds; see `Run.change`.

    Raises:
        Misuse: The world, as it stands, cannot be changed so.
    """
    world = execution.scheduler.world
    match what:
        case ["seed", int(seed)]:
            world.seed = seed
        case ["state", str(address), str(key), str(text)]:
            set_state(world, address, key, text)
        case ["component", str(kind), str(name), bytes(digest), text]:
            if kind not in kinds.pinned:
                program = kinds.program((kind, name, digest, text))
                swap(world, kind, program)
                kinds.programs[kind] = program
                execution.scheduler.swaps.forget(kind)
        case ["model", str(name), *known]:
            models = world.services.get(chat.SERVICE)
            if isinstance(models, LanguageModels):
                models.replace(name, LanguageModel(*known))
