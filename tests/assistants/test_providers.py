"""One crew with any model: a script, a server, a folder. The manifest differs in one line."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.assistants.crew import assistant
from tests.chat.model_server import serving
from tests.chat.tiny_llama import TOOLS, write_model
from wasm_engine.control import replays

CREW = (
    assistant("finder", 'then = "writer"\npasses = "answer"', 'tools = ["text"]')
    + assistant("writer", 'role = "a poet"\nthen = "judge"\npasses = "answer"')
    + assistant("judge", "temperature = 0.5")
    + """
[agents.judge.assistant.output]
type = "object"
required = ["n"]
additionalProperties = false
properties = { n = { type = "integer", minimum = 0, maximum = 99 } }
"""
)
SCRIPT = ({"agent": "judge", "content": {"n": 7}}, {"content": "aye"})


@pytest.fixture(params=["script", "server", "folder"])
def line(request, crew, tmp_path, monkeypatch):
    """What the manifest says of the model."""
    monkeypatch.setenv("WASM_ENGINE_HOME", str(tmp_path / "home"))
    if request.param == "script":
        yield 'script = "answers.toml"'
    elif request.param == "server":
        with serving() as server:
            (tmp_path / "home/config").mkdir(parents=True)
            policy = f'[servers.local]\nurl = "{server.url}"\n'
            (tmp_path / "home/config/policy.toml").write_text(policy)
            yield 'server = "local"'
    else:
        write_model(crew.folder / "tiny", template=TOOLS)
        yield 'folder = "tiny"'


def test_a_crew_works_with_whatever_model_and_replays_without_it(crew, line, tmp_path):
    crew.describe(*SCRIPT, more=CREW, context=512)
    text = crew.manifest.read_text().replace('script = "answers.toml"', line)
    crew.manifest.write_text(text.replace("most = 128", "most = 24"))
    report = crew.run(("finder", "A sea?"))
    assert (report.status, report.letters) == ("idle", ())
    assert 0 <= json.loads(crew.state("judge")["answer"])["n"] <= 99
    assert [it.agent for it in crew.questions()][-2:] == ["writer", "judge"]
    (copy := tmp_path / "elsewhere").mkdir()
    shutil.copyfile(crew.file, copy / "crew.run")
    for name in ("tiny", "answers.toml"):
        path = crew.folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    replayed = replays.replay(copy / "crew.run")
    assert (replayed.identical, replayed.chain) == (True, report.chain)
