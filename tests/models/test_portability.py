"""Only what was measured, or moves numbers, is portable; a mark is held against the graph."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.models.graphs import FLOAT, constant, mlp, node, write
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.portable import (
    DIFFERING,
    EXACT,
    MARK,
    MEASURED,
    TRUSTED,
    is_marked,
    is_portable,
    portability,
)
from wasm_engine.control import models
from wasm_engine.host.model_files import look_into

SLOTS = [("x", FLOAT, ["n", 4])], [("y", FLOAT, None)]


def _reasons(tmp_path, *nodes, tensors=(), slots=SLOTS, trust=frozenset(), opset=17):
    file = write(tmp_path / "it.onnx", nodes, *slots, list(tensors), opset=opset)
    return portability(look_into(file), trust)


def test_a_softmax_and_integers_scaled_as_they_come_are_named(tmp_path):
    assert _reasons(tmp_path, node("Softmax", "x", "y")) == ("Softmax: differs between CPUs",)
    assert DIFFERING.isdisjoint(EXACT | MEASURED)


@pytest.mark.parametrize("op", ["Cos", "Softplus", "HardSwish", "Round", "Exp"])
def test_an_op_that_was_not_measured_is_refused_unless_somebody_vouches_for_it(tmp_path, op):
    known = op in EXACT | MEASURED
    assert (_reasons(tmp_path, node(op, "x", "y")) == ()) == known
    assert _reasons(tmp_path, node(op, "x", "y"), trust=frozenset((op,))) == ()


def test_nobody_can_vouch_for_what_is_known_to_differ(tmp_path):
    assert _reasons(tmp_path, node("Softmax", "x", "y"), trust=frozenset(("Softmax",))) != ()


def test_ops_of_others_have_their_names_in_full(tmp_path):
    graph = helper.make_graph(
        [helper.make_node("Exp", ["x"], ["y"], domain="org.other")], "g",
        [helper.make_tensor_value_info("x", FLOAT, [1])],
        [helper.make_tensor_value_info("y", FLOAT, [1])],
    )  # fmt: skip
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("org.other", 1)]
    file = tmp_path / "it.onnx"
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    file.write_bytes(model.SerializeToString())
    assert portability(look_into(file)) == ("org.other.Exp: not known to be the same on each CPU",)
    assert portability(look_into(file), frozenset(("org.other.Exp",))) == ()


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.DOUBLE])
def test_arithmetic_in_other_numbers_was_not_measured(tmp_path, kind):
    slots = [("x", kind, ["n", 4])], [("y", kind, None)]
    assert len(_reasons(tmp_path, node("Exp", "x", "y"), slots=slots)) == 1
    there = node("Cast", "x", "a", to=kind), node("Cast", "a", "y", to=FLOAT)
    assert len(_reasons(tmp_path, *there)) == 1


def _quantized(low, high, kind=np.int8, zero=np.uint8):
    """A product with weights of that range, quantized as the library does it."""
    held = np.array([[low, high]] * 4, kind)
    tensors = [
        constant("s", np.float32(0.1)), constant("z", zero(3)), numpy_helper.from_array(held, "w"),
        constant("zw", kind(0)),
    ]  # fmt: skip
    nodes = [
        node("QuantizeLinear", "x s z", "q"), node("DequantizeLinear", "q s z", "d"),
        node("DequantizeLinear", "w s zw", "e"), node("MatMul", "d e", "y"),
    ]  # fmt: skip
    return nodes, tensors


def _of_integers(tmp_path, made):
    return _reasons(tmp_path, *made[0], tensors=made[1])


def test_weights_of_seven_bits_are_portable_and_of_eight_are_not(tmp_path):
    assert _of_integers(tmp_path, _quantized(-64, 64)) == ()
    for low, high in ((-65, 0), (0, 65), (-128, 127)):
        assert "overflow" in _of_integers(tmp_path, _quantized(low, high))[0]


def test_only_the_usual_way_to_quantize_is_known(tmp_path):
    assert "of weights of uint8" in _of_integers(tmp_path, _quantized(0, 9, np.uint8))[0]
    assert "just before" in _of_integers(tmp_path, _quantized(0, 9, zero=np.int8))[0]
    nodes, tensors = _quantized(-64, 64)
    held = [node("Constant", "", "w", value=tensors.pop(2))]
    assert "just before" in _of_integers(tmp_path, (held + nodes, tensors))[0]
    nodes, tensors = _quantized(-64, 64)
    nodes[2:] = [node("Transpose", "d", "e", perm=[1, 0]), node("MatMul", "e d", "y")]
    assert "no weights" in _of_integers(tmp_path, (nodes, tensors))[0]


def test_a_mark_counts_only_where_the_graph_bears_it_out(tmp_path, made):
    assert is_portable(look_into(made / "mlp.portable.onnx"))
    assert not is_portable(look_into(made / "mlp.onnx"))
    assert not is_portable(look_into(made / "conv.onnx"))
    forged = look_into(mlp(tmp_path / "it.onnx", **{MARK: "1", TRUSTED: "Softmax"}))
    assert is_marked(forged)
    with pytest.raises(Wrong, match="says that it is portable, and is not: Softmax: differs"):
        is_portable(forged)


def test_a_forged_mark_is_not_kept(tmp_path, command):
    forged = mlp(tmp_path / "it.onnx", **{MARK: "1"})
    with pytest.raises(Misuse, match="says that it is portable") as refused:
        models.add(forged)
    assert refused.value.code == "not-portable"
    assert models.listed().models == ()
    assert "Softmax: differs between CPUs" in command("model", "show", forged)[2]


def test_who_vouched_for_an_op_stands_in_the_model(tmp_path, command):
    file = write(tmp_path / "it.onnx", [node("Cos", "x", "y")], *SLOTS, [])
    out = tmp_path / "out.onnx"
    status, _, err = command("model", "prepare", file, "--out", out)
    assert (status, out.exists()) == (2, False)
    assert "Cos: not known to be the same on each CPU" in err
    assert command("model", "prepare", file, "--out", out, "--trust", "Cos")[0] == 0
    said = {it.key: it.value for it in onnx.load(str(out)).metadata_props}
    assert (said[MARK], said[TRUSTED]) == ("1", "Cos")
    assert is_portable(look_into(out))
