"""A model rewritten so that its results are the same bits on each x86 CPU with AVX2."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import onnx

from wasm_engine.concepts.errors import Bug, Misuse
from wasm_engine.concepts.onnx_file import OnnxFile, read_onnx
from wasm_engine.concepts.portable import is_portable, portability
from wasm_engine.host.model_files import look_into, onnx_of
from wasm_engine.toolchain.models.decompose import brought_up, decompose, mark
from wasm_engine.toolchain.models.samples import made_up
from wasm_engine.toolchain.models.sessions import (
    Feed,
    computed,
    largest,
    largest_difference,
    opened,
    ratio,
)
from wasm_engine.toolchain.models.writing import copy_rest, load, main_file, new_place, save

CLOSE = 1e-3
"""How far a result may be from the original's, in parts of the largest number of that result."""


class Prepared(NamedTuple):
    """What came of it.

    Attributes:
        rewritten: Each op that was, and how often.
        largest_error: The largest difference of any number from the original's, on the sample.
        ratio: How many times as long it takes as the original, measured in turns.
    """

    rewritten: dict[str, int]
    largest_error: float
    ratio: float


def prepare(place: Path, out: Path, trust: frozenset[str], sample: Feed | None = None) -> Prepared:
    """Writes the portable form of a model.

    Args:
        place: A `.onnx` file, or a folder; of a folder the other files are copied.
        out: Where it is to be: as a file, or as a folder.
        trust: Ops that somebody vouches for.
        sample: What both are computed with; made up if None.

    Raises:
        Misuse: It cannot be made portable, it cannot be computed, or results are not close.
        HostFault: It cannot be written.
    """
    folder = place.is_dir()
    file = onnx_of(place)
    feed = sample if sample is not None else made_up(look_into(file))
    model = brought_up(load(place))
    counted = decompose(model)
    refuse_others(model, file, trust)
    mark(model, trust)
    with new_place(out, folder=folder) as made:
        goal = main_file(made, folder=folder)
        save(model, goal)
        if not is_portable(look_into(goal)):
            raise Bug(f"{out}: was prepared, and is not portable")
        before, after = opened(file), opened(goal)
        results = computed(before, feed)
        error = largest_difference(results, computed(after, feed))
        most = largest(results)
        if error > CLOSE * max(most, 1e-6):
            message = f"{file}: results would differ by {error:g}, of {most:g} at most"
            raise Misuse(message, code="not-close")
        taken = ratio(after, before, feed)
        if folder:
            copy_rest(place, made)
    return Prepared(dict(sorted(counted.items())), error, taken)


def refuse_others(model: onnx.ModelProto, file: Path, trust: frozenset[str]) -> None:
    """Refuses what cannot be portable.

    Raises:
        Misuse: It cannot; each reason is named.
    """
    reasons = portability(looked_at(model), trust)
    if reasons:
        listed = "".join(f"\n    {reason}" for reason in reasons)
        raise Misuse(
            f"{file}: cannot be made portable:{listed}",
            code="not-portable",
            hint="results of such a model are kept in the run; --trust OP vouches for an op",
        )


def looked_at(model: onnx.ModelProto) -> OnnxFile:
    """A model in memory, as it is read from its file."""
    return read_onnx(memoryview(model.SerializeToString()))
