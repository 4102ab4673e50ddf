"""Types that the interpreter binds, held against a component that takes and gives each."""

from __future__ import annotations

import shutil

import pytest

from tests.binding.components import wasm_of
from wasm_engine import World
from wasm_engine.host import places
from wasm_engine.orchestrator.execution import Until
from wasm_engine.toolchain.javascript.engine import quickjs
from wasm_engine.toolchain.javascript.guest import build_javascript_guest, with_agent
from wasm_engine.toolchain.javascript.shapes import Shapes, definition_text, function_text
from wasm_engine.toolchain.javascript.sources import javascript_sources
from wasm_engine.toolchain.javascript.wit import Packages

NAMES = [f"p{n}" for n in range(17)]
WIT = f"""
package test:kinds@1.0.0;

interface kinds {{
  variant number {{ single(f32), double(f64), long(s64), text(string), none }}
  sum: func(a: f32, b: f64, c: s8, d: option<f32>) -> f64;
  half: func(of: f32) -> f32;
  bits: func(of: number) -> u64;
  many: func({", ".join(f"{name}: f64" for name in NAMES)}) -> f64;
  back: func(all: list<f64>, which: number) -> tuple<list<f64>, number>;
}}
"""
CORE = """
  (core module $m
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $next (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get 3))))
    (func (export "sum") (param f32 f64 i32 i32 f32) (result f64)
      (f64.add (f64.add (f64.promote_f32 (local.get 0)) (local.get 1))
        (f64.add (f64.convert_i32_s (local.get 2))
          (if (result f64) (local.get 3)
            (then (f64.promote_f32 (local.get 4))) (else (f64.const 1000))))))
    (func (export "half") (param f32) (result f32) (f32.mul (local.get 0) (f32.const 0.5)))
    (func (export "bits") (param i32 i64 i32) (result i64) (local.get 1))
    (func (export "many") (param $at i32) (result f64) (local $sum f64) (local $n i32)
      (loop $next
        (local.set $sum (f64.add (local.get $sum)
          (f64.load (i32.add (local.get $at) (i32.mul (local.get $n) (i32.const 8))))))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $n) (i32.const 17))))
      (local.get $sum))
    (func (export "back") (param i32 i32 i32 i64 i32) (result i32)
      (i32.store offset=16 (i32.const 0) (local.get 0))
      (i32.store offset=20 (i32.const 0) (local.get 1))
      (i64.store8 offset=24 (i32.const 0) (i64.extend_i32_u (local.get 2)))
      (i64.store offset=32 (i32.const 0) (local.get 3))
      (if (i32.eq (local.get 2) (i32.const 3))
        (then (i32.store offset=36 (i32.const 0) (local.get 4))))
      (i32.const 16)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))
"""
AGENT = """
import { kinds, log, on } from "wasm-agent";
on("go", () => {
  log.info(kinds.sum(1.5, 0.1, -8, 0.25), kinds.sum(1.5, 0.1, 127, null), kinds.half(0.1));
  const bits = [["single", 1.5], ["double", -0.1], ["long", -5n], ["none"]];
  log.info(bits.map(([tag, val]) => kinds.bits({ tag, val })));
  log.info(kinds.many(...Array.from({ length: 17 }, (_, n) => n + 0.5)));
  const given = [[1.5, 2], Float64Array.of(0.1), new Float64Array([9, 8, 7]).subarray(1), []];
  const most = [["long", -(2n ** 63n)], ["text", "é"], ["none"]];
  for (const [n, [tag, val]] of [["single", 0.5], ["double", -0.1], ...most].entries()) {
    const [all, which] = kinds.back(given[n % 4], { tag, val });
    log.info(all.constructor.name, all.join(), which.tag, which.val);
  }
  try {
    kinds.bits({ tag: "other" });
  } catch (error) {
    log.info(error.name, error.message);
  }
});
"""
SAID = [
    "-6.15 1128.6 0.05000000074505806",
    "[1069547520n, 13815242216921733530n, 18446744073709551611n, 0n]",
    "144.5",
    "Float64Array 1.5,2 single 0.5",
    "Float64Array 0.1 double -0.1",
    "Float64Array 8,7 long -9223372036854775808n",
    "Float64Array  text é",
    "Float64Array 1.5,2 none null",
    "TypeError other is none of single, double, long, text, none",
]


def kinds():
    """The interface, read."""
    packages = Packages([[WIT]])
    return packages, packages.interfaces["test:kinds/kinds@1.0.0"]


def provider():
    """The component that exports it, written with the types that were read."""
    _, found = kinds()
    number = definition_text(found.types["number"])
    texts = {name: function_text(function) for name, function in found.functions.items()}
    shape = '(import "number" (type $number (eq $is))) (export $public "number" (type $number))'
    lifted = given = ""
    for name, text in texts.items():
        lifted += f'(func $lift-{name} {text} (canon lift (core func $i "{name}") (memory $memory)'
        lifted += " (realloc (core func $realloc))))\n"
        given += f'(with "{name}" (func $lift-{name}))\n'
        shape += f'(import "{name}" (func $in-{name} {text}))\n'
        public = text.replace("$number", "$public")
        shape += f'(export "{name}" (func $in-{name}) (func {public}))\n'
    return wasm_of(
        f"(component {CORE} (type $number {number}) {lifted}"
        f"(component $shape (type $is {number}) {shape})"
        f'(instance $it (instantiate $shape (with "number" (type $number)) {given}))'
        '(export "test:kinds/kinds@1.0.0" (instance $it)))'
    )


@pytest.fixture(scope="module")
def bound(tmp_path_factory):
    """Sources of an interpreter that imports the interface, too, and gives it to agents."""
    folder = tmp_path_factory.mktemp("sources")
    ours = javascript_sources()
    sources = ours._replace(sdk=folder / "sdk", interpreter=folder / "interpreter")
    shutil.copytree(ours.sdk, sources.sdk)
    shutil.copytree(ours.interpreter, sources.interpreter)
    (sources.interpreter / "wasi/kinds.wit").write_text(WIT)
    world = sources.interpreter / "world.wit"
    more = "  import test:kinds/kinds@1.0.0;\n  export"
    world.write_text(world.read_text().replace("  export", more))
    with (sources.sdk / "index.js").open("a") as index:
        index.write('export const kinds = host["kinds/kinds"];\n')
    return sources


def test_parameters_that_are_too_many_lie_in_memory_and_floats_are_passed_as_such():
    packages, found = kinds()
    shapes = Shapes(packages, found)
    signatures = {name: shapes.signature(it) for name, it in found.functions.items()}
    assert signatures == {
        "sum": (["f32", "f64", "i32", "i32", "f32"], "f64", False),
        "half": (["f32"], "f32", False),
        "bits": (["i32", "i64", "i32"], "i64", False),
        "many": (["i32"], "f64", False),
        "back": (["i32", "i32", "i32", "i64", "i32", "i32"], None, True),
    }


def test_numbers_variants_and_lists_cross_as_the_canonical_abi_has_them(bound, tmp_path):
    kept = places.data_folder() / "interpreters"
    interpreter = build_javascript_guest(bound, lambda: quickjs(bound.npm(), kept, print))
    (tmp_path / "agent.wasm").write_bytes(with_agent(interpreter, bound, "agent.js", AGENT))
    (tmp_path / "kinds.wasm").write_bytes(provider())
    tables = {
        "agents": {"a": {"source": "agent.wasm", "link": ["kinds"]}},
        "tools": {"kinds": {"component": "kinds.wasm"}},
    }
    said = []
    with World.from_mapping(tables, tmp_path).begin(inputs=[("a", "go", ("text", ""))]) as run:
        run.execution.scheduler.observe = lambda ran: said.extend(
            text for it in ran for _, text in it.part.logs
        )
        run.execution.go(Until())
    assert said == SAID
