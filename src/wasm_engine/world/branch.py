"""Forks without an edit, where a checkpoint stands: made from the file, nothing is executed."""

from __future__ import annotations

import contextlib
from pathlib import Path

from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import EngineError
from wasm_engine.host.origins import granted, origin_of, remember_grants, remember_origin
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.script import Reuse, Script, name_of
from wasm_engine.orchestrator.snapshot import out_in
from wasm_engine.world.fork import to_come
from wasm_engine.world.marks import around, ends_step, told_in


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
        told = told_in(old.checkpoint(row))
        if told.world is None:  # it could not be told then
            return False
        names = {number: name_of(*effect) for number, effect in out_in(told.world).items()}
        script = Script(to_come(old, row.n, step, names), effects)
        besides = around(told.engine, told.swapped, script.plain(), told.retooled)
        data = canonical.encode([besides, told.world])
        made = old.fork_to(out, row.n)
        try:
            # What it names came with the entries, so nobody is asked for it.
            made.put_checkpoint(step, data, dict.fromkeys(row.parts, b""))
            made.close()
        except BaseException:
            with contextlib.suppress(EngineError):
                made.close()
            out.unlink(missing_ok=True)
            raise
        remember_origin(made.run_id, origin_of(old.run_id))
        remember_grants(made.run_id, granted(old.run_id))
    return True
