"""The engine profile is an allow-list: every switch was decided, and the decisions hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from wasmtime import Config

from tests.binding.components import PLENTY, HostGuest, call, component_of, link, load, wasm_of
from wasm_engine.concepts.errors import BadComponent
from wasm_engine.runtime._wasmtime import library, profile
from wasm_engine.runtime._wasmtime.engine import Engine


def test_every_switch_of_the_library_is_decided():
    data = Path(library.PATH).read_bytes()
    symbols = {name.decode() for name in re.findall(rb"\0wasmtime_config_(\w+)(?=\0)", data)}
    switches = {name.removesuffix("_set") for name in symbols}
    assert len(switches) > 50, "the symbols are looked for in the wrong way"
    assert switches - profile.SWITCHES.keys() - profile.LEFT.keys() == set(), "decide these"
    assert profile.SWITCHES.keys() - switches == set(), "these are gone"
    assert profile.SWITCHES.keys() & profile.LEFT.keys() == set()


def test_every_setter_of_the_python_package_is_decided():
    setters = {name for name in vars(Config) if not name.startswith("_")}
    renamed = {"cache": "cache_config_load", "cranelift_flag_set": "cranelift_flag"}
    names = {renamed.get(name, name) for name in setters} - {"ptr"}
    assert names - profile.SWITCHES.keys() - profile.LEFT.keys() == set(), "decide these"


def test_proposals_are_off_unless_they_are_in_the_allow_list():
    allowed = {
        "wasm_bulk_memory",
        "wasm_multi_value",
        "wasm_reference_types",
        "wasm_simd",
        "wasm_tail_call",
        "wasm_component_model",
    }
    proposals = {n for n in profile.SWITCHES if n.startswith("wasm_")} | {"shared_memory"}
    assert {n for n in proposals if profile.SWITCHES[n][1]} == allowed
    assert profile.SWITCHES["concurrency_support"][1] == 0
    assert profile.SWITCHES["async_stack_size"][1] >= 16 << 20


def test_the_profile_is_data_for_the_fingerprint():
    assert Engine.PROFILE["target"] == profile.TARGET != ""
    assert Engine.VERSION.split(".")[0].isdigit()
    assert profile.fingerprint() == profile.fingerprint()


REFUSED = {
    "threads": "(core module (memory 1 1 shared))",
    "garbage collection": "(core module (type (struct (field i32))))",
    "exceptions": "(core module (tag (param i32)))",
    "memory64": "(core module (memory i64 1))",
    "multi-memory": "(core module (memory 1) (memory 1))",
    "custom page sizes": "(core module (memory 1 (pagesize 1)))",
    "relaxed SIMD": "(core module (func (param v128 v128 v128) (result v128)"
    " (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2))))",
    "wide arithmetic": "(core module (func (param i64 i64) (result i64 i64)"
    " (i64.mul_wide_s (local.get 0) (local.get 1))))",
    "component-model async": '(type $s (stream u8)) (import "f" (func (param "x" $s)))',
    "component-model maps": '(import "f" (func (param "x" (map string u8))))',
    "fixed-length lists": '(import "f" (func (param "x" (list u8 4))))',
}


@pytest.mark.parametrize("proposal", REFUSED)
def test_a_component_that_needs_a_proposal_that_is_off_is_told_so(proposal):
    with pytest.raises(BadComponent) as refused:
        load(wasm_of(f"(component {REFUSED[proposal]})"))
    assert str(refused.value).startswith("guest.wasm: ")
    assert proposal in str(refused.value)


ALLOWED = {
    "SIMD": '(func (export "f") (result i32) (i32x4.extract_lane 1 (i32x4.splat (i32.const 7))))',
    "tail calls": "(func $g (result i32) (i32.const 7))"
    ' (func (export "f") (result i32) (return_call $g))',
    "multi-value": "(func $g (result i32 i32) (i32.const 7) (i32.const 3))"
    ' (func (export "f") (result i32) (call $g) drop)',
    "bulk memory": '(memory 1) (func (export "f") (result i32)'
    " (memory.fill (i32.const 0) (i32.const 7) (i32.const 1)) (i32.load (i32.const 0)))",
    "sign extension": '(func (export "f") (result i32) (i32.extend8_s (i32.const 7)))',
    "saturating conversion": '(func (export "f") (result i32)'
    " (i32.trunc_sat_f32_s (f32.const 7.5)))",
}


@pytest.mark.parametrize("proposal", ALLOWED)
def test_what_is_allowed_runs(proposal):
    wat = f"""(component (core module $m {ALLOWED[proposal]})
      (core instance $i (instantiate $m))
      (func (export "f") (result u32) (canon lift (core func $i "f"))))"""
    instance = link(component_of(wat), {}, set()).instantiate(HostGuest(), PLENTY)
    assert call(instance, "", "f") == 7


def test_nan_has_one_pattern():
    wat = """(component (core module $m
        (func (export "f") (param i64) (result i64)
          (i64.reinterpret_f64 (f64.add (f64.reinterpret_i64 (local.get 0)) (f64.const 1)))))
      (core instance $i (instantiate $m))
      (func (export "f") (param "n" u64) (result u64) (canon lift (core func $i "f"))))"""
    instance = link(component_of(wat), {}, set()).instantiate(HostGuest(), PLENTY)
    assert call(instance, "", "f", 0x7FF8_DEAD_0000_BEEF) == 0x7FF8_0000_0000_0000
    assert call(instance, "", "f", 0xFFF8_0000_0000_0001) == 0x7FF8_0000_0000_0000
