"""Nothing gets from one message to the next but through the state: instances are used again, and
none of them can tell."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.hostile.attack import GOOD, GUESTS, MIB, SCRIPTED, attack, attacker, give, manifest, told
from tests.hostile.commands import clocked, command
from tests.hostile.test_python_agents import BOUNDS, _home_with_the_interpreter  # noqa: F401
from wasm_engine.agents import pristine
from wasm_engine.agents.pristine import Policy, Pristine
from wasm_engine.concepts.errors import GuestTrap
from wasm_engine.concepts.hostcall import Err
from wasm_engine.orchestrator.execution import Until
from wasm_engine.runtime.component import link
from wasm_engine.runtime.entropy import Entropy
from wasm_engine.runtime.guest import Guest
from wasm_engine.runtime.instance import Finished, Limits
from wasm_engine.runtime.wasi import WasiState, functions
from wasm_engine.world import World, load_components

POLICIES = [Policy(), Policy(idle=1), Policy(idle=0, dear=-1), Policy(images=False)]
ROUNDS = ["look", "smuggle", "look", "smuggle", "smuggle", "look", "look", "smuggle", "look"]


@pytest.fixture
def taken_back(monkeypatch):
    """Of each message of an attacker that ended well, whether its instance was used again."""
    counted = []
    take_back = Pristine._taken_back

    def seen(self, instance):
        done = take_back(self, instance)
        if self._limits.memory != GOOD["memory"]:
            counted.append(done)
        return done

    monkeypatch.setattr(Pristine, "_taken_back", seen)
    return counted


@pytest.fixture(scope="module")
def folder(tmp_path_factory, _home_with_the_interpreter):  # noqa: F811
    made = tmp_path_factory.mktemp("smuggling")
    shutil.copyfile(Path(__file__).parent / "agents/smuggler.py", made / "smuggler.py")
    (made / "testing").symlink_to(GUESTS / "testing")
    smuggled(made, Policy(), rounds=["look"])  # the interpreter is loaded by now
    return made


def looks(found, agent):
    return [value for key, value in found.states[agent].items() if key.startswith("look")]


def smuggled(folder, policy, workers=1, text="little", rounds=ROUNDS):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pristine, "POLICY", policy)
        bounds = {**BOUNDS, "memory": 160 * MIB}
        kind = attacker("smuggler.py", **bounds, count=2)
        world = World.from_mapping(manifest({"smuggler": kind}), folder)
        with world.begin(workers=workers) as run:
            for number, topic in enumerate(rounds):
                for to in ("smuggler/1", "smuggler/2"):
                    body = text if topic == "smuggle" else f"look-{number}"
                    give(run, [(to, topic, body)])
            return told(run, run.execution.go(Until(max_steps=50)))


def test_python_finds_nothing_of_what_it_left(folder, taken_back):
    found = smuggled(folder, Policy())
    assert found.codes == ["done"] * 2 * len(ROUNDS)
    assert taken_back == [True] * 2 * len(ROUNDS)
    assert found.states["smuggler/1"].pop("left") == '"little"'
    first, *others = looks(found, "smuggler/1")
    assert others == [first] * 4
    assert [line for line in found.logs if line != "looked"] == ["half a line", "half another"] * 8


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("workers", [1, 4])
def test_nor_does_it_show_how_its_instances_came_to_be(folder, policy, workers):
    without = smuggled(folder, Policy(images=False))
    assert smuggled(folder, policy, workers) == without._replace(peak=0)


def test_what_has_grown_is_not_used_again(folder, taken_back):
    rounds = ["look", "smuggle", "look"]
    found = smuggled(folder, Policy(), text="large", rounds=rounds)
    assert found.codes == ["done"] * 6
    assert taken_back == [True, False, True] * 2
    first, second = looks(found, "smuggler/1")
    assert first == second


@pytest.mark.parametrize("policy", POLICIES)
def test_neither_does_a_component(monkeypatch, policy, taken_back):
    """`touch` counts in memory; what is worse than it comes in between."""
    monkeypatch.setattr(pristine, "POLICY", policy)
    worse = ["trap", "loop", "grow 3", "fail oops no", "touch", "burn 1000"]
    messages = [("evil", "script", f"touch;{bad}") for bad in worse for _ in range(2)]
    found = attack(messages, {"evil": attacker(SCRIPTED)})
    trace = found.states["evil"]["trace"].split()
    assert {word for word in trace if word.startswith("touch")} == {"touch:1"}
    assert trace.count("touch:1") > 4
    assert any(taken_back) is (policy.images and policy.idle > 0)


def plain(body, *, fields="", code=""):
    """A command without imports: `run` answers 1 where it finds what it left."""
    run = f'(func (export "run") (result i32) {body} {code} (i32.const 0))'
    return command(f"(core module $m {fields} {run}) (core instance $main (instantiate $m))")


def refuse(condition):
    return f"(if {condition} (then (return (i32.const 1))))"


HANDLES = "(i32.ne (call $subscribe (i64.const 1)) (i32.const {index}))"
# By what is left behind: the command, and whether its instances can be taken back nevertheless.
LEFT = {
    "globals": (
        plain(
            refuse("(i32.ne (global.get $i) (i32.const 3))")
            + refuse("(i64.ne (global.get $l) (i64.const 4))")
            + refuse("(i32.ne (i32.reinterpret_f32 (global.get $f)) (i32.const 0x7fc00001))")
            + refuse("(i64.ne (i64.reinterpret_f64 (global.get $d)) (i64.const 1))")
            + refuse("(v128.any_true (global.get $v))"),
            fields="(global $i (mut i32) (i32.const 3)) (global $l (mut i64) (i64.const 4))"
            "(global $f (mut f32) (f32.const nan:0x400001))"
            "(global $d (mut f64) (f64.const 0x0.0000000000001p-1022))"
            "(global $v (mut v128) (v128.const i64x2 0 0))",
            code="(global.set $i (i32.const 9)) (global.set $l (i64.const 9))"
            "(global.set $f (f32.const 9)) (global.set $d (f64.const 9))"
            "(global.set $v (v128.const i64x2 9 9))",
        ),
        True,
    ),
    "memory": (
        plain(
            refuse("(i32.load (i32.const 0))")
            + refuse("(i32.ne (i32.load8_u (i32.const 70000)) (i32.const 100))")
            + refuse("(i32.load (i32.const 131068))"),
            fields='(memory 2) (data (i32.const 70000) "data")',
            code="(memory.fill (i32.const 0) (i32.const 7) (i32.const 131072))",
        ),
        True,
    ),
    "what a start function made": (
        plain(
            refuse("(i32.ne (i32.load (i32.const 8)) (i32.const 5))")
            + refuse("(i32.ne (global.get $i) (i32.const 5))"),
            fields="(memory 1) (global $i (mut i32) (i32.const 0)) (start $start)"
            "(func $start (i32.store (i32.const 8) (i32.const 5))"
            " (global.set $i (i32.add (global.get $i) (i32.const 5))))",
            code="(i32.store (i32.const 8) (i32.const 6)) (global.set $i (i32.const 6))",
        ),
        True,
    ),
    "handles": (
        clocked(
            refuse(HANDLES.format(index=1)) + refuse(HANDLES.format(index=2)) + "(i32.const 0)"
        ),
        True,
    ),
    "an order of free handles": (
        clocked(
            refuse(HANDLES.format(index=1))
            + refuse(HANDLES.format(index=2))
            + refuse(HANDLES.format(index=3))
            + "(call $drop (i32.const 1)) (call $drop (i32.const 3)) (call $drop (i32.const 2))"
            + refuse(HANDLES.format(index=2))
            + "(i32.const 0)"
        ),
        True,
    ),
    "memory that has grown": (
        plain(
            refuse("(i32.ne (memory.size) (i32.const 1))"),
            fields="(memory 1 9)",
            code="(drop (memory.grow (i32.const 3)))",
        ),
        False,
    ),
    "a table": (
        plain(
            refuse("(i32.eqz (ref.is_null (table.get (i32.const 1))))"),
            fields="(table 4 funcref) (func $f) (elem declare func $f)",
            code="(table.set (i32.const 1) (ref.func $f))",
        ),
        False,
    ),
    "a table that has grown": (
        plain(
            refuse("(i32.ne (table.size) (i32.const 4))"),
            fields="(table 4 9 funcref)",
            code="(drop (table.grow (ref.null func) (i32.const 2)))",
        ),
        False,
    ),
    # It cannot be made elsewhere, where other segments may be there; it can be taken back.
    "data that is copied by itself": (
        plain(
            refuse("(i32.load (i32.const 0))"),
            fields='(memory 1) (data $d "once")',
            code="(memory.init $d (i32.const 0) (i32.const 0) (i32.const 4))",
        ),
        True,
    ),
    "data that was dropped": (
        plain(
            "(memory.init $d (i32.const 0) (i32.const 0) (i32.const 4))",
            fields='(memory 1) (data $d "once")',
            code="(data.drop $d)",
        ),
        False,
    ),
    "elements that were dropped": (
        plain(
            "(table.init $e (i32.const 0) (i32.const 0) (i32.const 1))",
            fields="(table 4 funcref) (func $f) (elem $e func $f)",
            code="(elem.drop $e)",
        ),
        False,
    ),
    "a reference": (
        plain(
            refuse("(i32.eqz (ref.is_null (global.get $r)))"),
            fields="(global $r (mut funcref) (ref.null func)) (func $f) (elem declare func $f)",
            code="(global.set $r (ref.func $f))",
        ),
        False,
    ),
}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("left", LEFT)
def test_no_command_finds_what_it_left(tmp_path, monkeypatch, taken_back, left, policy):
    wasm, can_be_taken_back = LEFT[left]
    (tmp_path / "testing").symlink_to(GUESTS / "testing")
    (tmp_path / "left.wasm").write_bytes(wasm)
    monkeypatch.setattr(pristine, "POLICY", policy)
    agents = {"evil": attacker("left.wasm", count=2)}
    messages = [(f"evil/{n}", "t", "x") for n in (1, 2)] * 4
    assert attack(messages, agents, folder=tmp_path).codes == ["done"] * 8
    assert any(taken_back) is (can_be_taken_back and policy.images and policy.idle > 0)


def test_the_commands_would_find_it(tmp_path):
    """In an instance that was not taken back."""
    for name, (wasm, _) in LEFT.items():
        linked = link(load_components([(name, wasm)])[0], functions(), name)
        guest = Guest(config="{}", epoch=0, entropy=Entropy("x"), work=10**9, wasi=WasiState())
        instance = linked.instantiate(guest, Limits(10**9, 1 << 24, 10**8))
        assert instance.call("wasi:cli/run", "run", ()) == Finished(None)
        try:
            again = instance.call("wasi:cli/run", "run", ())
        except GuestTrap:
            continue
        assert again == Finished(Err(None)), name
