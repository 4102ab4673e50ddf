"""Where a run stood, to be put there again: in its file as checkpoints, or in memory as marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from wasm_engine.agents.program import MadeOf
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal.checkpoints import CheckpointRow
from wasm_engine.journal.entries import Kind
from wasm_engine.journal.runfile import RunFile


class Told(NamedTuple):
    """What a checkpoint holds: the world, or None where that could not be told, and around it."""

    engine: list[tuple[str, Any]]
    swapped: list[MadeOf]
    script: Any
    world: Any


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


def told_in(checkpoint: bytes) -> Told:
    """What a checkpoint holds.

    Raises:
        BadRunFile: The bytes are none.
    """
    try:
        around, world = canonical.decode(checkpoint)
        return msgspec.convert([*around, world], Told)
    except (msgspec.MsgspecError, RecursionError, TypeError, ValueError) as error:
        message = f"a checkpoint that cannot be read ({error})"
        raise BadRunFile(message) from None
