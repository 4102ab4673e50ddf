"""Imports that other components stand in for: checked against each other, and told."""

from __future__ import annotations

import json

import pytest

from tests.binding.components import wasm_of
from tests.tools.components import AGENT, running, tables, trace, user
from wasm_engine.cli.main import main
from wasm_engine.concepts.errors import BadComponent, BadManifest, Refused
from wasm_engine.control import replays
from wasm_engine.control.checks import check
from wasm_engine.control.locks import lock
from wasm_engine.world import World

USER = {"component": "user.wasm", "link": ["calc"]}
CALC = {"component": "calc.wasm"}
BOTH = {"calc": CALC, "user": USER}
AGENTS = {"a": {**AGENT, "tools": ["user"]}}


def test_what_a_component_imports_another_one_answers(folder, tmp_path):
    file = tmp_path / "a.run"
    body = 'user.sum {"a": 40, "b": 2}\nuser.fail {}'
    with running(folder, tables(AGENTS, BOTH), body, file=file) as run:
        assert trace(run) == ["42", "err:tool-failed:user.fail: tool-failed"]
    assert replays.replay(file).identical


def refused(folder, tools, agents=None, **files):
    """What is said of a world that cannot be."""
    for name, data in files.items():
        (folder / f"{name}.wasm").write_bytes(data)
    with pytest.raises((BadComponent, BadManifest)) as caught:
        World.from_mapping(tables(agents or AGENTS, tools), folder)
    return str(caught.value)


def test_a_missing_provider_is_named_with_what_to_do(folder):
    said = refused(folder, {"user": {**USER, "link": []}})
    assert "imports test:calc/api@1.0.0, which none of the tools exports" in said
    assert "name a tool that exports it in `link`" in said


def test_another_version_is_named(folder):
    said = refused(folder, {**BOTH, "user": {**USER, "component": "newer.wasm"}},
                   newer=user("test:calc/api@2.0.0"))  # fmt: skip
    assert "imports test:calc/api@2.0.0; the tool 'calc' exports test:calc/api@1.0.0" in said


def test_types_that_differ_are_named_with_both(folder):
    said = refused(folder, {**BOTH, "user": {**USER, "component": "wider.wasm"}},
                   wider=user(total="u64"))  # fmt: skip
    assert "#add as `func(a: u32, b: u32) -> u64`" in said
    assert "exports it as `func(a: u32, b: u32) -> u32`" in said


def test_two_providers_are_one_too_many(folder):
    said = refused(folder, {**BOTH, "more": CALC, "user": {**USER, "link": ["calc", "more"]}})
    assert "'calc' and 'more' both export it" in said


def test_a_link_that_leads_nowhere_is_refused(folder):
    said = refused(folder, {"calc": CALC, "other": CALC, "user": {**USER, "link": ["calc"]}},
                   {"a": {**AGENT, "tools": ["user"], "link": ["other"]}})  # fmt: skip
    assert "is linked to 'other', and imports nothing that it exports" in said


def test_a_circle_is_refused_before_anything_is_loaded(folder):
    said = refused(folder, {"calc": {**CALC, "tools": ["user"]}, "user": USER})
    assert "tools.calc.tools: leads back to itself: calc > user > calc" in said


def test_an_interface_with_a_resource_is_refused(folder):
    maker = wasm_of(
        """(component
          (core module $m (func (export "look"))) (core instance $i (instantiate $m))
          (type $thing (resource (rep i32)))
          (func $look (canon lift (core func $i "look")))
          (instance $api (export "thing" (type $thing)) (export "look" (func $look)))
          (export "test:thing/api@1.0.0" (instance $api)))"""
    )
    thing = wasm_of(
        """(component
          (import "test:thing/api@1.0.0" (instance $api (export "thing" (type (sub resource)))
            (export "look" (func))))
          (core func $look (canon lower (func $api "look")))
          (core module $m (import "" "look" (func)) (func (export "see")))
          (core instance $i
            (instantiate $m (with "" (instance (export "look" (func $look))))))
          (func (export "see") (canon lift (core func $i "see"))))"""
    )
    user_ = {"component": "thing.wasm", "link": ["maker"]}
    said = refused(folder, {"maker": {"component": "maker.wasm"}, "user": user_},
                   thing=thing, maker=maker)  # fmt: skip
    assert "imports test:thing/api@1.0.0, which has resources" in said


def test_tools_have_no_mailbox(folder):
    said = refused(folder, {"user": {"component": "handy.wasm"}})
    assert "wants wasm-engine:agent/" in said
    assert "[agents.NAME]" in said


@pytest.mark.parametrize(
    ("agents", "tools", "said"),
    [
        ({"tools": ["cal"]}, BOTH, 'agents.a.tools: no tool is called "cal"; did you mean "calc"?'),
        ({"link": ["x"]}, {}, 'agents.a.link: no tool is called "x"; it needs a table [tools.x]'),
        ({"tools": ["calc.ad"]}, BOTH, "there is no tool 'calc.ad'; did you mean \"calc.add\"?"),
        ({"tools": ["calc"], "isolation": "process"}, BOTH, "agents.a.tools: not with isolation"),
        ({}, {"a.b": CALC}, '"a.b" cannot name a tool'),
        ({}, {"b": {**CALC, "grants": ["spawn:a"]}}, "that is given to agents"),
        ({}, {"b": {**CALC, "mounts": ["m"]}}, 'no mount is called "m"'),
        ({}, {"b": {**CALC, "grants": ["mount-write:m"]}}, "that is given to agents"),
        ({}, {"b": {**CALC, "grants": ["sql:x"]}}, "the world has none of that name"),
        ({}, {"b": {**CALC, "grants": ["https://a.test"], "own-authority": True}},
         "not with own-authority"),
        ({}, {"b": {"component": "nothing.wasm"}}, 'there is no file "nothing.wasm"'),
    ],
)  # fmt: skip
def test_mistakes_of_a_manifest(folder, agents, tools, said):
    assert said in refused(folder, tools, {"a": {**AGENT, **agents}})


@pytest.fixture
def manifest(folder, tmp_path):
    """A world in a file, with its components beside it."""
    for name in ("handy", "calc", "user"):
        (tmp_path / f"{name}.wasm").write_bytes((folder / f"{name}.wasm").read_bytes())
    path = tmp_path / "world.toml"
    path.write_text(
        '[agents.a]\nsource = "handy.wasm"\ntools = ["user", "calc.add"]\n'
        '[tools.calc]\ncomponent = "calc.wasm"\n'
        '[tools.user]\ncomponent = "user.wasm"\nlink = ["calc"]\n'
    )
    return path


def test_check_prints_the_graph(manifest, capsys):
    edges = [(it.holder, it.tool, it.functions, it.interfaces) for it in check(manifest).links]
    assert edges == [
        ("agents.a", "calc", ("calc.add",), ()),
        ("agents.a", "user", ("user.fail", "user.sum"), ()),
        ("tools.user", "calc", (), ("test:calc/api@1.0.0",)),
    ]
    assert main(["check", str(manifest)]) == 0
    assert "tools.user > tools.calc: test:calc/api@1.0.0 (linked)" in capsys.readouterr().out


def test_tools_lists_them_with_who_may_call(manifest, capsys):
    assert main(["tools", str(manifest)]) == 0
    text = capsys.readouterr().out
    assert "calc.add: func(a: u32, b: u32) -> u32" in text
    assert "for agents.a" in text
    assert main(["tools", str(manifest.with_name("calc.wasm")), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["tools"]
    assert [row["name"] for row in rows][:2] == ["calc.add", "calc.count"]
    assert rows[0]["input"]["required"] == ["a", "b"]


def test_a_lock_holds_tools_and_what_their_functions_are(manifest):
    assert lock(manifest).tools == 2
    text = manifest.with_suffix(".lock").read_text()
    assert 'covers = ["kinds", "interpreter", "mounts", "tools", "models"]' in text
    before = text.split('functions."user.sum" = "')[1][:64]
    check(manifest)
    manifest.with_name("user.wasm").write_bytes(user("test:calc/api@1.0.0", "u64"))
    with pytest.raises(Refused) as caught:
        check(manifest)
    said = str(caught.value)
    assert f"tool user.sum: locked sha256:{before}, now sha256:" in said
    assert "tool user: locked user.wasm sha256:" in said
    assert "user.fail" not in said
