"""Bytes become components in a limited child; what is none, or too costly, is refused by name."""

from __future__ import annotations

import io
import resource
import sys

import pytest

from tests.binding.components import (
    ENGINE,
    GUEST,
    MIB,
    PLENTY,
    RUN,
    HostGuest,
    call,
    component_of,
    guest,
    link,
    load,
    wasm_of,
)
from wasm_engine.concepts.errors import BadComponent, HostFault
from wasm_engine.host.child import ChildLimits, run_limited
from wasm_engine.runtime._wasmtime import compile_child, introspect
from wasm_engine.runtime._wasmtime.compile import CompileLimits, Compiler

NOTHING = "(component)"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\0asm\x0d", "cut short"),
        (b"#!/bin/sh\n", "not a WebAssembly component"),
        (b"\x7fELF\2\1\1" + bytes(100), "not a WebAssembly component"),
        (b"\0asm\1\0\0\0", "a core WebAssembly module; a component is needed"),
        (b"\0asm\x0e\0\1\0", "unknown version (0e000100)"),
        (b"  (component)", "WebAssembly text"),
        (b"(module)", "WebAssembly text"),
    ],
)
def test_what_is_no_component_is_told_so(data, says):
    with pytest.raises(BadComponent) as refused:
        load(data)
    assert str(refused.value).startswith("guest.wasm: ")
    assert says in str(refused.value)


def test_a_component_cut_anywhere_is_refused():
    wasm = wasm_of(GUEST)
    for length in (9, 20, 100, len(wasm) // 2, len(wasm) - 1):
        with pytest.raises(BadComponent, match=r"guest\.wasm: "):
            load(wasm[:length])


def test_a_damaged_component_is_refused_or_another_component():
    wasm = bytearray(wasm_of(GUEST))
    wasm[len(wasm) // 3] ^= 0xFF
    with pytest.raises(BadComponent):
        load(bytes(wasm))


def test_a_component_that_is_too_large_is_refused():
    with pytest.raises(BadComponent, match="too large: 8,000,000 bytes; 1,048,576 are allowed"):
        load(wasm_of(NOTHING) + bytes(8_000_000 - 8), CompileLimits(wasm_size=MIB))


def test_the_offender_is_named_among_many():
    good, bad = wasm_of(NOTHING), wasm_of("(component (core module (memory 1 1 shared)))")
    with pytest.raises(BadComponent, match="second: needs threads"):
        Compiler(ENGINE).load_many([("first", good), ("second", bad), ("third", good)])


def test_many_are_compiled_in_one_go_and_each_once():
    told = []
    wats = [f"(component (core module (global i32 (i32.const {n}))))" for n in range(3)]
    wasms = [(f"c{n}", wasm_of(wat)) for n, wat in enumerate(wats)]
    loaded = Compiler(ENGINE).load_many([*wasms, ("again", wasms[0][1])], told.append)
    assert told == ["c0", "c1", "c2"]
    assert loaded[3] is loaded[0]
    assert len({component.digest for component in loaded}) == 3
    assert loaded[0].size == len(wasms[0][1])


def leb(n):
    out = b""
    while True:
        out += bytes([n & 127 | (128 if n > 127 else 0)])
        n >>= 7
        if not n:
            return out


def bomb(n=4000):
    """Small to read, enormous to compile: loops over thousands of live variables."""
    loops = b"".join(
        b"\x03\x40\x20" + leb(k % 2000) + b"\x41\x01\x6a\x21" + leb(k * 7 % 2000)
        + b"\x41\x00\x0d\x00\x0b"
        for k in range(n)
    )  # fmt: skip
    body = leb(1) + leb(2000) + b"\x7f" + loops + b"\x41\x00\x0b"
    code = b"\1" + leb(len(body)) + body
    module = b"\0asm\1\0\0\0\1\5\1\x60\0\1\x7f\3\2\1\0\x0a" + leb(len(code)) + code
    return b"\0asm\x0d\0\1\0\1" + leb(len(module)) + module


def test_one_that_is_in_use_is_not_loaded_again():
    compiler, told = Compiler(ENGINE), []
    (first,) = compiler.load_many([("a", wasm_of(GUEST))], told.append)
    assert compiler.load_many([("b", wasm_of(GUEST))], told.append)[0] is first
    del first
    compiler.load_many([("c", wasm_of(GUEST))], told.append)
    assert told == ["a", "c"]


def test_a_component_that_is_too_costly_to_compile_is_refused_by_name():
    tight = CompileLimits(address_space=400 * MIB, cpu_seconds=20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    compiler = Compiler(ENGINE, limits=tight)
    with pytest.raises(BadComponent, match="bomb: too costly to compile") as refused:
        compiler.load_many(
            [("good", wasm_of(GUEST)), ("bomb", bomb()), ("nothing", wasm_of(NOTHING))]
        )
    assert "400 MiB" in str(refused.value)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024
    assert call(guest(), RUN, "number", 1) == 2


def test_a_component_that_takes_too_long_to_compile_is_refused():
    with pytest.raises(BadComponent, match=r"too costly to compile .*ended by SIG"):
        load(bomb(8000), CompileLimits(cpu_seconds=1))


def test_code_that_grows_too_large_is_refused():
    with pytest.raises(BadComponent, match="too costly to compile"):
        load(wasm_of(GUEST), CompileLimits(code_size=4096))


def test_a_type_with_too_many_parts_is_refused():
    types = ["(type $t0 u8)"] + [
        f"(type $t{n} (tuple {' '.join([f'$t{n - 1}'] * 10)}))" for n in range(1, 6)
    ]
    wat = f'(component {"".join(types)} (import "f" (func (param "x" $t5))))'
    with pytest.raises(BadComponent, match=r"more than 100000 parts|too large|too many"):
        load(wasm_of(wat))


def nested(depth):
    """Definitions of a list so many times nested, and its name."""
    lists = "".join(f"(type $t{n + 1} (list $t{n}))" for n in range(depth))
    return f"(type $t0 u8) {lists}", f"$t{depth}"


def test_types_are_read_to_the_depth_that_is_allowed():
    def component(depth):
        types, name = nested(depth)
        return f'(component {types} (import "f" (func (param "x" {name}))))'

    ty = component_of(component(introspect.MAX_DEPTH)).imports[""].functions["f"]
    assert str(ty).count("list<") == introspect.MAX_DEPTH
    for depth in (introspect.MAX_DEPTH + 1, 150, 2000):
        with pytest.raises(BadComponent, match=r"guest\.wasm: .*nest"):
            load(wasm_of(component(depth)))


def test_values_are_lifted_and_lowered_to_the_depth_that_is_allowed():
    """A decoder attack: the deepest value that a type allows, both ways, on a fiber."""
    depth = introspect.MAX_DEPTH
    types, ty = nested(depth)
    wat = f"""(component {types}
      (import "f" (func $f (param "x" {ty}) (result {ty})))
      (core module $mem (memory (export "m") 1)
        (func (export "r") (param i32 i32 i32 i32) (result i32) (i32.const 4096)))
      (core instance $mi (instantiate $mem))
      (alias core export $mi "m" (core memory $m)) (alias core export $mi "r" (core func $r))
      (core func $cf (canon lower (func $f) (memory $m) (realloc $r)))
      (core module $c (import "" "m" (memory 1)) (import "" "f" (func $f (param i32 i32 i32)))
        (func (export "g")
          ;; a list of one, which is itself: as deep as the type goes
          (i32.store (i32.const 16) (i32.const 16)) (i32.store (i32.const 20) (i32.const 1))
          (call $f (i32.const 16) (i32.const 1) (i32.const 64))))
      (core instance $i (instantiate $c (with "" (instance
        (export "m" (memory $m)) (export "f" (func $cf))))))
      (func (export "g") (canon lift (core func $i "g"))))"""
    seen = []

    def deepest(_, value):
        seen.append(value)
        return value

    instance = link(component_of(wat), {"f": deepest}, set()).instantiate(HostGuest(), PLENTY)
    call(instance, "", "g")
    value, levels = seen[0], 1
    while isinstance(value, list):
        value, levels = value[0], levels + 1
    assert levels == depth


def test_one_call_carries_a_bounded_amount():
    """A list<u8> takes 48 bytes a byte on its way in: the library bounds what one call may."""
    wat = """(component
      (import "f" (func $f (param "x" (list u8))))
      (core module $mem (memory (export "m") 600)) (core instance $mi (instantiate $mem))
      (alias core export $mi "m" (core memory $m))
      (core func $cf (canon lower (func $f) (memory $m)))
      (core module $c (import "" "f" (func $f (param i32 i32)))
        (func (export "g") (call $f (i32.const 0) (i32.const 33000000))))
      (core instance $i (instantiate $c (with "" (instance (export "f" (func $cf))))))
      (func (export "g") (canon lift (core func $i "g"))))"""
    instance = link(component_of(wat), {}, set()).instantiate(HostGuest(), PLENTY)
    with pytest.raises(Exception, match="transfer") as refused:
        call(instance, "", "g")
    assert refused.value.code == "transfer"


def test_what_cannot_be_a_value_is_refused():
    wat = '(component (import "m" (core module)))'
    with pytest.raises(BadComponent, match=r"guest\.wasm: imports a core module as a value"):
        load(wasm_of(wat))


def test_a_child_has_no_more_than_it_was_given():
    limits = ChildLimits(address_space=256 * MIB, cpu_seconds=1, file_size=4096)
    done = run_limited(
        ["/bin/sh", "-c", "cat; ulimit -v; ulimit -t; ulimit -f; ulimit -c; echo $HOME$SECRET"],
        stdin=b"hello\n",
        limits=limits,
        environment={"PATH": "/bin:/usr/bin"},
    )
    lines = done.output.decode().splitlines()
    assert lines[:3] == ["hello", str(256 * 1024), "1"]
    assert lines[4:] == ["0", ""]
    killed = run_limited(
        ["/bin/sh", "-c", "read x; while :; do :; done"],
        stdin=b"go\n",
        limits=limits,
        environment={},
    )
    assert killed.signal_name in ("SIGXCPU", "SIGKILL")
    with pytest.raises(HostFault, match="cannot start"):
        run_limited(["/nowhere"], stdin=b"", limits=limits, environment={})


@pytest.mark.parametrize("told", [b"", b"3 100\n"])
def test_a_child_whose_parent_was_killed_ends(monkeypatch, told):
    """It may have no limits yet: it must not wait for more, nor gather what never comes."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(told)))
    compile_child.main()
