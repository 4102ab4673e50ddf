"""Which models take no longer than their bytes and those of what they are given let expect."""

from __future__ import annotations

from typing import Final

from wasm_engine.concepts.onnx_file import OnnxFile

_SIZED: Final = {
    "ConstantOfShape": 0,
    "Expand": 1,
    "OneHot": 1,
    "Pad": 1,
    "Range": 0,
    "Resize": 0,
    "Tile": 1,
    "Upsample": 0,
}
"""Ops that make as much as an input of theirs says, and from which input on those are."""


def is_straight(model: OnnxFile) -> bool:
    """Whether a model computes from its front to its back, and nothing as large as it is told.

    A loop takes as long as a number says, and so does what a number blows up: a few bytes would buy
    hours.
    """
    if model.functions or len(list(model.graph.inner())) > 1:
        return False
    fixed = {tensor.name for tensor in model.graph.tensors} - set(_given(model))
    fixed |= {it.outputs[0] for it in model.graph.nodes if it.op == "Constant" and it.outputs}
    return all(
        name in fixed
        for node in model.graph.nodes
        if node.op in _SIZED
        for name in node.inputs[_SIZED[node.op] :]
        if name
    )


def _given(model: OnnxFile) -> list[str]:
    """Weights that may be given in place of those in the file are inputs, too."""
    return [slot.name for slot in model.inputs()]
