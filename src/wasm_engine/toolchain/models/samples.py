"""What models are tried with: a sample of the operator's, or one made up for their inputs."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.onnx_file import OnnxFile, Slot
from wasm_engine.toolchain.models.sessions import Feed

_TYPES: dict[str, Any] = {
    "float32": np.float32, "float64": np.float64, "float16": np.float16, "int8": np.int8,
    "int16": np.int16, "int32": np.int32, "int64": np.int64, "uint8": np.uint8,
    "uint16": np.uint16, "uint32": np.uint32, "uint64": np.uint64, "boolean": np.bool_,
}  # fmt: skip
_ROWS, _LENGTH = 2, 17
"""Of lengths that may be any: the first one of a tensor, and the others."""
MOST_SAMPLES = 10_000
"""Files of a folder."""


def made_up(model: OnnxFile) -> Feed:
    """Numbers of a normal distribution, or zeros and ones; the same each time.

    Raises:
        Misuse: The model takes something for which nothing can be made up.
    """
    random, lengths = np.random.default_rng(0), dict[str, int]()
    return {it.name: _one(it, lengths, random) for it in model.inputs() if not it.optional}


def _one(slot: Slot, lengths: dict[str, int], random: np.random.Generator) -> Any:
    if slot.element not in _TYPES:
        raise Misuse(
            f"input {slot.name!r} is of {slot.element}, of which no sample can be made up",
            code="bad-sample", hint="give one that it takes, an .npz file, by --samples",
        )  # fmt: skip
    shape = []
    for place, length in enumerate(slot.shape or ()):
        usual = _LENGTH if place else _ROWS
        if isinstance(length, str):
            shape.append(lengths.setdefault(length, usual))
        else:
            shape.append(usual if length is None or length < 0 else length)
    kind = _TYPES[slot.element]
    if np.issubdtype(kind, np.floating):
        return random.standard_normal(shape).astype(kind)
    return random.integers(0, 2, shape).astype(kind)


def read_samples(place: Path) -> list[Feed]:
    """Samples of the operator's: an `.npz` file, or a folder of such files.

    Raises:
        Misuse: There is none, or one cannot be read.
    """
    files = sorted(place.glob("*.npz")) if place.is_dir() else [place]
    if not files or len(files) > MOST_SAMPLES:
        said = f"1 to {MOST_SAMPLES:,} files *.npz are needed; there are {len(files)}"
        raise Misuse(f"{place}: {said}", code="bad-sample")
    return [_read(file) for file in files]


def _read(file: Path) -> Feed:
    try:
        with np.load(file, allow_pickle=False) as held:
            feed = {name: held[name] for name in sorted(getattr(held, "files", ()))}
    except OSError as error:
        raise Misuse(f"{file}: cannot be read: {error.strerror}", code="bad-sample") from None
    except (ValueError, EOFError, zipfile.BadZipFile):
        message = f"{file}: no .npz file of numbers, as numpy.savez writes it"
        raise Misuse(message, code="bad-sample") from None
    if not feed:
        raise Misuse(f"{file}: holds nothing", code="bad-sample")
    return feed
