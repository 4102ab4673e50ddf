"""The interpreter for JavaScript: the same bytes from the same sources; npm fetches QuickJS."""

from __future__ import annotations

import hashlib
import json

import pytest

from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.toolchain import interpreter
from wasm_engine.toolchain.componentize.binary import splice, stripped, taken
from wasm_engine.toolchain.javascript import engine
from wasm_engine.toolchain.javascript.engine import quickjs
from wasm_engine.toolchain.javascript.guest import (
    BUILDER,
    build_javascript_guest,
    with_agent,
)
from wasm_engine.toolchain.javascript.sources import JavaScriptSources, javascript_sources
from wasm_engine.toolchain.javascript.wit import Packages
from wasm_engine.toolchain.labels import labelled

EMPTY_MODULE = b"\0asm\x01\x00\x00\x00"


def quiet(_text):
    pass


def test_two_builds_are_the_same_bytes_and_other_scripts_give_others(tmp_path):
    sources = javascript_sources()
    first = build_javascript_guest(sources, lambda: EMPTY_MODULE)
    assert build_javascript_guest(sources, lambda: EMPTY_MODULE) == first
    sdk = tmp_path / "sdk"
    sdk.mkdir()
    for path in sources.sdk.glob("*.js"):
        (sdk / path.name).write_bytes(path.read_bytes())
    (sdk / "flow.js").write_text("export const labels = () => [];\n")
    other = sources._replace(sdk=sdk)
    assert build_javascript_guest(other, lambda: EMPTY_MODULE) != first
    assert other.recipe(BUILDER) != sources.recipe(BUILDER)


def test_an_agent_in_its_interpreter_is_the_same_bytes_around_the_same_quickjs():
    sources, core = javascript_sources(), EMPTY_MODULE + b"\x05\x03\x01\x00\x01"
    kept = labelled(build_javascript_guest(sources, lambda: core), "any", "label")
    text = 'log.info("\u2028\U0001f375{room}");'
    first = with_agent(kept, sources, "a.js", text)
    assert first.count(core) == kept.count(core) == 1
    assert rb"\u2028\ud83c\udf75{room}" in first
    assert with_agent(kept, sources, "a.js", text) == first
    assert with_agent(kept, sources, "b.js", text) != first


def test_what_is_no_script_changes_no_recipe(tmp_path):
    sources = javascript_sources()
    sdk = tmp_path / "sdk"
    sdk.mkdir()
    for path in sources.sdk.glob("*.js"):
        (sdk / path.name).write_bytes(path.read_bytes())
    (sdk / "notes.txt").write_text("noise")
    assert sources._replace(sdk=sdk).recipe(BUILDER) == sources.recipe(BUILDER)


def test_the_two_languages_have_interpreters_of_their_own():
    recipes = {interpreter.installed(language)._recipe() for language in interpreter.LANGUAGES}
    assert len(recipes) == 2


def test_the_lock_names_the_version_and_no_registry():
    package, lock = (json.loads(p.read_text()) for p in javascript_sources().npm())
    found = lock["packages"]["node_modules/quickjs-wasi"]
    assert found["version"] == package["dependencies"]["quickjs-wasi"] == engine.QUICKJS_WASI
    assert found["integrity"].startswith("sha512-")
    assert "resolved" not in found


def test_without_npm_the_user_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(engine.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(engine.shutil, "which", lambda _name: None)
    with pytest.raises(Misuse, match="needs npm once") as refused:
        quickjs((), tmp_path / "kept", quiet)
    assert "interpreter import --language javascript FILE" in refused.value.hint
    assert refused.value.code == "no-interpreter"


def fake_npm(monkeypatch, folder, script):
    """An npm that does what a script does."""
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    monkeypatch.setattr(engine, "_npm", lambda: [str(program)])


def test_what_npm_cannot_fetch_is_told_in_its_words(monkeypatch, tmp_path):
    fake_npm(monkeypatch, tmp_path, "echo the cable is cut >&2; exit 1")
    with pytest.raises(HostFault, match="the cable is cut") as failed:
        quickjs((), tmp_path / "kept", quiet)
    assert failed.value.code == "interpreter-build"


def test_another_module_than_the_known_one_is_refused_and_not_kept(monkeypatch, tmp_path):
    fake_npm(
        monkeypatch,
        tmp_path,
        "mkdir -p node_modules/quickjs-wasi; echo other > node_modules/quickjs-wasi/quickjs.wasm",
    )
    with pytest.raises(HostFault, match="another QuickJS"):
        quickjs((), tmp_path / "kept", quiet)
    assert not (tmp_path / "kept").exists()


def test_what_was_fetched_is_kept_and_npm_is_asked_once(monkeypatch, tmp_path):
    monkeypatch.setattr(engine, "DIGEST", hashlib.sha256(b"known\n").hexdigest())
    fake_npm(
        monkeypatch,
        tmp_path,
        "test -f package-lock.json || exit 1; mkdir -p node_modules/quickjs-wasi;"
        " echo known > node_modules/quickjs-wasi/quickjs.wasm",
    )
    assert quickjs(javascript_sources().npm(), tmp_path / "kept", quiet) == b"known\n"
    fake_npm(monkeypatch, tmp_path, "exit 1")
    assert quickjs((), tmp_path / "kept", quiet) == b"known\n"


def test_a_component_without_its_place_for_quickjs_is_a_bug_of_ours():
    with pytest.raises(Exception, match="not in the component"):
        splice(b"\0asm\x0d\x00\x01\x00", b"marker", EMPTY_MODULE)
    with pytest.raises(Exception, match="does not stand in the component"):
        taken(b"\0asm\x0d\x00\x01\x00", b"\0asm\x0d\x00\x01\x00", b"marker")
    assert stripped(EMPTY_MODULE + b"\x00\x02\x01x") == EMPTY_MODULE


def test_interfaces_that_others_need_come_first():
    text = (
        "package a:b@1.0.0;"
        "interface one { use two.{thing}; take: func(it: borrow<thing>) -> option<thing>; }"
        "interface two { variant why { bad(thing), %type }"
        " resource thing { new: static func() -> thing; } }"
        "world w { import one; export two; }"
    )
    found = Packages([[text]])
    world = found.world("a:b/w@1.0.0")
    assert (world.imports, world.exports) == (["a:b/one@1.0.0"], ["a:b/two@1.0.0"])
    two = found.interfaces["a:b/two@1.0.0"]
    assert list(two.functions) == ["[static]thing.new"]
    assert [name for name, _ in two.types["why"].members] == ["bad", "type"]


def test_an_interpreter_is_exported_imported_and_pinned(tmp_path):
    def made(folder):
        return interpreter.Interpreters(
            tmp_path / folder,
            javascript_sources(),
            None,
            lambda sources, _note: build_javascript_guest(sources, lambda: EMPTY_MODULE),
            BUILDER,
            "javascript",
        )

    ours = made("ours").build(quiet)
    made("ours").export(tmp_path / "out.wasm")
    assert made("theirs").import_from(tmp_path / "out.wasm").digest == ours.digest
    assert sha256_hex(made("theirs").provide(ours.digest, quiet)) == ours.digest
    with pytest.raises(Misuse, match="not on this machine") as refused:
        made("theirs").provide("ab" * 32, quiet)
    assert "--language javascript" in refused.value.hint
    assert isinstance(javascript_sources(), JavaScriptSources)
