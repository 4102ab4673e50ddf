"""Texts become vectors; agents in Python ask models, too."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.inference import models
from tests.inference.test_models import X
from tests.inference.worlds import Thinking
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control import checks, inspection, replays, runs

ASKING = """
from wasm_agent import embeddings, log, models, on, state

@on("look")
def look(message):
    one, two = embeddings.embed("s", ["a cat", "the dog"])
    state["vectors"] = [list(one), list(two)]
    found = models.run("mlp", {"x": [message.json()]})["y"]
    state["y"] = found.tolist()[0]
    asked = [models.start("mlp", {"x": [[float(i)] * 64]}) for i in range(3)]
    state["others"] = [each.wait()["y"].shape for each in asked]
    try:
        models.run("mlp", {"x": [[1.0, 2.0]]})
    except models.Fault as fault:
        state["fault"] = str(fault)
"""


@pytest.fixture(scope="module")
def table(zoo, tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    models.sentences(folder / "whole")
    models.sentences(folder / "tokens", tokens=True)
    rng = np.random.default_rng(0)
    return folder, rng.standard_normal((7, 8)).astype(np.float32) / 4


def test_a_vector_does_not_depend_on_what_else_is_asked(table, tmp_path):
    folder, words = table
    keys = {name: f"folder = '{folder / name}'" for name in ("whole", "tokens")}
    world = Thinking(tmp_path, keys, zoo=folder)
    said = world.ask(
        "dimensions whole\nembed whole|a cat|the dog sees añb here\nembed whole|a cat\n"
        "embed tokens|the dog sees añb here\nembed whole\ndimensions nobody"
    )
    assert said[0] == "= 8"
    vectors = bytes.fromhex(said[1].removeprefix("= 16 "))
    found = np.frombuffer(vectors, np.float32).reshape(2, 8)
    wanted = [words[[1, 2]].mean(axis=0), words[[4, 5, 3, 6, 0]].mean(axis=0)]
    assert np.allclose(found, wanted, atol=1e-6)
    assert bytes.fromhex(said[2].removeprefix("= 8 ")) == vectors[:32]
    tokens = np.frombuffer(bytes.fromhex(said[3].removeprefix("= 8 ")), np.float32)
    assert np.allclose(tokens, wanted[1], atol=1e-6)
    assert said[4:] == ["= 0 ", "error not-granted model:nobody"]
    assert world.replay().identical


def test_a_folder_that_is_no_model_of_texts_is_refused(zoo, tmp_path):
    world = Thinking(tmp_path, {"m": f"folder = '{tmp_path}/odd'"}, zoo=zoo)
    (tmp_path / "odd").mkdir()
    models.mlp(tmp_path / "odd/model.onnx")
    for text in (None, "{}"):
        if text is not None:
            (tmp_path / "odd/tokenizer.json").write_text(text)
        with pytest.raises(Misuse) as refused:
            checks.check(world.manifest, allow=world.allow)
        assert refused.value.code == "bad-model"


def test_an_agent_in_python_asks_models(zoo, table, tmp_path):
    folder, words = table
    (tmp_path / "asking.py").write_text(ASKING)
    manifest = tmp_path / "world.toml"
    manifest.write_text(
        f"[agents.a]\nsource = 'asking.py'\ngrants = ['model:s', 'model:mlp']\n"
        f"[models.s]\nfolder = '{folder}/whole'\n[models.mlp]\nfile = '{zoo}/mlp.onnx'\n"
    )
    x = np.frombuffer(bytes.fromhex(X), np.float32)
    send = [("a", "look", json.dumps([float(n) for n in x]))]
    file = tmp_path / "it.run"
    allow = [f"source:{zoo}/*", f"source:{folder}/*"]
    report = runs.run(manifest, send=send, file=file, allow=allow)
    assert report.dead_letters == 0
    found = inspection.inspect(file, wanted=inspection.Wanted(state=True)).state["a"]
    state = {key: json.loads(text) for key, text in found.items()}
    assert np.allclose(state["vectors"][0], words[[1, 2]].mean(axis=0), atol=1e-6)
    assert len(state["y"]) == 16
    assert state["others"] == [[1, 16]] * 3
    assert state["fault"] == 'bad-tensor: input "x": expected [any, 64], given [1, 2]'
    assert replays.replay(file).identical
