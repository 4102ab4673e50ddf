"""Why instances of a component cannot be kept, found in its bytes."""

from __future__ import annotations

import pytest
import wasmtime

from tests.binding.rewriting import Kept, compiled, mapping, of, rewritten, seen


def around(module: str, more: str = "") -> bytes:
    return of(f"(component (core module $m {module}) (core instance $i (instantiate $m)) {more})")


TABLE = '(table (export "t") 4 funcref) (elem $e func $f) (func $f)'
# What else a function does, before that; all of it harmless.
BEFORE = """
  (block $x (result i32) (br_table $x $x (i32.const 1) (i32.const 0)))
  (br_if 0 (i32.const 300)) (br_table 0 0 0 0 0 0 0 0 0 0 0 0 (i32.const 5)) (drop)
"""
CHANGES = {
    "table.set": "(table.set (i32.const 0) (ref.null func))",
    "table.grow": "(drop (table.grow (ref.null func) (i32.const 1)))",
    "table.fill": "(table.fill (i32.const 0) (ref.null func) (i32.const 1))",
    "table.copy": "(table.copy (i32.const 0) (i32.const 1) (i32.const 1))",
    "table.init": "(table.init $e (i32.const 0) (i32.const 0) (i32.const 1))",
}


@pytest.mark.parametrize("change", CHANGES)
def test_tables_that_change(change):
    imported = '(import "a" "b" (func (param i32)))'
    module = f"{imported} {TABLE} (func {BEFORE} {CHANGES[change]})"
    text = f"(core module $m {module}) (core module $n) (core instance (instantiate $n))"
    found = rewritten(of(f"(component {text})"))
    expected = f"it changes its tables ({change}): module 0, function 2"
    assert (found.capture, found.rollback) == (expected, expected)
    assert found.wasm == of(f"(component {text})")


def test_tables_that_do_not():
    calls = "(call_indirect (i32.const 0)) (drop (table.get (i32.const 0))) (drop (table.size))"
    found = rewritten(around(f"{TABLE} (func {calls} (elem.drop $e))"))
    assert (found.capture, found.rollback) == ("", "")


DATA = '(memory 1) (data $p "passive") (data $a (i32.const 0) "active")'
READ_PASSIVE = "(memory.init $p (i32.const 0) (i32.const 0) (i32.const 1))"
READ_ACTIVE = "(memory.init $a (i32.const 0) (i32.const 0) (i32.const 1))"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (READ_PASSIVE, ""),
        ("(data.drop $p)", ""),
        (READ_ACTIVE + "(data.drop $a)", ""),
        (READ_PASSIVE + "(data.drop $a)", ""),
        (READ_ACTIVE + "(data.drop $p)", ""),
        (READ_PASSIVE + "(data.drop $p)", "it reads and drops data segments"),
    ],
)
def test_data_segments(body, reason):
    found = rewritten(around(f"{DATA} (func) (func {body})"))
    assert found.capture == found.rollback
    assert found.capture == reason + (": module 0, function 1" if reason else "")


def test_a_segment_that_was_copied_is_gone():
    """Also in an instance that is made again, where nothing has been copied."""
    code = f'(func (export "f") {READ_ACTIVE}) (func (export "g") {READ_PASSIVE})'
    lifted = (
        '(func (export "f") (canon lift (core func $i "f")))',
        '(func (export "g") (canon lift (core func $i "g")))',
    )
    wasm = around(f"{DATA} {code}", " ".join(lifted))
    for it in (Kept(wasm), Kept.begun(wasm), Kept.begun(wasm).again(wasm)):
        it.call("g")
        with pytest.raises(wasmtime.WasmtimeError):
            it.call("f")


OURS = """
(component
  (core module $a (global (export "{exported}") (mut i32) (i32.const 1)))
  (core module $b (import "a" "{imported}" (global (mut i32))))
  (core instance $a (instantiate $a))
  {alias}
  (core instance $b (instantiate $b (with "a" (instance $a)))))
"""


@pytest.mark.parametrize("imported", ["g", "we.g0"])
@pytest.mark.parametrize("alias", ["", '(alias core export $a "we.g0" (core global $g))'])
def test_names_that_are_added_are_found_by_nobody(imported, alias):
    """A component that was refused for a name that there was not is refused still."""
    wasm = of(OURS.format(exported="g", imported="g", alias=""))
    compiled(seen().engine, rewritten(wasm).wasm)
    for ours in (rewritten(of_unchecked(imported, alias)).wasm, of_unchecked(imported, alias)):
        if imported == "g" and not alias:
            compiled(seen().engine, ours)
        else:
            with pytest.raises(wasmtime.WasmtimeError):
                compiled(seen().engine, ours)


def of_unchecked(imported: str, alias: str) -> bytes:
    return of(OURS.format(exported="g", imported=imported, alias=alias))


def test_a_global_that_holds_a_reference():
    found = rewritten(around("(global funcref (ref.null func)) (global (mut i32) (i32.const 0))"))
    assert found.capture == found.rollback == ""
    found = rewritten(around("(global (mut funcref) (ref.null func))"))
    assert found.capture == found.rollback == "a mutable reference global: module 0"


RESOURCE = "(type $r (resource (rep i32)))"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (RESOURCE, "it defines resources"),
        (f"(component {RESOURCE})", "it defines resources"),
        ("(component (core module))", "nested components with code of their own"),
        (
            "(component $c (component (core module $m) (core instance (instantiate $m))))"
            "(instance (instantiate $c))",
            "nested components with code of their own",
        ),
        (
            "(core module $m) (component (alias outer 1 $m (core module)))",
            "nested components with code of their own",
        ),
        ('(core module $m) (export "m" (core module $m))', "core modules pass its border"),
        ('(import "m" (core module))', "core modules pass its border"),
        (
            '(core module $m (func (export "we.begin")))',
            "its core modules have names that begin with we.",
        ),
    ],
)
def test_what_a_component_is_made_of(text, reason):
    wasm = of(f"(component {text})")
    found = rewritten(wasm)
    assert (found.capture, found.rollback) == (reason, reason)
    assert found.wasm == wasm


def test_nested_components_without_code_do_no_harm():
    text = """(component
      (core module $m (func (export "f") (param i32)))
      (core instance $m (instantiate $m))
      (func $f (param "x" u32) (canon lift (core func $m "f")))
      (component $c
        (import "f" (func $f (param "x" u32)))
        (component $d (type $t (enum "a" "b")) (export "t" (type $t)))
        (instance $d (instantiate $d))
        (export "f" (func $f)) (export "d" (instance $d)))
      (instance $i (instantiate $c (with "f" (func $f))))
      (export "test:a/b" (instance $i)))"""
    found = rewritten(of(text))
    assert (found.capture, found.rollback) == ("", "")
    compiled(seen().engine, found.wasm)


def test_memory_that_was_mapped_is_not_charged_for_where_nothing_can_be_kept():
    """As all memories are copied now, also those of components that stay as they are."""
    big = '(memory 40) (data (i32.const 9) "0123456789") (data (i32.const 2000000) "x")'
    wasm = around(f"{big} (table 1 funcref) (func {CHANGES['table.set']})")
    found = rewritten(wasm)
    assert found.rollback
    assert found.surplus == Kept(wasm).used - Kept(wasm, engine=mapping()).used == 14


@pytest.mark.parametrize(
    ("text", "fuel"),
    [
        ('(memory 1) (data (i32.const 0) "abc")', 0),
        ('(memory 1) (data (i32.const 0) "abc") (data "passive") (data (i32.const 9) "")', 0),
        ('(memory 600) (data (i32.const 0) "abc") (data (i32.const 16777214) "x")', 0),
        ('(memory 600) (data (i32.const 0) "abc") (data (i32.const 16777215) "x")', 7),
        ('(memory 1) (data (i32.const 65536) "")', 0),
        ('(memory 1) (start 0) (func) (data (i32.const 0) "abc")', 3),
        ('(memory 1) (start 0) (func) (data (i32.add (i32.const 0) (i32.const 1)) "abc")', 9),
        ("(memory 1) (table 2 funcref) (elem (i32.const 0) 0) (func)", 0),
    ],
)
def test_what_a_beginning_took_is_known(text, fuel):
    assert Kept(around(text), engine=mapping()).used == fuel
    assert Kept.begun(around(text)).used == fuel
