"""Quantized forms: near to the original, of seven bits, portable."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.conftest import SAMPLES
from tests.models.graphs import some
from wasm_engine.concepts.portable import is_portable
from wasm_engine.host.model_files import look_into
from wasm_engine.toolchain.models.quantize import accuracy
from wasm_engine.toolchain.models.sessions import computed, opened


@pytest.mark.parametrize("name", ["mlp", "conv"])
def test_a_quantized_form_is_near_to_the_original_and_portable(made, name):
    before, after = (computed(opened(made / f"{name}{it}"), SAMPLES[name])
                     for it in (".onnx", ".quantized.onnx"))  # fmt: skip
    found = accuracy([before], [after])
    assert found.cosine_min > 0.999
    model = look_into(made / f"{name}.quantized.onnx")
    assert is_portable(model)
    held = [it for it in model.graph.tensors if it.element == "int8" and len(it.dims) > 1]
    assert len(held) == {"mlp": 2, "conv": 3}[name]
    for it in held:
        numbers = np.frombuffer(it.raw, np.int8)
        assert (numbers.min() >= -64, numbers.max() <= 64) == (True, True)


def test_products_of_computed_tensors_stay_as_they_are(tmp_path, made, values, command):
    folder = tmp_path / "samples"
    folder.mkdir()
    for number in range(2):
        np.savez(folder / f"{number}.npz", x=some(1, 9, 32, seed=number))
    words = ("model", "quantize", made / "attention.onnx", "--out", tmp_path / "out.onnx")
    status, report = values(*words, "--samples", folder)
    assert (status, report["portable"], report["reasons"]) == (0, True, [])
    assert report["made"]["size"] < report["size_before"]
    assert 0.99 < report["cosine_min"] <= report["cosine_mean"] <= 1.0 + 1e-9
    assert 0 < report["largest_error"] < 0.5
    assert 0.8 < report["agreement"] <= 1
    model = look_into(tmp_path / "out.onnx")
    computed_ones = [it for it in model.graph.nodes if it.op == "MatMul"]
    assert len(computed_ones) == 5
    (tmp_path / "empty").mkdir()
    status, _, err = command(*words, "--samples", tmp_path / "empty")
    assert (status, "files *.npz are needed; there are 0" in err) == (2, True)


def test_accuracy_is_what_it_says():
    one = [np.array([[1.0, 0.0], [0.0, 2.0]], np.float32), np.array([1, 2])]
    other = [np.array([[0.0, 1.0], [0.0, 2.5]], np.float32), np.array([1, 3])]
    found = accuracy([one], [other])
    assert (found.largest_error, found.cosine_min, found.cosine_mean) == (1.0, 0.0, 0.5)
    assert found.agreement == 0.5
    assert accuracy([one], [one]) == (0.0, 1.0, 1.0, 1.0)
    whole = [np.array([1, 2])]
    assert accuracy([whole], [whole]) == (0.0, 1.0, 1.0, None)


def test_a_graph_without_weights_of_products_stays_in_floats(made, tmp_path, values):
    status, report = values(
        "model", "quantize", made / "bert.portable.onnx", "--out", tmp_path / "b.onnx",
        "--samples", made / "bert.npz",
    )  # fmt: skip
    assert (status, report["portable"]) == (0, True)
    assert report["cosine_min"] > 0.99
    model = look_into(tmp_path / "b.onnx")
    table = next(it for it in model.graph.tensors if "word_embeddings" in it.name)
    assert table.element == "float32"
