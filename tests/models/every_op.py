"""One model that has every op that counts as portable, each with an output of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto

from tests.models.graphs import FLOAT, INT64, constant, node, some, weights, write

BOOL, UINT8 = TensorProto.BOOL, TensorProto.UINT8
IMAGE = (2, 4, 8, 10)
SAMPLE = {"x": some(8, 60, seed=11, scale=3), "image": some(*IMAGE, seed=12, scale=2)}

_UNARY = "Identity Neg Abs Relu Floor Ceil Round Sign Exp Sin Tanh Sigmoid Erf Gelu"
_COMPARED = "Equal Greater GreaterOrEqual Less LessOrEqual"
_LOGICAL = "And Or Xor"
_BINARY = "Add Sub Mul Div Min Max"
_ROWS = [
    *((op, "x", FLOAT, {}) for op in _UNARY.split()),
    *((op, "x m", BOOL, {}) for op in _COMPARED.split()),
    *((op, "x m", FLOAT, {}) for op in _BINARY.split()),
    *((op, "yes no", BOOL, {}) for op in _LOGICAL.split()),
    ("Not", "yes", BOOL, {}), ("IsNaN", "x", BOOL, {}), ("IsInf", "x", BOOL, {}),
    ("Sqrt", "m", FLOAT, {}), ("Log", "m", FLOAT, {}), ("Clip", "x low high", FLOAT, {}),
    ("Constant", "", FLOAT, {"value_float": 1.5}), ("ConstantOfShape", "shape", FLOAT, {}),
    ("Reshape", "x shape", FLOAT, {}), ("Transpose", "x", FLOAT, {"perm": [1, 0]}),
    ("Unsqueeze", "x last", FLOAT, {}), ("Flatten", "image", FLOAT, {}),
    ("Concat", "x m", FLOAT, {"axis": 1}), ("Slice", "x ones tens", FLOAT, {}),
    ("Gather", "x picked", FLOAT, {}), ("GatherElements", "x places", FLOAT, {"axis": 1}),
    ("GatherND", "x pairs", FLOAT, {}), ("Expand", "row full", FLOAT, {}),
    ("Tile", "x twice", FLOAT, {}), ("Pad", "x pads", FLOAT, {}), ("Shape", "x", INT64, {}),
    ("Size", "x", INT64, {}), ("Where", "yes x m", FLOAT, {}), ("Cast", "x", INT64, {"to": INT64}),
    ("DepthToSpace", "image", FLOAT, {"blocksize": 2}),
    ("SpaceToDepth", "image", FLOAT, {"blocksize": 2}), ("Range", "zero nine one", INT64, {}),
    ("NonZero", "x", INT64, {}), ("Compress", "x kept", FLOAT, {"axis": 0}),
    ("OneHot", "picked depth marks", FLOAT, {}), ("Trilu", "x", FLOAT, {}),
    ("ArgMax", "x", INT64, {"axis": 1}), ("ArgMin", "x", INT64, {"axis": 1}),
    ("ReduceMax", "x last", FLOAT, {}), ("ReduceMin", "x last", FLOAT, {}),
    ("ReduceSum", "x last", FLOAT, {}), ("ReduceMean", "x last", FLOAT, {}),
    ("ReduceL2", "x last", FLOAT, {}), ("CumSum", "x one", FLOAT, {}),
    ("MaxPool", "image", FLOAT, {"kernel_shape": [2, 2]}), ("GlobalMaxPool", "image", FLOAT, {}),
    ("GlobalAveragePool", "image", FLOAT, {}), ("MatMul", "x w", FLOAT, {}),
    ("Gemm", "x w b", FLOAT, {"alpha": 0.7}), ("Conv", "image k", FLOAT, {"strides": [2, 1]}),
    ("LayerNormalization", "x g h", FLOAT, {"axis": -1}),
    ("QuantizeLinear", "x s z", UINT8, {}), ("DequantizeLinear", "QuantizeLinear s z", FLOAT, {}),
]  # fmt: skip
_WHOLE = {
    "shape": [20, 24], "last": [-1], "ones": [1, 1], "tens": [7, 31], "picked": [3, 0, 7],
    "places": [[5, 4], [3, 2]], "pairs": [[0, 1], [7, 9]], "full": [8, 60], "twice": [2, 1],
    "pads": [1, 2, 0, 3], "zero": 0, "nine": 9, "one": 1, "depth": 9,
}  # fmt: skip
_SINGLE = {"low": -1.25, "high": 1.5, "tenth": 0.1, "s": 0.05}


def every_op(file: Path) -> Path:
    """Writes it."""
    nodes = [
        node("Abs", "x", "abs"), node("Add", "abs tenth", "m"), node("Greater", "x m", "no"),
        node("LessOrEqual", "x tenth", "yes"),
        node("Split", "x", "Split left", axis=1, num_outputs=2),
        node("Squeeze", "Unsqueeze last", "Squeeze"),
    ]  # fmt: skip
    nodes[-1:] = [*(node(op, taken, op, **how) for op, taken, _, how in _ROWS), nodes[-1]]
    tensors = [
        *(constant(name, np.array(value, np.int64)) for name, value in _WHOLE.items()),
        *(constant(name, np.float32(value)) for name, value in _SINGLE.items()),
        constant("z", np.uint8(120)), constant("kept", np.array([True, False] * 4)),
        constant("marks", np.array([0, 1], np.float32)), weights("row", 60), weights("g", 60),
        weights("h", 60, seed=2), weights("w", 60, 33), weights("b", 33),
        weights("k", 5, 4, 3, 3),
    ]  # fmt: skip
    given = [(op, kind, None) for op, _, kind, _ in _ROWS]
    given += [("Split", FLOAT, None), ("Squeeze", FLOAT, None)]
    taken = [("x", FLOAT, [8, 60]), ("image", FLOAT, list(IMAGE))]
    return write(file, nodes, taken, given, tensors, opset=20)
