"""Models that mean no good: strangers', whose processes lie, and the operator's, misled."""

from __future__ import annotations

import json
import struct

import pytest
from onnx import TensorProto, helper

from tests.inference import models
from tests.inference.worlds import Thinking
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.hostcall import Err
from wasm_engine.host import model_process
from wasm_engine.host.model_process import compute_in_process, slots_in_process

MIB = 1 << 20
NO_ANSWER = Err(("model-failed", "the process that computed it answered what is no answer"))
LATE = Err(("timeout", "the model took longer than 1 ns"))


def says(*value):
    """A process that answers this."""
    return f"import os, sys; sys.stdin.buffer.read(); os.write(1, {canonical.encode(value)!r})"


LIES = {
    "no slots": (says("ok", []), NO_ANSWER),
    "slots of nothing": (says("ok", [[["a", "dream", [1], False]], []]), NO_ANSWER),
    "a fault of its own": (says("err", "not-a-code", ""), NO_ANSWER),
    "no text": ("import os; os.write(1, b'\\x93\\xa3err\\xa7timeout\\xa2\\xed\\xa0')", NO_ANSWER),
    "nested": ("import os; os.write(1, b'\\x91' * 60_000 + b'\\x90')", NO_ANSWER),
    "no end": ("import os\nwhile True: os.write(1, bytes(65536))", NO_ANSWER),
    "complaints": ("import os\nwhile True: os.write(2, bytes(65536))", LATE),
    "silence": ("import time; time.sleep(3_600)", LATE),
    "a hidden life": ("import os, time; os.close(1); os.close(2); time.sleep(3_600)", LATE),
}


@pytest.mark.parametrize(("child", "wanted"), LIES.values(), ids=LIES)
def test_a_process_that_a_model_has_taken_over_ends_and_says_nothing(child, wanted, monkeypatch):
    monkeypatch.setattr(model_process, "_BOOT", child)
    monkeypatch.setattr(model_process, "_BEGINNING", 0)
    monkeypatch.setattr(model_process, "_LATE", -0.8)
    assert slots_in_process(b"x", 1, MIB) == wanted


@pytest.mark.parametrize(
    ("element", "shape", "data"),
    [
        ("float32", [0, 1 << 32], b""), ("float32", [-1], b""), ("float32", [1] * 65, bytes(4)),
        ("float32", [2], bytes(4)), ("dream", [0], b"\x90"), ("text", [1], b"\x91\xc4\x00"),
    ],
)  # fmt: skip
def test_a_tensor_that_is_none_is_no_answer(element, shape, data, monkeypatch):
    monkeypatch.setattr(model_process, "_BOOT", says("ok", [["y", element, shape, data]]))
    assert compute_in_process(b"x", [], 1, MIB) == NO_ANSWER


def test_a_name_that_is_no_text_makes_no_model(zoo):
    data = (zoo / "mlp.onnx").read_bytes().replace(b"MatMul", b"Mat\xffMl")
    found = slots_in_process(data, 10**9, MIB)
    assert isinstance(found, Err)
    assert found.payload[0] == "bad-model"


@pytest.mark.parametrize(
    ("guest", "ask", "wanted"),
    [
        ("thinker/thinker.wasm", "run empty|shape:int64:2:", "error too-large"),
        ("nn/nn.wasm", "empty|shape:6:2:", "error 5 too-large:"),
    ],
)
def test_a_length_that_no_agent_can_be_told_is_a_fault(guest, ask, wanted, tmp_path):
    """Beside a length of 0 any other fits into no bytes at all."""
    nodes = [helper.make_node("ConstantOfShape", ["shape"], ["y"])]
    back = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    models.saved(tmp_path / "empty.onnx", nodes, [models.value("shape", models.I64)], [back])
    world = Thinking(tmp_path, {"empty": "file = 'empty.onnx'"}, zoo=tmp_path, guest=guest)
    shapes = [struct.pack("<2q", 0, length).hex() for length in (1 << 40, 7)]
    large, fine = world.ask("\n".join(ask + shape for shape in shapes))
    assert large == f"{wanted} a dimension may have 4294967295, given 1099511627776"
    assert fine.endswith(":0,7:")
    assert world.replay().identical


def test_a_truth_value_is_one_of_two_whatever_its_byte(zoo, tmp_path):
    world = Thinking(tmp_path, {"every_element": f"file = '{zoo}/every_element.onnx'"}, zoo=zoo)
    elements = {
        "float": "float32:0:", "double": "float64:0:", "float16": "float16:0:",
        "bfloat16": "bfloat16:0:", "int8": "int8:0:", "int16": "int16:0:", "int32": "int32:0:",
        "int64": "int64:0:", "uint8": "uint8:0:", "uint16": "uint16:0:", "uint32": "uint32:0:",
        "uint64": "uint64:0:", "bool": "boolean:3:0007ff", "scalar": "float32::00000000",
    }  # fmt: skip
    (said,) = world.ask("run every_element|" + "|".join(f"{k}:{v}" for k, v in elements.items()))
    assert "bool_out:boolean:3:000101" in said


@pytest.mark.parametrize("way", ["w.bin", "sub/w.bin"])
def test_weights_lead_to_no_file_outside(way, tmp_path):
    home, outside = tmp_path / "home", tmp_path / "outside"
    outside.mkdir()
    (outside / "w.bin").write_bytes(b"a secret")
    home.mkdir()
    link = home / way.partition("/")[0]
    link.symlink_to(outside if "/" in way else outside / "w.bin")
    weights = TensorProto(name="w", data_type=TensorProto.UINT8, dims=[8], data_location=1)
    for key, value in (("location", way), ("offset", "0"), ("length", "8")):
        weights.external_data.add(key=key, value=value)
    nodes = [helper.make_node("Identity", ["w"], ["y"])]
    back = helper.make_tensor_value_info("y", TensorProto.UINT8, [8])
    models.saved(home / "it.onnx", nodes, [], [back], [weights])
    world = Thinking(home, {"it": "file = 'it.onnx'"}, zoo=home)
    with pytest.raises(Misuse, match="a link leads out of the folder of their model"):
        world.run("run it")


def texts_of(folder, changes=None, nodes=None, **files):
    """A folder with a model of texts, changed."""
    models.sentences(folder)
    if changes is not None:
        tokenizer = json.loads((folder / "tokenizer.json").read_text())
        (folder / "tokenizer.json").write_text(json.dumps({**tokenizer, **changes}))
    for name, text in files.items():
        (folder / f"{name}.json").write_text(text)
    if nodes is not None:
        given = [models.value("input_ids", models.I64, ("b", "n"))]
        models.saved(folder / "model.onnx", nodes, given, [models.value("y", shape=("b", "d"))])
    return Thinking(folder.parent, {"s": f"folder = '{folder.name}'"}, zoo=folder.parent)


def test_a_word_that_a_tokenizer_has_no_place_for_is_a_fault(tmp_path):
    words = {"type": "WordLevel", "vocab": {"a": 1}, "unk_token": "[UNK]"}
    world = texts_of(tmp_path / "texts", {"model": words})
    assert world.ask("embed s|zebra\nembed s|a")[0] == (
        "error model-failed its tokenizer cannot split this text"
    )
    assert world.replay().identical


def test_vectors_of_different_lengths_are_a_fault(tmp_path):
    nodes = [helper.make_node("Cast", ["input_ids"], ["y"], to=models.F32)]
    world = texts_of(tmp_path / "texts", nodes=nodes)
    one, two = world.ask("embed s|a\nembed s|a cat")
    assert one.startswith("= 1 ")
    assert two == "error model-failed it gives vectors of different lengths"


@pytest.mark.parametrize("said", ['{"max_seq_length":1' + "0" * 30 + "}", "[" * 100_000])
def test_what_a_folder_cannot_mean_is_passed_over(said, tmp_path):
    world = texts_of(tmp_path / "texts", sentence_bert_config=said, modules="[" * 100_000)
    assert world.ask("embed s|a cat")[0].startswith("= 8 ")


def test_a_tokenizer_that_makes_its_library_panic_is_refused(tmp_path):
    panics = {"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"}}
    world = texts_of(tmp_path / "texts", panics)
    with pytest.raises(Misuse, match="no tokenizer that can be used"):
        world.run("embed s|a")
