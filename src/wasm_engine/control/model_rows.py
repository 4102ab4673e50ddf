"""The models that a world asks on this machine, as rows for people."""

from __future__ import annotations

from collections.abc import Iterable

from wasm_engine.concepts.tensors import ModelFacts
from wasm_engine.control.reports import ModelRow


def model_rows(facts: Iterable[ModelFacts]) -> tuple[ModelRow, ...]:
    """Rows of models, by name."""
    return tuple(
        ModelRow(
            it.name,
            it.form,
            it.digest.hex(),
            it.portable,
            it.device,
            tuple(f"{slot.name}: {slot}" for slot in it.inputs),
            tuple(f"{slot.name}: {slot}" for slot in it.outputs),
        )
        for it in sorted(facts, key=lambda it: it.name)
    )
