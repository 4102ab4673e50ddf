"""Which models take no longer than their size lets expect."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper

from tests.models.graphs import FLOAT, INT64, constant, node, write
from wasm_engine.concepts.straight import is_straight
from wasm_engine.host.model_files import look_into

SIZE = ("s", INT64, [1])
SIZED = [
    [node("Expand", "x s", "y")],
    [node("Tile", "x s", "y")],
    [node("Pad", "x s", "y")],
    [node("ConstantOfShape", "s", "y")],
    [node("Range", "s s s", "y")],
    [node("Identity", "s", "t"), node("Expand", "x t", "y")],
    [node("Shape", "x", "t"), node("ConstantOfShape", "t", "y")],
]


def straight(tmp_path, nodes, *taken, tensors=()):
    file = write(
        tmp_path / "it.onnx", nodes, [("x", FLOAT, ["n"]), *taken], [("y", FLOAT, None)], tensors
    )
    return is_straight(look_into(file))


@pytest.mark.parametrize("nodes", SIZED)
def test_what_is_as_large_as_a_number_says_that_is_given_is_not(tmp_path, nodes):
    assert not straight(tmp_path, nodes, SIZE)


def test_what_is_always_as_large_is(tmp_path):
    two = constant("s", np.array([2]))
    own = helper.make_node("Constant", [], ["s"], value=two)
    assert straight(tmp_path, [node("Tile", "x s", "y")], tensors=[two])
    assert straight(tmp_path, [own, node("Tile", "x s", "y")])
    assert not straight(tmp_path, [node("Tile", "x s", "y")], SIZE, tensors=[two])


def test_loops_and_functions_are_not(tmp_path):
    assert straight(tmp_path, [node("Add", "x x", "y")])
    out = helper.make_tensor_value_info("z", FLOAT, None)
    branch = helper.make_graph([node("Identity", "x", "z")], "in", [], [out])
    either = helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)
    assert not straight(tmp_path, [either], ("c", TensorProto.BOOL, []))
