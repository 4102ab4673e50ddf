"""Ops that depend on the CPU, written as ops that do not; the mark of what came out.

Softmax sums its numbers in as many lanes as a register has. ReduceMax, Sub, Exp, ReduceSum and Div
do the same by themselves, and each gives the same bits with registers of any width.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper, shape_inference

from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.portable import LEVEL, MARK, PRESUMES, TRUSTED

_OLDEST = 13
"""Before, Softmax flattened what it was given."""
_NEWER = 17

Nodes: TypeAlias = "list[onnx.NodeProto]"


def brought_up(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model in ops of a version that is known here.

    Raises:
        Misuse: It is older, and cannot be brought up.
    """
    if _opset(model) >= _OLDEST:
        return model
    try:
        return onnx.version_converter.convert_version(model, _NEWER)
    except Exception as error:
        message = f"ops of version {_opset(model)}, which cannot be brought up to {_NEWER}"
        raise Misuse(message, code="not-portable") from error


def decompose(model: onnx.ModelProto) -> Counter[str]:
    """Rewrites a model in place.

    Returns:
        How many of each op were rewritten.
    """
    rewriting = _Rewriting(model)
    nodes: Nodes = []
    for node in model.graph.node:
        how = _HOW.get(node.op_type) if node.domain in ("", "ai.onnx") else None
        made = how(rewriting, node) if how is not None else None
        if made is None:
            nodes.append(node)
        else:
            rewriting.counted[node.op_type] += 1
            nodes += made
    _drop_unused(model, nodes)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return rewriting.counted


def mark(model: onnx.ModelProto, trust: frozenset[str]) -> None:
    """Notes in a model that it is portable, and what that presumes."""
    release = ".".join(onnxruntime.__version__.split(".")[:2])
    noted = {MARK: "1", PRESUMES: f"onnxruntime {release}, {LEVEL}"}
    if trust:
        noted[TRUSTED] = " ".join(sorted(trust))
    kept = [it for it in model.metadata_props if it.key not in (MARK, PRESUMES, TRUSTED)]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    for key, value in noted.items():
        model.metadata_props.add(key=key, value=value)


def _drop_unused(model: onnx.ModelProto, nodes: Nodes) -> None:
    """Weights that only what was rewritten used."""
    if any(it.HasField("g") or it.graphs for node in nodes for it in node.attribute):
        return  # graphs within use weights of the one around them
    before = {name for node in model.graph.node for name in node.input}
    gone = before - {name for node in nodes for name in node.input}
    gone -= {it.name for it in model.graph.output}
    kept = [it for it in model.graph.initializer if it.name not in gone]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)


def _opset(model: onnx.ModelProto) -> int:
    found = [it.version for it in model.opset_import if it.domain in ("", "ai.onnx")]
    return found[0] if found else 0


class _Rewriting:
    """A model while it is rewritten.

    Attributes:
        counted: How many of each op were rewritten.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self.counted: Counter[str] = Counter()
        self._model, self._opset = model, _opset(model)
        self._taken = {name for node in model.graph.node for name in node.output}
        self._taken |= {it.name for it in model.graph.initializer}
        self._weights = {it.name: it for it in model.graph.initializer}
        self._ranks: dict[str, int] | None = None

    def name(self, hint: str) -> str:
        """A name that is not taken yet."""
        number = 0
        while (name := f"{hint}_{number}") in self._taken:
            number += 1
        self._taken.add(name)
        return name

    def constant(self, value: Any, hint: str) -> str:
        """New weights."""
        name = self.name(hint)
        self._model.graph.initializer.append(numpy_helper.from_array(value, name))
        return name

    def weights(self, name: str) -> Any:
        """The weights of a name, or None."""
        held = self._weights.get(name)
        return None if held is None else numpy_helper.to_array(held)

    def rank(self, name: str) -> int:
        """How many lengths a tensor has; 0 where that is not known."""
        if self._ranks is None:
            seen = shape_inference.infer_shapes(self._model).graph
            self._ranks = {
                it.name: len(it.type.tensor_type.shape.dim)
                for it in (*seen.value_info, *seen.input, *seen.output)
                if it.type.tensor_type.HasField("shape")
            }
        return self._ranks.get(name, 0)

    def reduced(self, op: str, given: str, axis: int) -> tuple[onnx.NodeProto, str]:
        """A reduction over one axis, which stays, of length 1."""
        name = self.name(f"{given}.{op}")
        if op == "ReduceSum" or self._opset >= 18:
            axes = self.constant(np.array([axis], np.int64), f"{given}.axes")
            return helper.make_node(op, [given, axes], [name], keepdims=1), name
        return helper.make_node(op, [given], [name], axes=[axis], keepdims=1), name


def _softmax(rewriting: _Rewriting, node: onnx.NodeProto) -> Nodes:
    axis = next((it.i for it in node.attribute if it.name == "axis"), -1)
    given, name = node.input[0], rewriting.name
    largest, most = rewriting.reduced("ReduceMax", given, axis)
    less, raised = name(f"{given}.less"), name(f"{given}.exp")
    nodes = [
        largest,
        helper.make_node("Sub", [given, most], [less]),
        helper.make_node("Exp", [less], [raised]),
    ]
    summed, total = rewriting.reduced("ReduceSum", raised, axis)
    nodes.append(summed)
    if node.op_type == "Softmax":
        return [*nodes, helper.make_node("Div", [raised, total], [node.output[0]])]
    logged = name(f"{given}.log")
    return [
        *nodes,
        helper.make_node("Log", [total], [logged]),
        helper.make_node("Sub", [less, logged], [node.output[0]]),
    ]


def _batch_normalization(rewriting: _Rewriting, node: onnx.NodeProto) -> Nodes | None:
    """As a product and a sum with what the weights come to, for which there is one result."""
    scale, shift, mean, variance = (rewriting.weights(name) for name in node.input[1:5])
    rank = rewriting.rank(node.input[0])
    training = any(it.name == "training_mode" and it.i for it in node.attribute)
    if training or rank < 2 or any(it is None for it in (scale, shift, mean, variance)):
        return None
    epsilon = next((it.f for it in node.attribute if it.name == "epsilon"), 1e-5)
    factor = scale.astype(np.float64) / np.sqrt(variance.astype(np.float64) + epsilon)
    term = shift.astype(np.float64) - mean.astype(np.float64) * factor
    shape = (-1, *(1,) * (rank - 2))
    factors = rewriting.constant(
        factor.astype(scale.dtype).reshape(shape), f"{node.output[0]}.factor"
    )
    terms = rewriting.constant(term.astype(scale.dtype).reshape(shape), f"{node.output[0]}.term")
    product = rewriting.name(f"{node.output[0]}.product")
    return [
        helper.make_node("Mul", [node.input[0], factors], [product]),
        helper.make_node("Add", [product, terms], [node.output[0]]),
    ]


def _dropout(_rewriting: _Rewriting, node: onnx.NodeProto) -> Nodes | None:
    if len(node.output) > 1 or len(node.input) > 2:
        return None
    return [helper.make_node("Identity", [node.input[0]], [node.output[0]])]


_HOW: dict[str, Callable[[_Rewriting, onnx.NodeProto], Nodes | None]] = {
    "Softmax": _softmax,
    "LogSoftmax": _softmax,
    "BatchNormalization": _batch_normalization,
    "Dropout": _dropout,
}
