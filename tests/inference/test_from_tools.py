"""Tools ask models as agents do, and are answered within the segment of their caller."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.inference.test_models import X, bodies
from tests.inference.worlds import GUESTS
from tests.tools.components import AGENT, running, tables, trace
from wasm_engine.control import replays
from wasm_engine.journal.entries import ComputedStep, Intent


@pytest.mark.parametrize("max_live", [0, 100])
def test_a_tool_is_answered_at_once_and_goes_on_as_what_it_waits_for_comes(zoo, tmp_path, max_live):
    """Between two answers at once it waits for a step: it is made again, where nobody is kept."""
    shutil.copyfile(GUESTS / "handy/handy.wasm", tmp_path / "handy.wasm")
    models = ("mlp", "recorded")
    grants = [f"model:{name}" for name in models]
    tool = {"component": str(GUESTS / "nn/nn.wasm"), "grants": grants}
    world = tables({"a": {**AGENT, "tools": ["think"], "grants": grants}}, {"think": tool})
    world["models"] = {name: {"file": str(zoo / f"{name}.onnx")} for name in models}
    tensor = f"x:1:1,64:{X}"
    asked = {"input": {"text": f"mlp|{tensor}\nrecorded|{tensor}\nmlp|{tensor}\n"}}
    line, file = f"think.run {json.dumps(asked)}", tmp_path / "it.run"
    with running(tmp_path, world, f"{line}\n{line}", file=file, max_live=max_live) as run:
        first, again = (json.loads(it) for it in trace(run))
    assert first == again
    assert first["status"] == 0
    said = first["output"]["text"].split("\n")
    assert said[0] == said[1] == said[2]
    assert said[0].startswith("= y:1:1,16:")
    found = bodies(file)
    computed = [row for body in found if isinstance(body, ComputedStep) for row in body.computed]
    assert sum(map(len, computed)) == 4
    assert [body.arguments[1] for body in found if isinstance(body, Intent)] == ["recorded"] * 2
    assert replays.replay(file).identical


def test_a_tool_computes_with_a_model_of_its_own_bytes(zoo, tmp_path):
    """Both are effects of the tool: to load the model, and to compute with it."""
    shutil.copyfile(GUESTS / "handy/handy.wasm", tmp_path / "handy.wasm")
    grants = ["model:own"]
    tool = {"component": str(GUESTS / "nn/nn.wasm"), "grants": grants}
    world = tables({"a": {**AGENT, "tools": ["think"], "grants": grants}}, {"think": tool})
    world["models"] = {"own": {"guest": True, "memory": "4 MiB"}}
    model = (zoo / "recorded.onnx").read_bytes().hex()
    asked = {"input": {"text": f"!{model}|x:1:1,64:{X}\n"}}
    with running(tmp_path, world, f"think.run {json.dumps(asked)}") as run:
        (answer,) = map(json.loads, trace(run))
    assert answer["output"]["text"].startswith("= y:1:1,16:")
