"""The kits of the compiled languages: models, people and swaps, with the same result in each.

The one in Go lies here where `make guests` built it: it takes seconds to compile.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from onnx import TensorProto, helper

from tests.guests.stock_world import GUESTS
from tests.inference import models
from wasm_engine.concepts.chat import Question
from wasm_engine.control import effect_rows, inspection, people, replays, runs
from wasm_engine.control.orders import Moment, Pace
from wasm_engine.journal import entries
from wasm_engine.journal.runfile import RunFile

SAID = {
    "chat": """\
true look {"at":"Ulm"}
It rains. 3+1
!bad-answer
true aye
aye
aye
!not-granted
4096 1024""",
    "models": """\
64 false words text[any] yes boolean[] x float32[any,2] b float32[2]?
same text[any] no boolean[] sum float32[any,2]
grün| false sum 15,35
grün| false sum 20,35
!cancelled
!not-granted
!bad-tensor
true 1
!bad-tensor""",
    "texts": """\
3 8 true false
0
8
!not-granted""",
    "swap": """\
source 64 false
!unknown-alternative
!not-granted""",
    "people": "that true fine Ada !timeout !not-granted",
}
SCRIPT = """\
[[answer]]
contains = "weather"
turn = 0
calls = [{name = "look", arguments = {at = "Ulm"}}]
[[answer]]
answers = "look"
content = "It rains."
usage = {prompt = 3, answer = 1}
[[answer]]
content = "aye"
"""
LANGUAGES = sorted(
    path.stem.removeprefix("counsel-") for path in (GUESTS / "testing/counsel").glob("*.wasm")
)


@dataclass
class Asked:
    """A world with an agent for each language, that has asked all there is to ask."""

    file: Path

    def said(self, agent: str) -> list[str]:
        log = inspection.inspect(self.file, wanted=inspection.Wanted(log=True)).log
        return [line.text for line in log or () if line.agent == agent]

    def effects(self, agent: str, capability: str) -> list[list[Any]]:
        with RunFile.open(self.file) as run:
            bodies = (entries.decode(entry.kind, entry.body) for entry in run.entries(2))
            found = effect_rows.effects_of(bodies)
        return [it.arguments for it in found if it.agent == agent and it.capability == capability]


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("counsel")
    models.mixed(folder / "mixed.onnx")
    models.sentences(folder / "texts")
    half = [models.value(name, TensorProto.FLOAT16, (1,)) for name in ("h", "same")]
    models.saved(folder / "half.onnx", [helper.make_node("Identity", ["h"], ["same"])],
                 half[:1], half[1:])  # fmt: skip
    (folder / "clever.toml").write_text(SCRIPT)
    grants = [
        "model:clever",
        "model:mixed",
        "model:half",
        "model:texts",
        "human:owner",
        "swap:idle",
    ]
    agents = "".join(
        f"[agents.{it}]\nsource = '{GUESTS}/testing/counsel/counsel-{it}.wasm'\ngrants = {grants}\n"
        for it in LANGUAGES
    )
    (folder / "world.toml").write_text(
        f"{agents}[agents.idle]\nsource = '{GUESTS}/testing/counsel/counsel-c.wasm'\n"
        f"[agents.idle.alternatives]\nother = '{GUESTS}/testing/counsel/counsel-cpp.wasm'\n"
        "[models.clever]\nscript = 'clever.toml'\n[models.texts]\nfolder = 'texts'\n"
        "[models.mixed]\nfile = 'mixed.onnx'\n[models.half]\nfile = 'half.onnx'\n"
    )
    file = folder / "it.run"
    send = [(agent, topic, "") for topic in SAID for agent in LANGUAGES]
    runs.run(folder / "world.toml", file=file, allow=[f"source:{GUESTS}/*"], send=send)
    for it in people.pending(file).questions:
        if it.choices:
            people.answer(file, it.number, "that")
        else:
            people.answer(file, it.number, "fine", approved=True, by="Ada")
    runs.resume(file)
    runs.resume(file, pace=Pace(until=Moment.parse("+1h")))
    return Asked(file)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_asked_is_answered_and_refused_the_same_in_each_language(asked, language):
    assert {"c", "cpp", "rust"} <= set(LANGUAGES)
    assert asked.said(language) == list(SAID.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_option_of_a_question_arrives(asked, language):
    full = Question.of(asked.effects(language, "chat")[2])
    assert (full.choice, full.schema, full.most) == (("named", "look"), '{"type":"string"}', 7)
    assert (full.temperature, full.top_p, full.top_k, full.seed) == (0.5, 0.25, 3, 9)
    assert (full.stop, full.timeout) == (("\n", "end"), 1_000_000_000)
    turns = Question.of(asked.effects(language, "chat")[1]).turns
    assert [turn.role for turn in turns] == ["system", "user", "assistant", "tool"]
    assert turns[2].calls[0].id == turns[3].answers


def test_each_language_asks_for_the_same_and_a_replay_asks_nobody(asked):
    for capability in ("models", "human"):
        first, *others = (asked.effects(it, capability) for it in LANGUAGES)
        assert first
        assert all(it == first for it in others)
    assert replays.replay(asked.file).identical


def test_who_asks_no_model_imports_none():
    folders = (GUESTS / "testing/tour", GUESTS.parent / "examples/polyglot")
    silent = [path for folder in folders for path in folder.glob("*-*.wasm")]
    assert len(silent) >= 6
    for path in silent:
        assert b"wasm-engine:inference" not in path.read_bytes(), path
    for it in LANGUAGES:
        found = (GUESTS / f"testing/counsel/counsel-{it}.wasm").read_bytes()
        assert b"wasm-engine:inference/chat@0.1.0" in found
        assert b"wasm-engine:agent/http" not in found
