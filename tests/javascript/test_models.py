"""Agents in JavaScript ask models of each kind, and catch what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.inference import models
from wasm_engine import World
from wasm_engine.control import inspection, replays
from wasm_engine.orchestrator.execution import Until
from wasm_engine.testing import chats

HERE = Path(__file__).parent / "intelligence"
TOPICS = ("elements", "mixed", "together", "refused", "wrong", "question", "options")
FILES = {"mlp": "mlp", "every": "every_element", "mixed": "mixed", "gather": "gather"}
MODELS = {
    **{name: {"file": f"{name}.onnx"} for name in FILES},
    "texts": {"folder": "texts"},
    "writer": {"script": "answers.toml"},
}
AGENTS = {
    "a": {
        "source": "asking.js",
        "config": {"kind": "asker"},
        "grants": [f"model:{name}" for name in MODELS],
    },
    "echo": {"source": "echo.js"},
}


def run(folder, file, **how):
    """Runs the world with all its messages; answers the chain."""
    world = World.from_mapping({"agents": AGENTS, "models": MODELS}, folder=folder)
    inputs = [("a", topic, ("text", "weather")) for topic in TOPICS]
    with world.begin(file, inputs=inputs, **how) as begun:
        assert begun.execution.go(Until()) == "idle"
        return begun.file.chain


class Asked:
    """A world whose agent asked models of each kind, and what it said."""

    def __init__(self, folder):
        shutil.copytree(HERE, folder)
        for name, made in FILES.items():
            getattr(models, made)(folder / f"{name}.onnx")
        models.sentences(folder / "texts")
        self.folder, self.file = folder, folder / "it.run"
        self.chain = run(folder, self.file)
        found = inspection.inspect(self.file, wanted=inspection.Wanted(log=True, messages=True))
        assert not found.dead_letters, [row.text for row in found.log]
        self.effects = found.effects
        self._log = [row.text for row in found.log]

    def said(self, word):
        """The lines that begin with a word, without it."""
        return [line.removeprefix(f"{word} ") for line in self._log if line.startswith(f"{word} ")]


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    return Asked(tmp_path_factory.mktemp("models") / "world")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("float", "float32 [4] Float32Array 1.5,0,NaN,Infinity"),
        ("double", "float64 [1] Float64Array 0.1"),
        ("float16", "float16 [2] Uint16Array 15360,65535"),
        ("bfloat16", "bfloat16 [1] Uint16Array 16256"),
        ("int8", "int8 [2] Int8Array -128,127"),
        ("int16", "int16 [2] Int16Array -32768,32767"),
        ("int32", "int32 [2] Int32Array -2147483648,2147483647"),
        ("int64", "int64 [2] BigInt64Array -9223372036854775808,7"),
        ("uint8", "uint8 [2] Uint8Array 0,255"),
        ("uint16", "uint16 [2] Uint16Array 0,65535"),
        ("uint32", "uint32 [1] Uint32Array 4294967295"),
        ("uint64", "uint64 [2] BigUint64Array 18446744073709551615,5"),
        ("bool", "boolean [2] Array true,false"),
        ("scalar", "float32 [] Float32Array 2.5"),
    ],
)
def test_numbers_of_each_element_go_there_and_back_in_an_array_of_their_kind(asked, name, said):
    assert asked.said(f"{name}_out") == [said]


def test_tensors_become_arrays_in_arrays_and_json(asked):
    assert asked.said("list") == ["[-9223372036854775808n, 7] 2.5 2 [-128,127]"]
    assert asked.said("none") == ["[[],true,[]] [0, 2]"]


def test_arrays_in_arrays_become_what_the_model_takes(asked):
    assert asked.said("mixed") == ['["é", ""] false [3, 2] [[2, 4], [4, 6], [6, 8]]']
    (told,) = asked.said("takes")
    assert told.startswith('["words", "yes", "x", "b"] {name: "b", element: "float32", shape: [2]')
    assert told.endswith('optional: true} [null, 2] ["same", "no", "sum"] false 64')


def test_models_are_asked_beside_each_other_and_cancelled(asked):
    assert asked.said("together") == ["[[1, 16], [1, 16], [1, 16]] true true"]
    assert asked.said("cancelled") == ["cancelled | cancelled by the asker"]
    assert asked.said("beside") == ["1 asker"]


def test_texts_become_arrays_of_floats_which_json_has_as_arrays(asked):
    assert asked.said("texts") == ["3 Float32Array 8 true"]
    assert asked.said("sizes") == ["8 []"]
    assert asked.said("echoed") == ["8"]
    words = np.random.default_rng(0).standard_normal((7, 8)).astype(np.float32) / 4
    found = [float(number) for number in asked.said("vector")[0].split(",")]
    assert np.allclose(found, words[[1, 2]].mean(axis=0), atol=1e-6)


def test_what_is_refused_is_a_fault_with_its_code_and_the_agent_goes_on(asked):
    said = asked.said("refused")
    assert [line.partition(" | ")[0] for line in said] == [
        *["bad-tensor"] * 7, "unknown-model",
        "not-granted", "unknown-model", "not-granted", "not-granted", "invalid-request",
        "invalid-request", "timeout", "bad-answer",
    ]  # fmt: skip
    assert said[:2] == [
        'bad-tensor | input "x": expected [any, 64], given [1, 2]',
        'bad-tensor | input "x": expected float32, given int32',
    ]
    assert said[11] == "not-granted | model:nobody"
    assert asked.said("goes") == ["on 0"]


def test_what_cannot_be_asked_at_all_is_an_error_of_the_language(asked):
    said = asked.said("wrong")
    for line in (
        "TypeError: the model has no input z; there are x",
        "RangeError: x: rows of different lengths",
        "TypeError: x: string 1 where there must be float32",
        "RangeError: int8: number 128 where there must be int8",
        "RangeError: int64: bigint 9223372036854775808 where there must be int64",
        "TypeError: uint16: number 0.5 where there must be uint16",
        "TypeError: x: a Uint8ClampedArray is no tensor",
        "RangeError: a shape of [2, 2] has 4 values, not 3",
        "RangeError: [-1] is no shape",
        "TypeError: text with half of a surrogate pair, which is not Unicode",
        "TypeError: the role of a turn is one of system, user, assistant, tool, not nobody",
        "TypeError: temperature is a number, not hot",
        "RangeError: most is a whole number from 0 to 2**32 - 1, not 4294967296",
        "RangeError: seed is a whole number from 0 to 2**64 - 1, not -1",
    ):
        assert line in said
    assert any(line.startswith("TypeError: no option is called top_p; there are ") for line in said)
    assert len(said) == 24
    assert {line.partition(":")[0] for line in said} == {"TypeError", "RangeError"}


def test_a_conversation_goes_on_until_nothing_is_to_be_called(asked):
    assert asked.said("called") == ['call-1 look {city: "Ulm"} calls']
    assert asked.said("answered") == ["true It rains. stop {prompt: 12, answer: 3}"]
    (first,) = [it for it in chats(asked.file) if it.content == "It rains."]
    assert [turn.role for turn in first.turns] == ["system", "user", "assistant", "tool"]
    assert first.turns[-1].content == '{"rain":true}'
    assert first.tools == ("look",)


def test_every_option_arrives_as_it_was_said(asked):
    assert asked.said("options") == ["{ok: true} {context: 4096, most: 1024}"]
    assert asked.said("seeds") == ['["seven", "another", "another"]']
    (asking,) = [it for it in chats(asked.file) if it.tools == ("look", "find")]
    assert [turn.content for turn in asking.turns] == ["Is it?", "What?", "that"]
    (question,) = [
        it.arguments for it in asked.effects if 0.7 in it.arguments and 0.1 in it.arguments
    ]
    for value in (99, 5, 2**64 - 1, 1_500_000_000):
        assert value in question


def test_a_guest_that_is_dropped_as_it_waits_gets_the_same_again(asked):
    again = run(asked.folder, asked.folder / "again.run", workers=2, max_live=0)
    assert again == asked.chain


def test_a_replay_asks_no_model(asked):
    assert replays.replay(asked.file).identical
