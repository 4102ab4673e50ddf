"""A machine of its own for each test, and models that are made once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.models import bert, every_op, graphs
from tests.models.graphs import some
from tests.signing.conftest import home
from wasm_engine.toolchain.models.embedding import build_embedding
from wasm_engine.toolchain.models.prepare import prepare
from wasm_engine.toolchain.models.quantize import quantize

__all__ = ["home"]

SAMPLES = {
    "mlp": {"x": some(5, 16, seed=9)},
    "conv": {"x": some(2, 3, 12, 12, seed=9)},
    "attention": {"x": some(2, 50, 32, seed=9, scale=4)},
    "integers": {"x": np.full((3, 64), 255, np.uint8)},
    "every": every_op.SAMPLE,
    "bert": {
        "input_ids": np.arange(46, dtype=np.int64).reshape(2, 23) * 7 % bert.WORDS,
        "attention_mask": (np.arange(46).reshape(2, 23) < 40).astype(np.int64),
    },
}


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """A folder: each model as it is, and its portable and quantized forms; samples beside them."""
    folder = tmp_path_factory.mktemp("models")
    for name, feed in SAMPLES.items():
        np.savez(folder / f"{name}.npz", **feed)
    for name in ("mlp", "conv", "attention"):
        plain = getattr(graphs, name)(folder / f"{name}.onnx")
        prepare(plain, folder / f"{name}.portable.onnx", frozenset(), SAMPLES[name])
    for name in ("mlp", "conv"):
        out = folder / f"{name}.quantized.onnx"
        quantize(folder / f"{name}.onnx", out, [SAMPLES[name]])
    every_op.every_op(folder / "every.onnx")
    graphs.integers(folder / "integers.full.onnx", 8)
    graphs.integers(folder / "integers.seven.onnx", 7)
    build_embedding(bert.write_folder(folder / "bert"), folder / "built")
    (folder / "built/model.onnx").rename(folder / "bert.portable.onnx")
    return folder
