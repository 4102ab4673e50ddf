"""Components that ask the engine for too much: tables, memories, instances, handles, time."""

from __future__ import annotations

import pytest

from tests.hostile import commands, footprint
from tests.hostile.attack import GUESTS, MIB, PEAK, attack, attacker, manifest
from wasm_engine.concepts.errors import BadComponent
from wasm_engine.runtime._wasmtime.compile import CompileLimits, Compiler
from wasm_engine.world import World, assembly

TABLES = 128 * MIB
"""What the tables of one guest may take beside its memory."""


@pytest.fixture
def play(tmp_path):
    """Runs a command among well-behaved agents."""
    (tmp_path / "testing").symlink_to(GUESTS / "testing")

    def run(wasm, **settings):
        (tmp_path / "evil.wasm").write_bytes(wasm)
        agents = {"evil": attacker("evil.wasm", **settings)}
        return attack([("evil", "any", "text")], agents, folder=tmp_path)

    return run


def test_many_memories_share_the_limit_of_one(play):
    found = play(commands.MANY_MEMORIES, memory=16 * MIB)
    assert found.codes == ["done"]
    assert found.peak < 24 * MIB


def test_many_tables_are_bounded_too(play):
    found = play(commands.MANY_TABLES, fuel=500_000_000)
    assert found.codes == ["done"]
    assert found.peak < TABLES + PEAK


@pytest.mark.parametrize(
    ("wasm", "code"),
    [
        ("TOO_MANY_MEMORIES", "memory"),
        ("HUGE_MEMORY", "memory"),
        ("TOO_MANY_TABLES", "table"),
        ("HUGE_TABLE", "table"),
        ("MANY_INSTANCES", "instances"),
        ("POLL", "host-work"),
        ("POLL_SAME", "trap"),
        ("FORGED_HANDLES", "trap"),
        ("DROPPED_TWICE", "trap"),
        ("RANDOM_AT_ONCE", "entropy"),
        ("RANDOM_AGAIN", "host-work"),
        ("SLEEP", "stuck"),
        ("NAP", "done"),
    ],
)
def test_what_it_asks_for_is_refused_by_name(play, wasm, code):
    found = play(getattr(commands, wasm))
    assert found.codes == [code]
    assert found.peak < PEAK
    assert found.journal < 2 * MIB


def test_handles_run_out_before_the_host_does(play):
    found = play(commands.HANDLES, work=2_000_000_000)
    assert found.codes == ["handles"]
    assert found.peak < PEAK


def compile_bomb() -> bytes:
    """Quick to read, endless to compile: thousands of loops over thousands of live variables."""
    variables, loops = 2_000, 4_000
    steps = "".join(
        f"(loop (local.set {n * 7 % variables} (i32.add (local.get {n % variables}) (i32.const 1)))"
        "(br_if 0 (i32.const 0)))"
        for n in range(loops)
    )
    locals_ = "i32 " * variables
    return commands.command(
        f"""(core module $m
          (func (export "run") (result i32) (local {locals_}) {steps} (i32.const 0)))
        (core instance $main (instantiate $m))"""
    )


def test_a_compile_bomb_is_refused_by_name_and_burns_a_child(monkeypatch, tmp_path):
    tight = Compiler(assembly.engine(), None, CompileLimits(400 * MIB, cpu_seconds=10))
    monkeypatch.setattr(assembly, "compiler", lambda: tight)
    (tmp_path / "testing").symlink_to(GUESTS / "testing")
    (tmp_path / "evil.wasm").write_bytes(compile_bomb())
    with footprint.peak() as peak, pytest.raises(BadComponent, match=r"evil\.wasm: too costly"):
        World.from_mapping(manifest({"evil": attacker("evil.wasm")}), tmp_path)
    assert peak.extra < 32 * MIB
