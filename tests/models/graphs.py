"""Small models, made anew each time: the same bytes on each machine, whatever its libraries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def some(*shape: int, seed: int = 0, scale: float = 1.0) -> np.ndarray:
    """Numbers between -1 and 1 that no generator of random ones decides."""
    count = int(np.prod(shape))
    mixed = (np.arange(seed * 7919, seed * 7919 + count, dtype=np.uint64) + 1) * 2654435761
    mixed = (mixed ^ (mixed >> 13)) * 40503 % (1 << 24)
    return (scale * (mixed.astype(np.float64) / (1 << 23) - 1)).reshape(shape).astype(np.float32)


def weights(name: str, *shape: int, seed: int = 1) -> onnx.TensorProto:
    """A tensor of a model."""
    scale = float((shape[0] if len(shape) == 2 else np.prod(shape[1:]) or 1) ** -0.5)
    return numpy_helper.from_array(some(*shape, seed=seed, scale=scale), name)


def constant(name: str, value: object) -> onnx.TensorProto:
    """Another one."""
    return numpy_helper.from_array(np.array(value), name)


def write(file: Path, nodes, taken, given, tensors, opset: int = 17, **metadata: str) -> Path:
    """Writes a model; `taken` and `given` are `(name, type, shape)`."""
    slots = [[helper.make_tensor_value_info(*it) for it in rows] for rows in (taken, given)]
    made = helper.make_graph(nodes, "made", *slots, tensors)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    for key, value in metadata.items():
        model.metadata_props.add(key=key.replace("__", "."), value=value)
    file.write_bytes(model.SerializeToString(deterministic=True))
    return file


def node(op: str, inputs: str, outputs: str, **attributes) -> onnx.NodeProto:
    """An op; names with spaces between."""
    return helper.make_node(op, inputs.split(), outputs.split(), **attributes)


def mlp(file: Path, **metadata: str) -> Path:
    """Two layers and a softmax."""
    nodes = [
        node("MatMul", "x w1", "a"), node("Add", "a b1", "b"), node("Relu", "b", "c"),
        node("MatMul", "c w2", "d"), node("Add", "d b2", "e"),
        node("Softmax", "e", "y", axis=-1),
    ]  # fmt: skip
    tensors = [weights("w1", 16, 32), weights("b1", 32), weights("w2", 32, 50), weights("b2", 50)]
    return write(
        file, nodes, [("x", FLOAT, ["n", 16])], [("y", FLOAT, ["n", 50])], tensors, **metadata
    )


def conv(file: Path) -> Path:
    """Convolutions, a batch normalisation, pools, a logarithmic softmax."""
    nodes = [
        node("Conv", "x k1", "a", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        node("BatchNormalization", "a scale shift mean variance", "b"), node("Relu", "b", "c"),
        node("MaxPool", "c", "d", kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", "d k2", "e", kernel_shape=[3, 3]), node("Relu", "e", "f"),
        node("GlobalAveragePool", "f", "g"), node("Flatten", "g", "h"),
        node("Gemm", "h w bias", "i"), node("LogSoftmax", "i", "y", axis=1),
    ]  # fmt: skip
    variance = numpy_helper.from_array(np.abs(some(8, seed=5)) + np.float32(0.5), "variance")
    tensors = [
        weights("k1", 8, 3, 3, 3), weights("scale", 8, seed=2), weights("shift", 8, seed=3),
        weights("mean", 8, seed=4), variance, weights("k2", 16, 8, 3, 3, seed=6),
        weights("w", 16, 24, seed=7), weights("bias", 24, seed=8),
    ]  # fmt: skip
    taken, given = [("x", FLOAT, ["n", 3, 12, 12])], [("y", FLOAT, ["n", 24])]
    return write(file, nodes, taken, given, tensors)


def attention(file: Path) -> Path:
    """One layer of attention, of 4 heads; ops of version 18, in which axes are inputs."""
    nodes = [node("LayerNormalization", "x g h", "n", axis=-1)]
    for it in "qkv":
        turned = [0, 2, 3, 1] if it == "k" else [0, 2, 1, 3]
        nodes += [
            node("MatMul", f"n w{it}", f"{it}0"), node("Reshape", f"{it}0 apart", f"{it}1"),
            node("Transpose", f"{it}1", it, perm=turned),
        ]  # fmt: skip
    nodes += [
        node("MatMul", "q k", "s"), node("Softmax", "s", "p"), node("MatMul", "p v", "o"),
        node("Transpose", "o", "o1", perm=[0, 2, 1, 3]), node("Reshape", "o1 joined", "y"),
    ]  # fmt: skip
    tensors = [
        weights("g", 32), weights("h", 32), constant("apart", np.array([0, 0, 4, 8])),
        constant("joined", np.array([0, 0, 32])),
        *(weights(f"w{it}", 32, 32, seed=ord(it)) for it in "qkv"),
    ]  # fmt: skip
    taken, given = [("x", FLOAT, ["n", "t", 32])], [("y", FLOAT, ["n", "t", 32])]
    return write(file, nodes, taken, given, tensors, opset=18)


def integers(file: Path, bits: int) -> Path:
    """A product of eight-bit numbers, whose weights have so many bits."""
    top = 1 << (bits - 1)
    held = (some(64, 16, seed=3, scale=top) - 0.5).round().clip(-top, top - 1).astype(np.int8)
    return write(
        file, [node("MatMulInteger", "x w", "y")], [("x", TensorProto.UINT8, ["n", 64])],
        [("y", TensorProto.INT32, ["n", 16])], [numpy_helper.from_array(held, "w")],
    )  # fmt: skip
