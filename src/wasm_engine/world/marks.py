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
    """What a checkpoint holds: the world, or None where that could not be told, and around it.

    `tools` are those that run something else than at first: tool, name of the file, digest.
    """

    engine: list[tuple[str, Any]]
    swapped: list[MadeOf]
    script: Any
    world: Any
    tools: list[tuple[str, str, bytes]] = []  # noqa: RUF012  (a tuple's default, never changed)

    @property
    def retooled(self) -> dict[str, tuple[str, bytes]]:
        """The same by tool."""
        return {name: (file, digest) for name, file, digest in self.tools}


def around(
    engine: Any, swapped: Any, script: Any, retooled: Mapping[str, tuple[str, bytes]]
) -> list[Any]:
    """What a checkpoint holds besides the world; of tools only where there is something to say."""
    tools = [[name, *it] for name, it in sorted(retooled.items())]
    return [engine, swapped, script, *([tools] if tools else [])]


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
        besides, world = canonical.decode(checkpoint)
        engine, swapped, script, *tools = besides
        return msgspec.convert([engine, swapped, script, world, *tools], Told)
    except (msgspec.MsgspecError, RecursionError, TypeError, ValueError) as error:
        message = f"a checkpoint that cannot be read ({error})"
        raise BadRunFile(message) from None
