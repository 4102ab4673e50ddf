"""Where a run stood, to be put there again: in its file as checkpoints, or in memory as marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from wasm_engine.journal.checkpoints import CheckpointRow
from wasm_engine.journal.entries import Kind
from wasm_engine.journal.runfile import RunFile


class Mark(NamedTuple):
    """A run as it stood at the end of a step.

    Attributes:
        step: The step.
        position: Number of the entry after which it stood.
        told: What a checkpoint would hold.
        parts: What that names, by digest.
    """

    step: int
    position: int
    told: bytes
    parts: Mapping[bytes, bytes]


def ends_step(file: RunFile, row: CheckpointRow) -> bool:
    """Whether a checkpoint stands at the very end of its step.

    Behind the record of the step, and the intents that it issued; and not behind an input that came
    after it, too.
    """
    if row.n == file.anchor:  # a compacted run does not hold what was before
        return True
    last, *after = (entry for entry, _ in zip(file.entries(row.n), range(2), strict=False))
    if last.kind not in (Kind.STEP, Kind.INTENT):
        return False
    return not after or after[0].kind != Kind.INTENT
