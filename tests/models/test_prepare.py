"""Portable forms: what is rewritten gives nearly what the original gives; the rest is refused."""

from __future__ import annotations

import json

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto

from tests.models.conftest import SAMPLES
from tests.models.graphs import FLOAT, constant, node, some, write
from tests.models.test_onnx_files import _with_weights_at
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.portable import DIFFERING, MARK, PRESUMES, is_portable
from wasm_engine.host.model_files import look_into
from wasm_engine.toolchain.models.prepare import prepare
from wasm_engine.toolchain.models.sessions import computed, opened

NOBODY = frozenset()


@pytest.mark.parametrize("name", ["mlp", "conv", "attention"])
def test_a_portable_form_computes_what_the_original_computes(made, name):
    before, after = (computed(opened(made / f"{name}{it}"), SAMPLES[name])
                     for it in (".onnx", ".portable.onnx"))  # fmt: skip
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    model = look_into(made / f"{name}.portable.onnx")
    assert DIFFERING.isdisjoint(it.op for it in model.graph.nodes)
    release = ".".join(onnxruntime.__version__.split(".")[:2])
    assert (model.metadata[MARK], model.metadata[PRESUMES]) == (
        "1", f"onnxruntime {release}, extended",
    )  # fmt: skip
    used = {name for it in model.graph.nodes for name in it.inputs}
    assert {it.name for it in model.graph.tensors} <= used


@pytest.mark.parametrize("axis", [-1, 0, 1, 2])
@pytest.mark.parametrize("opset", [13, 17, 18, 22])
def test_a_softmax_is_rewritten_over_any_axis_in_any_version(tmp_path, axis, opset):
    nodes = [node("Softmax", "x", "y", axis=axis), node("LogSoftmax", "x", "z", axis=axis)]
    slots = [("x", FLOAT, [3, 4, 5])], [("y", FLOAT, [3, 4, 5]), ("z", FLOAT, [3, 4, 5])]
    plain = write(tmp_path / "it.onnx", nodes, *slots, [], opset=opset)
    out = tmp_path / "out.onnx"
    assert prepare(plain, out, NOBODY).rewritten == {"LogSoftmax": 1, "Softmax": 1}
    x = some(3, 4, 5, scale=50)  # exponents that overflow unless the largest is taken off
    y, z = computed(opened(out), {"x": x})
    exact = np.exp(x.astype(float) - x.max(axis, keepdims=True))
    exact /= exact.sum(axis, keepdims=True)
    np.testing.assert_allclose(y, exact, rtol=1e-5, atol=1e-30)
    np.testing.assert_allclose(z, np.log(np.maximum(exact, 1e-300)), rtol=1e-4, atol=1e-4)


def test_a_model_of_older_ops_is_brought_up(tmp_path):
    plain = write(
        tmp_path / "it.onnx", [node("Softmax", "x", "y", axis=1)], [("x", FLOAT, [2, 6])],
        [("y", FLOAT, [2, 6])], [], opset=11,
    )  # fmt: skip
    out = tmp_path / "out.onnx"
    assert prepare(plain, out, NOBODY).rewritten["Softmax"] == 1
    assert look_into(out).opset == 17


def test_the_same_model_becomes_the_same_bytes(tmp_path, made):
    for it in ("a", "b"):
        prepare(made / "conv.onnx", tmp_path / f"{it}.onnx", NOBODY)
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()
    prepare(tmp_path / "a.onnx", tmp_path / "c.onnx", NOBODY)
    assert (tmp_path / "c.onnx").read_bytes() == (tmp_path / "a.onnx").read_bytes()


def test_of_a_folder_the_rest_comes_along_and_weights_come_in(tmp_path):
    folder = tmp_path / "it"
    folder.mkdir()
    _with_weights_at(folder, "it.data")
    (folder / "more").mkdir()
    (folder / "more/tokenizer.json").write_text("{}")
    out = tmp_path / "out"
    prepare(folder, out, NOBODY)
    assert sorted(str(it.relative_to(out)) for it in out.rglob("*")) == [
        "model.onnx", "more", "more/tokenizer.json",
    ]  # fmt: skip
    assert is_portable(look_into(out / "model.onnx"))


@pytest.mark.parametrize(
    ("op", "kind"), [("Softmax", TensorProto.FLOAT16), ("Softmax", TensorProto.DOUBLE)]
)
def test_what_cannot_be_portable_is_refused_and_nothing_is_written(tmp_path, op, kind):
    plain = write(
        tmp_path / "it.onnx", [node(op, "x", "y")], [("x", kind, [2, 6])], [("y", kind, [2, 6])],
        [],
    )  # fmt: skip
    out = tmp_path / "out.onnx"
    with pytest.raises(Misuse, match="cannot be made portable") as refused:
        prepare(plain, out, NOBODY)
    assert refused.value.code == "not-portable"
    assert [it.name for it in tmp_path.iterdir()] == ["it.onnx"]


def test_integers_scaled_as_they_come_are_refused(tmp_path, made, command):
    status, _, err = command(
        "model", "prepare", made / "integers.full.onnx", "--out", tmp_path / "o.onnx"
    )
    assert status == 2
    assert "MatMulInteger: differs between CPUs" in err


def test_results_that_would_be_others_are_refused(tmp_path, made, monkeypatch):
    monkeypatch.setattr("wasm_engine.toolchain.models.prepare.decompose", _spoil)
    out = tmp_path / "out.onnx"
    with pytest.raises(Misuse, match="results would differ by") as refused:
        prepare(made / "conv.portable.onnx", out, NOBODY)
    assert (refused.value.code, out.exists()) == ("not-close", False)


def _spoil(model):
    """Says that it rewrote nothing, and makes one product another one."""
    next(it for it in model.graph.node if it.op_type == "Add").op_type = "Sub"
    return {}


def test_nothing_may_be_where_it_is_to_be(tmp_path, made):
    for out in (tmp_path / "it.onnx", tmp_path / "it.bin"):
        out.write_bytes(b"mine")
        with pytest.raises(Misuse):
            prepare(made / "mlp.onnx", out, NOBODY)
        assert out.read_bytes() == b"mine"


def test_a_sample_of_the_operators_is_used_and_has_to_fit(tmp_path, made, command, values):
    out, other = tmp_path / "out.onnx", tmp_path / "other.npz"
    status, report = values(
        "model", "prepare", made / "mlp.onnx", "--out", out, "--samples", made / "mlp.npz"
    )
    assert (status, report["rewritten"]) == (0, {"Softmax": 1})
    assert report["made"]["digest"] == values("model", "show", out)[1]["model"]["digest"]
    np.savez(other, x=some(2, 3))
    other_out = tmp_path / "other.onnx"
    words = ("model", "prepare", made / "mlp.onnx", "--out", other_out, "--samples")
    assert "the model does not take the sample: " in command(*words, other)[2]
    (tmp_path / "text.npz").write_text("no numbers")
    assert "no .npz file of numbers" in command(*words, tmp_path / "text.npz")[2]
    assert "cannot be read" in command(*words, tmp_path / "none.npz")[2]
    np.savez(other, x=np.array([{}]))
    assert "no .npz file of numbers" in command(*words, other)[2]
    assert not other_out.exists()


def test_what_nothing_can_be_made_up_for_needs_a_sample(tmp_path, command):
    plain = write(
        tmp_path / "it.onnx", [node("Identity", "x", "y")], [("x", TensorProto.STRING, ["n"])],
        [("y", TensorProto.STRING, ["n"])], [],
    )  # fmt: skip
    words = ("model", "prepare", plain, "--out", tmp_path / "out.onnx")
    status, out, _ = command(*words, "--json")
    assert (status, json.loads(out)["error"]["code"]) == (2, "bad-sample")
    assert "give one that it takes" in command(*words)[2]
    np.savez(tmp_path / "it.npz", x=np.array(["a", "b"]))
    assert command(*words, "--samples", tmp_path / "it.npz")[0] == 0


def test_a_model_that_only_says_what_it_is_cannot_be_computed(tmp_path, command):
    plain = write(
        tmp_path / "it.onnx", [node("Add", "x c", "y")], [("x", FLOAT, [2])], [("y", FLOAT, [2])],
        [constant("c", np.int64(1))],
    )  # fmt: skip
    assert onnx.load(str(plain)).graph.node[0].op_type == "Add"
    status, _, err = command("model", "prepare", plain, "--out", tmp_path / "out.onnx")
    assert status == 2
    assert f"{plain}: cannot be computed: " in err
