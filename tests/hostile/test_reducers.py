"""What a guest returns does not pass the gate: a reducer's state and messages, all at once."""

from __future__ import annotations

import pytest
from wasmtime import wat2wasm

from tests.hostile.attack import GUESTS, MIB, PEAK, attack, attacker
from wasm_engine.toolchain.componentize.outer import component
from wasm_engine.toolchain.componentize.wit import Contract

TRANSFER = 128 * MIB
"""What the engine copies out of a guest at once, at most."""


def reducer(state: int, messages: int, fill: str = "") -> str:
    """A core module: a state of so many bytes, and so many messages whose bodies are one text."""
    return f"""(module
  (import "env" "memory" (memory 200))
  (global (export "__heap_base") i32 (i32.const 1024))
  (data (i32.const 16) "evil")
  (func (export "wasm-engine:agent/reducer@0.1.0#reduce")
      (param i32 i32 i64 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64) (result i32)
    (local $i i32) (local $at i32)
    (memory.fill (i32.const 65536) (i32.const 97) (i32.const {max(state, 65536)}))
    (i32.store8 (i32.const 128) (i32.const 0))
    (i32.store (i32.const 132) (i32.const 65536))
    (i32.store (i32.const 136) (i32.const {state}))
    (i32.store (i32.const 140) (i32.const 6553600))
    (i32.store (i32.const 144) (i32.const {messages}))
    (if (i32.const {messages}) (then (loop $again
      (local.set $at (i32.add (i32.const 6553600) (i32.mul (local.get $i) (i32.const 28))))
      (i32.store (local.get $at) (i32.const 16))
      (i32.store offset=4 (local.get $at) (i32.const 4))
      (i32.store offset=8 (local.get $at) (i32.const 16))
      (i32.store offset=12 (local.get $at) (i32.const 4))
      (i32.store8 offset=16 (local.get $at) (i32.const 0))
      (i32.store offset=20 (local.get $at) (i32.const 65536))
      (i32.store offset=24 (local.get $at) (i32.const 65536))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const {messages}))))))
    {fill}
    (i32.const 128)))"""


@pytest.fixture
def play(tmp_path):
    """Runs a reducer among well-behaved agents."""
    wit = Contract((GUESTS.parent / "wit/wasm-engine-agent@0.1.0/agent.wit").read_text())
    (tmp_path / "testing").symlink_to(GUESTS / "testing")

    def run(text, **settings):
        core = bytes(wat2wasm(text))
        (tmp_path / "evil.wasm").write_bytes(component(core, wit, "pure-agent"))
        agents = {"evil": attacker("evil.wasm", memory=16 * MIB, **settings)}
        return attack([("evil", "any", "text")], agents, folder=tmp_path)

    return run


def test_one_that_behaves(play):
    found = play(reducer(10, 0))
    assert found.codes == ["done"]
    assert found.states["evil"] == {"state": "a" * 10}


@pytest.mark.parametrize(
    ("state", "messages", "codes"),
    [
        (6_000_000, 0, ["too-large"]),
        (4_000_000, 0, ["host-work"]),
        (10, 1_000, ["host-work"]),
        (10, 200_000, ["transfer"]),
    ],
)
def test_one_that_returns_too_much(play, state, messages, codes):
    found = play(reducer(state, messages), work=20_000_000, fuel=100_000_000)
    assert found.codes == codes
    assert found.states["evil"] == {}
    assert found.peak < 2 * TRANSFER + PEAK


def test_one_whose_answer_lies_beyond_its_memory(play):
    beyond = "(i32.store (i32.const 132) (i32.const -16))"
    assert play(reducer(100, 0, beyond)).codes == ["trap"]
    endless = "(i32.store (i32.const 144) (i32.const -1))"
    assert play(reducer(100, 1, endless)).codes == ["trap"]
