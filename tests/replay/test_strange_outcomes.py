"""Runs of somebody's whose models answered what none can: refused, whoever looks at them."""

from __future__ import annotations

import shutil

import msgspec
import pytest

from tests.chat.talking import Talk
from tests.inference.models import mlp
from tests.inference.test_models import RUN
from tests.inference.worlds import Thinking
from tests.replay.forger import forge_entries
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.control import replays
from wasm_engine.journal import entries
from wasm_engine.journal.entries import ComputedStep, Kind, Result
from wasm_engine.testing import cassette

ANSWER = ["chat", "aye", [], "stop", 1, 1, "", False]


def with_(place, value):
    return ["ok", [*ANSWER[:place], value, *ANSWER[place + 1 :]]]


ANSWERS = {
    "nothing": ["ok", []],
    "a part": ["ok", ANSWER[:7]],
    "more": ["ok", [*ANSWER, 1]],
    "no list": ["ok", 3],
    "another word": ["well"],
    "no detail": ["err", "timeout"],
    "a response": ["ok", [200, [], b""]],
    "tensors": ["ok", ["tensors", "m", []]],
    "half a digest": ["sha256", b""],
    "bytes": with_(1, b"x"),
    "no call": with_(2, [[]]),
    "too much of a call": with_(2, [["a", "b", "c", "d"]]),
    "no end": with_(3, "evil"),
    "less than no tokens": with_(4, -5),
    "too many": with_(4, 2**64 - 1),
    "a part of a token": with_(5, 1.5),
    "no number": with_(5, float("nan")),
    "no truth": with_(7, 3),
}
TENSOR = ["y", "float32", [1, 16], bytes(64)]
TENSORS = {
    "nothing": ["ok", []],
    "no tensors": ["ok", ["tensors", "mlp", 3]],
    "another form": ["ok", ["dreams", "mlp", [TENSOR]]],
    "no element": ["ok", ["tensors", "mlp", [["y", "dream", [1], b""]]]],
    "a length that is none": ["ok", ["tensors", "mlp", [["y", "float32", [0, 1 << 32], b""]]]],
    "too few bytes": ["ok", ["tensors", "mlp", [["y", "float32", [1, 16], b""]]]],
    "no texts": ["ok", ["tensors", "mlp", [["y", "text", [1], canonical.encode([3])]]]],
    "many dimensions": ["ok", ["tensors", "mlp", [["y", "float32", [2**31] * 9_999, b""]]]],
    "half a vector": ["ok", ["texts", "mlp", b"abc"]],
    "no slots": ["ok", ["slots", "mlp", []]],
}


@pytest.fixture(scope="module", autouse=True)
def _private_home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WASM_ENGINE_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module")
def talked(tmp_path_factory):
    talk = Talk(tmp_path_factory.mktemp("talk"))
    talk.more["budgets"] = {"all": {"tokens": 1_000}}
    talk.run(("say", "m x"))
    return talk.file


def thought(folder, *, portable):
    mlp(folder / "mlp.onnx", portable=portable)
    world = Thinking(folder, {"mlp": "file = 'mlp.onnx'"}, zoo=folder)
    world.run(RUN)
    return world.file


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    return thought(tmp_path_factory.mktemp("computed"), portable=False)


@pytest.fixture(scope="module")
def at_once(tmp_path_factory):
    return thought(tmp_path_factory.mktemp("at-once"), portable=True)


def forged(run, outcome, folder):
    """The run, with another outcome of its first effect."""

    def edit(_number, entry):
        if entry[0] != Kind.RESULT:
            return entry
        result = entries.decode(*entry[:2])
        return *entries.encode(Result(result.number, result.step, outcome)), entry[2]

    file = shutil.copyfile(run, folder / "forged.run")
    assert forge_entries(file, edit) == 1
    return file


@pytest.mark.parametrize("outcome", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_is_none_is_refused(talked, outcome, tmp_path):
    file = forged(talked, outcome, tmp_path)
    for look in (replays.replay, cassette):
        with pytest.raises(BadRunFile, match="the result of an effect"):
            look(file)


def forged_within(run, outcome, folder):
    """The run, with another outcome of what was computed in a step of it."""

    def edit(_number, entry):
        step = entries.decode(*entry[:2])
        if not isinstance(step, ComputedStep):
            return entry
        computed = [[(call, outcome) for call, _ in rows] for rows in step.computed]
        return *entries.encode(msgspec.structs.replace(step, computed=computed)), entry[2]

    file = shutil.copyfile(run, folder / "within.run")
    assert forge_entries(file, edit) == 1
    return file


@pytest.mark.parametrize("outcome", TENSORS.values(), ids=TENSORS)
def test_tensors_that_are_none_are_refused(computed, at_once, outcome, tmp_path):
    for file in (forged(computed, outcome, tmp_path), forged_within(at_once, outcome, tmp_path)):
        with pytest.raises(BadRunFile, match="the result of an effect"):
            replays.replay(file)


def test_what_can_be_is_replayed_and_found_to_be_another(talked, computed, at_once, tmp_path):
    assert not replays.replay(forged(talked, with_(1, "nay"), tmp_path)).identical
    other = ["ok", ["tensors", "mlp", [TENSOR]]]
    assert not replays.replay(forged(computed, other, tmp_path)).identical
    assert not replays.replay(forged_within(at_once, other, tmp_path)).identical
