"""A model in eight-bit integers: weights of seven bits, by channel, scales fixed beforehand."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.portable import portability
from wasm_engine.host.model_files import look_into, onnx_of
from wasm_engine.host.staging import staging_folder
from wasm_engine.toolchain.models.decompose import brought_up, decompose, mark
from wasm_engine.toolchain.models.prepare import looked_at
from wasm_engine.toolchain.models.sessions import (
    Feed,
    Results,
    computed,
    first_line,
    largest_difference,
    opened,
    ratio,
)
from wasm_engine.toolchain.models.writing import copy_rest, load, main_file, new_place, save

_OPS = ["MatMul", "Gemm", "Conv"]


class Accuracy(NamedTuple):
    """How near the results are to those of the original, on the sample.

    Attributes:
        largest_error: The largest difference of any number.
        cosine_min: Of all rows of all results the smallest cosine of the two.
        cosine_mean: Their mean.
        agreement: The part of rows whose largest number is at the same place; None where no
            result has rows of several numbers.
    """

    largest_error: float
    cosine_min: float
    cosine_mean: float
    agreement: float | None


class Quantized(NamedTuple):
    """What came of it.

    Attributes:
        accuracy: On the sample.
        ratio: How many times as long it takes as the original.
        reasons: Why it is not portable; empty: it is, and is marked so.
    """

    accuracy: Accuracy
    ratio: float
    reasons: tuple[str, ...]


class _Reader(CalibrationDataReader):  # type: ignore[misc]  # the library has no types
    """Samples, one after the other."""

    def __init__(self, samples: Sequence[Feed]) -> None:
        self._samples: Iterator[Feed] = iter(samples)

    def get_next(self) -> dict[str, Any] | None:
        found = next(self._samples, None)
        return None if found is None else dict(found)


def quantize(place: Path, out: Path, samples: Sequence[Feed]) -> Quantized:
    """Writes the quantized form of a model; what depends on the CPU is rewritten before.

    Args:
        place: A `.onnx` file, or a folder; of a folder the other files are copied.
        out: Where it is to be.
        samples: What it is usually given: scales are fixed by what it computes of it.

    Raises:
        Misuse: It cannot be quantized, or does not take the samples.
        HostFault: It cannot be written.
    """
    folder, file = place.is_dir(), onnx_of(place)
    before = opened(file)
    expected = [computed(before, sample) for sample in samples]
    model = brought_up(load(place))
    decompose(model)
    left = _without_weights(model)
    with staging_folder() as staged:
        plain, made_of = staged / "plain.onnx", staged / "quantized.onnx"
        save(model, plain)
        _quantize(plain, made_of, samples, left)
        model = onnx.load(str(made_of))
    reasons = portability(looked_at(model))
    if not reasons:
        mark(model, frozenset())
    with new_place(out, folder=folder) as made:
        goal = main_file(made, folder=folder)
        save(model, goal)
        look_into(goal)
        after = opened(goal)
        got = [computed(after, sample) for sample in samples]
        taken = ratio(after, before, samples[0])
        if folder:
            copy_rest(place, made)
    return Quantized(accuracy(expected, got), taken, reasons)


def _without_weights(model: onnx.ModelProto) -> list[str]:
    """Names of products of two computed tensors, which stay as they are; names all nodes for it."""
    weights = {it.name for it in model.graph.initializer}
    left = []
    for number, node in enumerate(model.graph.node):
        node.name = f"{node.op_type}.{number}"
        if node.op_type in _OPS and node.input[1] not in weights:
            left.append(node.name)
    return left


def _quantize(plain: Path, goal: Path, samples: Sequence[Feed], left: list[str]) -> None:
    onnxruntime.set_default_logger_severity(4)
    logging.disable(logging.WARNING)  # it tells the root logger how one might do better
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            quantize_static(
                str(plain),
                str(goal),
                _Reader(samples),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=_OPS,
                per_channel=True,
                reduce_range=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                nodes_to_exclude=left,
                extra_options={
                    "WeightSymmetric": True,
                    "OpTypesToExcludeOutputQuantization": ["MatMul", "Gemm"],
                },
            )
    except Misuse:
        raise
    except Exception as error:  # noqa: BLE001 (the library raises what it likes)
        raise Misuse(f"cannot be quantized: {first_line(error)}", code="not-quantized") from None
    finally:
        logging.disable(logging.NOTSET)


def accuracy(expected: Sequence[Results], got: Sequence[Results]) -> Accuracy:
    """How near results are to others, of runs with the same samples."""
    cosines: list[float] = []
    agreed: list[bool] = []
    worst = 0.0
    for ones, others in zip(expected, got, strict=True):
        worst = max(worst, largest_difference(ones, others))
        for one, other in zip(ones, others, strict=True):
            if one.dtype.kind != "f" or not one.size:
                continue
            width = one.shape[-1] if one.ndim > 1 else one.size
            a, b = (it.reshape(-1, width).astype(np.float64) for it in (one, other))
            lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
            products = np.sum(a * b, axis=1)
            cosines += np.where(lengths > 0, products / np.maximum(lengths, 1e-300), 1.0).tolist()
            if width > 1:
                agreed += (a.argmax(axis=1) == b.argmax(axis=1)).tolist()
    if not cosines:
        cosines = [1.0]
    share = sum(agreed) / len(agreed) if agreed else None
    return Accuracy(worst, min(cosines), sum(cosines) / len(cosines), share)
