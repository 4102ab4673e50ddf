"""Models that tests make: small, of each kind that matters, the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

from wasm_engine.concepts.portable import MARK

F32, I64, TEXT, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.STRING, TensorProto.BOOL


def value(name, element=F32, shape=("n",)):
    """What a model takes or gives."""
    return helper.make_tensor_value_info(name, element, list(shape))


def saved(path: Path, nodes, inputs, outputs, weights=(), *, portable=False, opset=17) -> Path:
    """A model in a file."""
    graph = helper.make_graph(list(nodes), "g", list(inputs), list(outputs), list(weights))
    opsets = [helper.make_opsetid("", opset)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="tests")
    if portable:
        helper.set_model_props(model, {MARK: "1"})
    path.write_bytes(model.SerializeToString(deterministic=True))
    return path


def numbers(name, *shape, seed=0):
    """Weights."""
    rng = np.random.default_rng(seed)
    data = rng.standard_normal(shape).astype(np.float32) / 4
    return helper.make_tensor(name, F32, shape, data.tobytes(), raw=True)


def mlp(path: Path, *, portable: bool = True, seed: int = 0) -> Path:
    """`x` [n, 64] to `y` [n, 16]."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("Tanh", ["h"], ["t"]),
        helper.make_node("MatMul", ["t", "v"], ["y"]),
    ]
    weights = [numbers("w", 64, 128, seed=seed), numbers("v", 128, 16, seed=seed + 1)]
    given, back = value("x", shape=("n", 64)), value("y", shape=("n", 16))
    return saved(path, nodes, [given], [back], weights, portable=portable)


def conv(path: Path) -> Path:
    """`x` [1, 3, 16, 16] to `y`: a convolution."""
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["y"]),
    ]
    given, back = value("x", shape=(1, 3, 16, 16)), value("y", shape=(1, 8, 16, 16))
    return saved(path, nodes, [given], [back], [numbers("w", 8, 3, 3, 3)], portable=True)


def attention(path: Path) -> Path:
    """`x` [n, 32] to `y`: each row by how it is like the others. Not portable: a softmax."""
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"]),
        helper.make_node("MatMul", ["x", "t"], ["s"]),
        helper.make_node("Softmax", ["s"], ["p"]),
        helper.make_node("MatMul", ["p", "x"], ["y"]),
    ]
    return saved(path, nodes, [value("x", shape=("n", 32))], [value("y", shape=("n", 32))])


def every_element(path: Path) -> Path:
    """Gives back what it takes, of each element; `scalar` has no dimension."""
    elements = (
        "FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16", "INT8", "INT16", "INT32", "INT64", "UINT8",
        "UINT16", "UINT32", "UINT64", "BOOL",
    )  # fmt: skip
    kinds = [(name.lower(), getattr(TensorProto, name)) for name in elements]
    nodes = [helper.make_node("Identity", [n], [f"{n}_out"]) for n, _ in kinds]
    nodes.append(helper.make_node("Identity", ["scalar"], ["scalar_out"]))
    inputs = [value(n, kind) for n, kind in kinds] + [value("scalar", F32, ())]
    outputs = [value(f"{n}_out", kind) for n, kind in kinds] + [value("scalar_out", F32, ())]
    return saved(path, nodes, inputs, outputs)


def mixed(path: Path) -> Path:
    """Texts, a truth value, and an input that may be left out: `b`, [1, 2] where it is."""
    nodes = [
        helper.make_node("Identity", ["words"], ["same"]),
        helper.make_node("Not", ["yes"], ["no"]),
        helper.make_node("Add", ["x", "b"], ["sum"]),
    ]
    inputs = [value("words", TEXT), value("yes", BOOL, ()), value("x", shape=("n", 2)),
              value("b", shape=(2,))]  # fmt: skip
    outputs = [value("same", TEXT), value("no", BOOL, ()), value("sum", shape=("n", 2))]
    default = helper.make_tensor("b", F32, [2], [1.0, 2.0])
    return saved(path, nodes, inputs, outputs, [default])


def loop(path: Path, *, portable: bool = False) -> Path:
    """Multiplies matrices as often as `times` says."""
    body = helper.make_graph(
        [
            helper.make_node("MatMul", ["a", "a"], ["b"]),
            helper.make_node("Clip", ["b", "low", "high"], ["c"]),
            helper.make_node("Identity", ["go"], ["on"]),
        ],
        "body",
        [value("i", I64, ()), value("go", BOOL, ()), value("a", shape=(64, 64))],
        [value("on", BOOL, ()), value("c", shape=(64, 64))],
        [helper.make_tensor("low", F32, [], [-1.0]), helper.make_tensor("high", F32, [], [1.0])],
    )
    nodes = [helper.make_node("Loop", ["times", "always", "w"], ["y"], body=body)]
    weights = [numbers("w", 64, 64), helper.make_tensor("always", BOOL, [], [True])]
    back = value("y", shape=(64, 64))
    return saved(path, nodes, [value("times", I64, ())], [back], weights, portable=portable)


def gather(path: Path) -> Path:
    """`y` = table[i], portable: fails where `i` is beyond it."""
    nodes = [helper.make_node("Gather", ["t", "i"], ["y"])]
    return saved(path, nodes, [value("i", I64)], [value("y", shape=("n", 2))],
                 [numbers("t", 4, 2)], portable=True)  # fmt: skip


def wide(path: Path) -> Path:
    """`y` is `x`, as often as `shape` says."""
    nodes = [helper.make_node("Expand", ["x", "shape"], ["y"])]
    return saved(path, nodes, [value("x", shape=(1,)), value("shape", I64, (1,))], [value("y")],
                 portable=True)  # fmt: skip


def sentences(folder: Path, *, tokens: bool = False) -> Path:
    """A folder with a model of texts: a table of words, and their mean; or each of them."""
    from tokenizers import Tokenizer  # noqa: PLC0415
    from tokenizers.models import WordLevel  # noqa: PLC0415
    from tokenizers.pre_tokenizers import Whitespace  # noqa: PLC0415

    folder.mkdir()
    words = ("[UNK]", "a", "cat", "sees", "the", "dog", "añb")
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    nodes = [helper.make_node("Gather", ["t", "input_ids"], ["each"])]
    if not tokens:
        nodes.append(helper.make_node("ReduceMean", ["each"], ["y"], axes=[1], keepdims=0))
    given = [value("input_ids", I64, ("b", "n")), value("attention_mask", I64, ("b", "n"))]
    back = value("each", shape=("b", "n", 8)) if tokens else value("y", shape=("b", 8))
    saved(folder / "model.onnx", nodes, given, [back], [numbers("t", 7, 8)], portable=True)
    return folder
