"""Agents without code in a manifest: what is made of their tables, and what is wrong in them."""

from __future__ import annotations

import json
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from tests.manifest.test_schema import fits
from wasm_engine.agents import stored_manifest
from wasm_engine.agents.assistant_table import ASSISTANT
from wasm_engine.agents.read_manifest import read_manifest
from wasm_engine.agents.schema import manifest_schema
from wasm_engine.concepts.errors import BadManifest
from wasm_engine.concepts.mistakes import Mistakes
from wasm_engine.host.standard_components import standard_path

FULL = (Path(__file__).parent / "assistants.toml").read_text(encoding="utf-8")
HEAD = '[models.m]\nserver = "local"\n[agents.a]\nkind = "assistant"\n'
TABLE = HEAD + '[agents.a.assistant]\nmodel = "m"\n'


def test_every_key_is_in_the_full_table():
    agents = tomllib.loads(FULL)["agents"]
    written = {key for name in ("editor", "writer") for key in agents[name]["assistant"]}
    assert {key.name for key in ASSISTANT} == written


def test_a_full_table_fits_the_schema(write):
    read_manifest(write(FULL))
    assert fits(tomllib.loads(FULL), manifest_schema())


def test_an_assistant_is_a_standard_component_configured_with_its_table(write):
    manifest = read_manifest(write(FULL))
    editor, writer = manifest.kind("editor"), manifest.kind("writer")
    table = tomllib.loads(FULL)["agents"]["editor"]["assistant"]
    colleagues = {"hand-offs": {"writer": "a writer: readers"}, "asks": {"helper/2": "Counts."}}
    assert json.loads(editor.config) == table | colleagues
    assert editor.source == "std:assistant"
    assert manifest.source_path(editor) == standard_path("std:assistant")
    assert [str(it) for it in editor.grants] == ["human:owner", "model:clever"]
    assert writer.send_to == ("helper/*", "printer"), "whoever subscribes to what it publishes"
    assert manifest.needs() == []


def test_a_run_keeps_it_as_it_is(write):
    manifest = read_manifest(write(FULL))
    stored = stored_manifest.canonical(manifest)
    assert stored_manifest.from_canonical(stored).agents == manifest.agents


def test_it_may_be_written_as_the_component_that_it_is(write):
    table = 'kind = "assistant"\n[agents.a.assistant]\nmodel = "m"\n'
    plain = 'source = "std:assistant"\nconfig = { model = "m" }\n'
    one = read_manifest(write(f'[models.m]\nserver = "s"\n[agents.a]\n{table}'))
    other = read_manifest(write(f'[models.m]\nserver = "s"\n[agents.a]\n{plain}'))
    assert one == other


def test_instructions_may_stand_in_a_file(write, folder):
    (folder / "writer.md").write_bytes(b"\xef\xbb\xbfBe kind.\r\n\xc3\xa4\n")
    plain = read_manifest(write(TABLE + 'instructions = "Be kind.\\n\u00e4\\n"'))
    by_file = read_manifest(write(TABLE + 'instructions-file = "writer.md"'))
    assert by_file.agents == plain.agents
    stored = stored_manifest.canonical(by_file)
    assert stored == stored_manifest.canonical(plain)
    (told,) = by_file.instructions
    assert (told.kind, told.path) == ("a", "writer.md")
    assert told.sha256 == sha256((folder / "writer.md").read_bytes()).hexdigest()
    assert stored_manifest.from_canonical(stored).instructions == ()
    (folder / "inner").mkdir()
    (folder / "inner/link.md").symlink_to("../writer.md")
    linked = read_manifest(write(TABLE + 'instructions-file = "inner/link.md"'))
    assert linked.agents == plain.agents
    assert by_file.needs() == []


def test_a_file_of_instructions_that_cannot_be_taken_is_told_with_its_line(write, folder):
    (folder / "bytes.md").write_bytes(b"a\n\xff")
    (folder / "zero.md").write_bytes(b"a\0")
    (folder / "long.md").write_bytes(b"a" * 65537)
    (folder / "most.md").write_bytes(b"a" * 65536)
    beyond = folder.parent / "beyond.md"
    beyond.write_text("a secret")
    (folder / "out.md").symlink_to(beyond)
    read_manifest(write(TABLE + 'instructions-file = "most.md"'))
    for file, wrong in (
        ("writre.md", 'there is no file "writre.md"; did you mean "writer.md"?'),
        ("topics", '"topics" is not a file'),
        ("bytes.md", '"bytes.md" is not UTF-8 (line 2)'),
        ("zero.md", '"zero.md" is no text: it has a zero byte'),
        ("long.md", '"long.md" is larger than 64 KiB'),
        ("out.md", '"out.md" is not in the manifest\'s folder'),
        ("../beyond.md", '"../beyond.md" is not in the manifest\'s folder'),
        ("*", "must be the path of a file"),
    ):
        path = write(TABLE + f'instructions-file = "{file}"')
        with pytest.raises(BadManifest) as caught:
            read_manifest(path)
        (line,) = str(caught.value).splitlines()
        assert line.startswith(f"{path}:7: agents.a.assistant.instructions-file: {wrong}")


def test_a_stored_manifest_names_no_file_of_instructions(write):
    table = HEAD.replace('kind = "assistant"', 'source = "std:assistant"')
    text = table + 'config = { model = "m", instructions-file = "writer.md" }'
    with pytest.raises(BadManifest, match=r"config\.instructions-file: is for the table of an"):
        read_manifest(write(text))


def test_documented_defaults_are_those_that_can_be_written():
    prose = ("none", "any", "as the model")
    for key in ASSISTANT:
        if key.default and not key.default.startswith(prose):
            key.shape.read(tomllib.loads(f"x = {key.default}")["x"], (), Mistakes())


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (HEAD, '3: agents.a.assistant: is missing: What an assistant is'),
        (HEAD + "[agents.a.assistant]\n", "5: agents.a.assistant.model: is missing: The model."),
        (TABLE + "gaol = 'x'", '7: agents.a.assistant.gaol: unknown key; did you mean "goal"?'),
        (
            TABLE.replace('model = "m"', 'model = "n"'),
            '6: agents.a.assistant.model: no model is called "n"; there are "m"',
        ),
        (
            TABLE.replace('server = "local"', 'file = "m.onnx"'),
            "6: agents.a.assistant.model: models.m is a model of tensors (`file`), not of language",
        ),
        (TABLE + "most = 4096", "7: agents.a.assistant.most: models.m answers with at most 1024"),
        (
            TABLE + 'hand-offs = ["b"]',
            '7: agents.a.assistant.hand-offs: no agent has the address "b"; there are "a"',
        ),
        (
            TABLE + 'asks = ["b/3"]\n[agents.b]\nsource = "worker.wasm"\ncount = 2',
            '7: agents.a.assistant.asks: no agent has the address "b/3"; there is b/1 to b/2',
        ),
        (TABLE + 'then = "a"', '7: agents.a.assistant.then: "a" is the assistant itself'),
        (TABLE + 'asks = ["A"]', '7: agents.a.assistant.asks: "A" is not an address'),
        (TABLE + 'asks = ["b", "b"]', '7: agents.a.assistant.asks[1]: "b" is there twice'),
        (
            TABLE.replace("[agents.a.", 'send-to = []\n[agents.a.')
            + 'then = "b"\n[agents.b]\nsource = "worker.wasm"',
            '5: agents.a.send-to: does not let it send to "b", whom its table names',
        ),
        (
            TABLE + 'approve = ["calc"]\napprover = "owner"',
            '7: agents.a.assistant.approve: "calc" is none of its tools; it has no `tools`',
        ),
        (
            TABLE + 'approver = "owner"',
            "5: agents.a.assistant.approve: goes with the other of the two",
        ),
        (
            TABLE + 'knowledge = "calc.look"',
            '7: agents.a.assistant.knowledge: "calc.look" is none of its tools; it has no `tools`',
        ),
        (
            TABLE + 'instructions = "x"\ninstructions-file = "writer.md"',
            "8: agents.a.assistant.instructions-file: `instructions` says it already: one of",
        ),
        (TABLE + "output = { type = 7 }", "7: agents.a.assistant.output: the schema"),
        (TABLE + "top-p = 11", "7: agents.a.assistant.top-p: must be from 0 to 1, not 11"),
        (TABLE + 'temperature = "hot"', '7: agents.a.assistant.temperature: must be a number'),
        (
            HEAD.replace("assistant", "component") + '[agents.a.assistant]\nmodel = "m"',
            '5: agents.a.assistant: is for agents with kind = "assistant"',
        ),
        (
            TABLE.replace("[agents.a.", 'source = "worker.wasm"\n[agents.a.'),
            "5: agents.a.source: an assistant has none: it is what its table says",
        ),
        (
            TABLE.replace("[agents.a.", "config = { x = 1 }\n[agents.a."),
            "5: agents.a.config: an assistant has none: its table is what it is configured with",
        ),
        (
            TABLE.replace("[agents.a.", 'isolation = "process"\n[agents.a.'),
            'agents.a.grants: "model:m": not with isolation = "process"',
        ),
        ("[agents.b]\ncount = 1", "1: agents.b.source: is missing"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(write, text, wrong):
    with pytest.raises(BadManifest) as caught:
        read_manifest(write(text))
    assert any(wrong in line for line in str(caught.value).splitlines()), str(caught.value)
    assert len(str(caught.value).splitlines()) <= 2
