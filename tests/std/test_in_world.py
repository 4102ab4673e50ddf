"""The standard components in worlds: named, called, resumed and replayed."""

from __future__ import annotations

import json
import tomllib
from pydoc_data.topics import topics

import pytest

from tests.std import vocabularies
from tests.std.asking import GUESTS, Asked
from wasm_engine import World, replay, resume, run
from wasm_engine.concepts.canonical import sha256
from wasm_engine.concepts.errors import EngineError
from wasm_engine.control.store import place
from wasm_engine.control.tools import tools
from wasm_engine.host.standard_components import NAMES, standard_path
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world.assembly import load_components
from wasm_engine.world.world import gather_material

HANDY = GUESTS / "testing/handy/handy.wasm"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("docs")
    (made / "inner").mkdir()
    for name in ("assert", "with", "yield"):
        (made / f"{name}.txt").write_text(topics[name])
    (made / "inner" / "lambda.md").write_text(topics["lambda"])
    (made / "broken.txt").write_bytes(b"caf\xe9 broken")
    return made


@pytest.fixture(scope="module")
def asked(folder):
    with Asked(mounts={"/docs": folder}) as made:
        yield made


def test_a_folder_is_indexed_and_asked_with_its_sources(asked, folder):
    counts = asked.ask("index", {"folder": "/docs"})
    assert counts["documents"] == 5
    assert asked.ask("index", {"folder": "/docs/inner", "suffixes": [".txt"]}) == counts
    best, *_ = asked.ask("search", {"query": "how are generators and yield related"})
    assert best["doc"] == "/docs/yield.txt"
    assert topics["yield"][best["start"] : best["end"]] == best["text"]
    (hit,) = asked.ask("search", {"query": "caf"})
    assert hit["text"] == "caf\ufffd broken"


def test_a_request_that_is_wrong_is_answered_and_the_index_stays(asked):
    assert asked.ask("search", {"query": "x", "count": 0})["error"]["code"] == "bad-request"
    assert asked.ask("count")["documents"] == 5


def test_a_world_with_a_retriever_is_replayed_and_goes_on(folder, tmp_path):
    manifest = tmp_path / "world.toml"
    manifest.write_text(
        f"""
        [agents.library]
        source = "std:retriever"
        lifecycle = "resident"
        mounts = ["docs"]
        [mounts.docs]
        path = {json.dumps(str(folder))}
        at = "/docs"
        [[messages]]
        to = "library"
        topic = "index"
        body = {{ folder = "/docs" }}
        """
    )
    file = tmp_path / "a.run"
    assert run(manifest, file=file, allow=[f"mount:{folder}"]).status == "idle"
    assert replay(file).identical
    assert resume(file).status == "idle"


def tables(component, **tool):
    return {
        "agents": {"user": {"source": "std:searcher", "tools": ["it"]}},
        "tools": {"it": {"component": component, **tool}},
    }


def test_what_comes_with_the_engine_is_kept_in_a_run_by_its_digest(tmp_path):
    world = World.from_mapping(tables("std:ranker"), str(tmp_path))
    assert world.manifest.needs() == []
    digest = sha256(standard_path("std:ranker").read_bytes())
    assert gather_material(world.manifest).tools["it"].digests == (digest,)


@pytest.mark.parametrize("component", ["std:rankr", "std:", "std:../x", "std:a.wasm"])
def test_a_name_that_nothing_has_is_a_mistake(component, tmp_path):
    with pytest.raises(EngineError) as error:
        World.from_mapping(tables(component), str(tmp_path))
    assert error.value.code == "bad-manifest"
    assert ("did you mean" in str(error.value)) == (component == "std:rankr")


def test_each_standard_component_is_there_and_can_be_looked_at():
    for name in NAMES:
        path = place(f"std:{name}")
        assert load_components([(name, path.read_bytes())])
    found = tools(standard_path("std:tokenizer"))
    assert "tokenizer.encode" in {row.name for row in found.tools}
    assert all(row.description for row in found.tools)


def test_a_tool_reads_its_tokenizer_once_and_answers_json(tmp_path):
    (tmp_path / "model").mkdir()
    tokenizer = vocabularies.wordpiece()
    (tmp_path / "model" / "tokenizer.json").write_text(tokenizer.to_str())
    tool = {
        "component": "std:tokenizer",
        "config": {"tokenizer": "/model/tokenizer.json"},
        "mounts": ["model"],
        "own-authority": True,
    }
    world = {
        "agents": {"a": {"source": str(HANDY), "tools": ["it"]}},
        "tools": {"it": tool},
        "mounts": {"model": {"path": "model", "at": "/model"}},
    }
    call = 'it.ids {"texts": ["the fox", "a list"]}\nit.count {"text": 1}'
    run = World.from_mapping(world, tmp_path).begin()
    run.execution.receive("a", "go", ("text", call), [])
    assert run.execution.go(Until(max_steps=10)) == "idle"
    trace = run.execution.scheduler.world.agents["a"].state["trace"].splitlines()
    run.close()
    wanted = [tokenizer.encode(text).ids for text in ("the fox", "a list")]
    assert json.loads(trace[0]) == {"ok": wanted}
    assert trace[1].startswith("err:invalid-arguments:it.count: /text")


def test_a_wheel_carries_each_standard_component():
    project = tomllib.loads((GUESTS.parent / "pyproject.toml").read_text())
    carried = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for name in NAMES:
        path = f"guests/std/{name}/{name}.wasm"
        assert carried[path] == f"wasm_engine/_data/{path}"
