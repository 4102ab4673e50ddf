"""Forks without an edit, where a checkpoint stands: made from the file, nothing is executed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from wasm_engine.concepts import canonical
from wasm_engine.host.origins import granted, origin_of, remember_grants, remember_origin
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Intent, Kind, Result
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.script import Reuse, Script, name_of
from wasm_engine.world.fork import to_come
from wasm_engine.world.marks import ends_step

_Told = tuple[tuple[Any, Any, Any], msgspec.Raw]
"""A checkpoint: engine, other components and what is to come; the world, not read any further."""


def branch(file: Path, step: int, out: Path, effects: Reuse = "reuse") -> bool:
    """Forks a run at a checkpoint, without an edit; see `fork.fork`.

    Returns:
        False where no checkpoint stands at the end of the step; then nothing was made.

    Raises:
        BadRunFile: A file cannot be used.
    """
    with RunFile.open(file, verify="tail") as old:
        row = next((r for r in old.checkpoints() if r.step == step and ends_step(old, r)), None)
        if row is None:
            return False
        (engine, swapped, _), world = msgspec.msgpack.decode(old.checkpoint(row), type=_Told)
        if bytes(world) == canonical.encode(None):  # it could not be told then
            return False
        script = Script(to_come(old, row.n, step, _intents(old, row.n)), effects)
        data = canonical.encode([[engine, swapped, script.plain()], world])
        with old.fork_to(out, row.n) as made:
            # What it names came with the entries, so nobody is asked for it.
            made.put_checkpoint(step, data, dict.fromkeys(row.parts, b""))
            child = made.run_id
        remember_origin(child, origin_of(old.run_id))
        remember_grants(child, granted(old.run_id))
    return True


def _intents(file: RunFile, position: int) -> dict[int, bytes]:
    """Names of the effects up to an entry, where a result of one may follow."""
    if not any(entry.kind == Kind.RESULT for entry in file.entries(position + 1)):
        return {}
    found = {}
    for entry in file.entries():
        if entry.n > position:
            break
        if entry.kind not in (Kind.INTENT, Kind.RESULT):
            continue
        match entries.decode(entry.kind, entry.body):
            case Intent() as it:
                found[it.number] = name_of(it.agent, it.capability, it.arguments)
            case Result() as it:
                found.pop(it.number, None)
    return found
