"""Submitted code by a typed import: a component that is linked to what runs it."""

from __future__ import annotations

import pytest

from tests.binding.components import wasm_of
from tests.hostile.test_python_agents import _home_with_the_interpreter  # noqa: F401
from tests.tools.components import _LIBC, _MEM, AGENT, HANDY, running, trace
from wasm_engine.agents.manifest import Tool
from wasm_engine.agents.submitted_code import Caps
from wasm_engine.agents.tools.submitted import offered_by
from wasm_engine.concepts.errors import BadComponent
from wasm_engine.world import assembly

ASKS = rf"""
(component $asks
  (import "wasm-engine:agent/types@0.1.0" (instance $types
    (type $is-fault (record (field "code" string) (field "detail" string)))
    (export "fault" (type $fault (eq $is-fault)))))
  (alias export $types "fault" (type $fault))
  (import "wasm-engine:code/runner@0.1.0" (instance $runner
    (alias outer $asks $fault (type $outer-fault))
    (export "fault" (type $f (eq $outer-fault)))
    (type $is-outcome (record (field "value" string) (field "printed" string)))
    (export "outcome" (type $outcome (eq $is-outcome)))
    (export "run" (func (param "source" string) (param "input" string)
      (result (result $outcome (error $f)))))))
  {_LIBC}
  (alias export $runner "run" (func $run))
  (core func $lowered (canon lower (func $run) {_MEM}))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "host" "run" (func $run (param i32 i32 i32 i32 i32)))
    (func (export "size") (param i32 i32) (result i32)
      (call $run (local.get 0) (local.get 1) (i32.const 0) (i32.const 0) (i32.const 64))
      (i32.add (i32.mul (i32.load8_u (i32.const 64)) (i32.const -1000))
               (i32.load (i32.const 72)))))
  (core instance $i (instantiate $m (with "libc" (instance $libc))
    (with "host" (instance (export "run" (func $lowered))))))
  (func $size (param "source" string) (result s32) (canon lift (core func $i "size") {_MEM}))
  (instance $api (export "size" (func $size)))
  (export "test:asks/api@1.0.0" (instance $api)))
"""
"""`size` answers how long the value is; 1,000 less than the length of its code if it is a fault."""


@pytest.mark.usefixtures("_home_with_the_interpreter")
def test_a_component_that_imports_the_runner_is_linked_to_the_tool(tmp_path):
    (tmp_path / "asks.wasm").write_bytes(wasm_of(ASKS))
    (tmp_path / "handy.wasm").write_bytes(HANDY)
    world = {
        "agents": {"a": {**AGENT, "tools": ["asks"]}},
        "tools": {
            "asks": {"component": "asks.wasm", "link": ["python"]},
            "python": {"language": "python"},
        },
    }
    sources = ["'abc'", "1 / 0", f"'x' * {Caps().value}", "import os; os._exit(1)"]
    body = "\n".join(f'asks.size {{"source": "{it}"}}' for it in sources)
    with running(tmp_path, world, body) as run:
        lengths = [len('"abc"'), *(len(it) - 1000 for it in ("raised", "too-large", "tool-failed"))]
        assert trace(run) == list(map(str, lengths))


@pytest.mark.usefixtures("_home_with_the_interpreter")
def test_an_interpreter_that_runs_no_submitted_code_is_said_to_be_none():
    (component,) = assembly.load_components([("handy", HANDY)])
    with pytest.raises(BadComponent, match="the tool js: this interpreter runs no") as refused:
        offered_by(Tool("js", language="javascript"), component, HANDY)
    assert refused.value.hint == "wasm-engine interpreter build --language javascript"
