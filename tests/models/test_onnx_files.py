"""ONNX files are read here as the library reads them; what is damaged is refused in one message."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.models.graphs import FLOAT, constant, mlp, node, write
from wasm_engine.concepts import onnx_file
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.onnx_file import External, Slot, read_onnx
from wasm_engine.control import models
from wasm_engine.host.model_files import digest_at, external_of, look_into, with_weights


def _read(model):
    return read_onnx(memoryview(model.SerializeToString()))


def test_what_is_read_is_what_the_library_reads(made):
    files = sorted(made.glob("*.onnx"))
    assert len(files) == 12
    for file in files:
        ours, theirs = look_into(file), onnx.load(str(file))
        assert ours.ir == theirs.ir_version
        assert ours.opsets == {it.domain: it.version for it in theirs.opset_import}
        assert ours.metadata == {it.key: it.value for it in theirs.metadata_props}
        assert [(n.op, n.inputs, n.outputs) for n in ours.graph.nodes] == [
            (n.op_type, list(n.input), list(n.output)) for n in theirs.graph.node
        ]
        assert [(t.name, t.dims) for t in ours.graph.tensors] == [
            (t.name, tuple(t.dims)) for t in theirs.graph.initializer
        ]
        for tensor, theirs_ in zip(ours.graph.tensors, theirs.graph.initializer, strict=True):
            held = numpy_helper.to_array(theirs_)
            if not tensor.raw:  # numbers one by one: of those only whole ones are wanted
                assert held.dtype.kind == "f" or list(tensor.listed) == held.flatten().tolist()
                continue
            assert bytes(tensor.raw) == held.tobytes()


def test_inputs_and_outputs_have_types_lengths_and_whether_they_are_needed(tmp_path):
    taken = [("x", FLOAT, ["n", None, 3]), ("w", TensorProto.INT64, [2]), ("u", FLOAT, None)]
    file = write(
        tmp_path / "it.onnx", [node("Identity", "x", "y"), node("Identity", "u", "z")], taken,
        [("y", FLOAT, ["n", None, 3]), ("z", FLOAT, None)], [constant("w", [1, 2])],
    )  # fmt: skip
    assert look_into(file).inputs() == (
        Slot("x", "float32", ("n", None, 3)), Slot("w", "int64", (2,), optional=True),
        Slot("u", "float32", None),
    )  # fmt: skip


def test_graphs_within_ops_and_functions_are_seen():
    inner = helper.make_graph(
        [node("Softmax", "x", "y")], "in", [], [helper.make_tensor_value_info("y", FLOAT, [1])]
    )
    graph = helper.make_graph(
        [helper.make_node("If", ["c"], ["z"], then_branch=inner, else_branch=inner)], "out",
        [helper.make_tensor_value_info("c", TensorProto.BOOL, [])],
        [helper.make_tensor_value_info("z", FLOAT, [1])],
    )  # fmt: skip
    function = helper.make_function(
        "mine", "f", ["a"], ["b"], [node("Exp", "a", "b")], [helper.make_opsetid("", 17)]
    )
    model = _read(helper.make_model(graph, functions=[function], ir_version=8))
    assert [[n.op for n in it.nodes] for it in model.graph.inner()] == [
        ["If"], ["Softmax"], ["Softmax"],
    ]  # fmt: skip
    assert [n.op for n in model.functions] == ["Exp"]


def test_what_is_damaged_never_ends_in_anything_but_a_refusal(tmp_path):
    whole = mlp(tmp_path / "it.onnx").read_bytes()
    data = whole.replace(whole[400:7000], b"")  # most of the weights tell nothing
    for end in range(0, len(data), 3):
        with pytest.raises(Wrong):
            read_onnx(memoryview(data[:end]))
    refused = 0
    for place in range(min(len(data), 700)):
        changed = bytearray(data)
        changed[place] ^= 0xFF
        try:
            read_onnx(memoryview(bytes(changed)))
        except Wrong:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"opset": 6}, "ops of version 6; 7 to 28 are known here"),
        ({"opset": 99}, "ops of version 99; 7 to 28 are known here"),
        ({"ir": 99}, "ONNX of format 99; 3 to 14 are known here"),
        ({"ir": 2}, "ONNX of format 2; 3 to 14 are known here"),
    ],
)
def test_what_is_newer_or_older_than_is_known_is_refused(tmp_path, change, said):
    file = mlp(tmp_path / "it.onnx")
    model = onnx.load(str(file))
    model.ir_version = change.get("ir", model.ir_version)
    model.opset_import[0].version = change.get("opset", 17)
    file.write_bytes(model.SerializeToString())
    with pytest.raises(Misuse, match=said) as refused:
        look_into(file)
    assert refused.value.code == "bad-model"


@pytest.mark.parametrize("data", [b"", b"\0", b"no model", b"\x08\x08", bytes(1000)])
def test_what_is_no_model_is_refused(tmp_path, data):
    file = tmp_path / "it.onnx"
    file.write_bytes(data)
    with pytest.raises(Misuse, match="no ONNX file"):
        look_into(file)


def _field(number, data):
    size = b""
    for shift in range(0, 28, 7):
        size += bytes([(len(data) >> shift & 0x7F) | 0x80])
    return bytes([number << 3 | 2]) + size[:-1] + bytes([size[-1] & 0x7F]) + data


def test_graphs_within_graphs_have_a_bound():
    graph = b""
    for _ in range(2000):  # a node of the graph has an attribute, which has a graph
        graph = _field(1, _field(5, _field(6, graph)))
    with pytest.raises(Wrong, match="more than 32 deep"):
        read_onnx(memoryview(_field(7, graph)))


def _with_weights_at(folder, location, count=4):
    file = mlp(folder / "it.onnx")
    model = onnx.load(str(file))
    tensor = model.graph.initializer.add(name="more", data_type=FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", "16")):
        tensor.external_data.add(key=key, value=value)
    file.write_bytes(model.SerializeToString())
    (folder / "it.data").write_bytes(np.ones(count, np.float32).tobytes())
    return file


def test_weights_may_lie_beside_the_model(tmp_path):
    model = look_into(_with_weights_at(tmp_path, "it.data"))
    assert external_of(model) == ["it.data"]
    alone = tmp_path / "alone"
    alone.mkdir()
    for name in ("it.onnx", "it.data"):
        (alone / name).write_bytes((tmp_path / name).read_bytes())
    digest, parts = with_weights(tmp_path / "it.onnx")
    assert (digest, [it.path for it in parts]) == (digest_at(alone), ["it.data", "it.onnx"])
    assert models.show(str(tmp_path / "it.onnx")).model.digest == digest
    assert model.graph.tensors[-1].external == External("it.data", 0, 16)


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("../it.data", "escapes its folder"), ("/etc/passwd", "escapes its folder"),
        ("a/../../it.data", "escapes its folder"), ("..\\it.data", "escapes its folder"),
        ("other.data", "is not there"),
    ],
)  # fmt: skip
def test_weights_lie_nowhere_else(tmp_path, location, said):
    with pytest.raises(Misuse, match=said):
        look_into(_with_weights_at(tmp_path, location))


def test_weights_that_end_too_early_are_refused(tmp_path):
    with pytest.raises(Misuse, match="ends too early"):
        look_into(_with_weights_at(tmp_path, "it.data", 3))


def test_a_file_that_unfolds_to_more_than_any_model_has_is_refused(monkeypatch):
    """Two bytes of it are a node, which takes 500."""
    monkeypatch.setattr(onnx_file, "MOST_PARTS", 80_000)
    with pytest.raises(Wrong, match="more nodes, names and numbers than any model has"):
        read_onnx(memoryview(_field(7, b"\x0a\x00" * 7_000)))
