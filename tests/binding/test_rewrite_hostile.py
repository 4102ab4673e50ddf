"""Bytes that somebody made up: rewriting never raises, never hangs, makes nothing valid."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
import wasmtime
from hypothesis import given, settings
from wasmtime import component as wit

from tests.binding.rewriting import compiled, of, rewritten, seen
from tests.binding.test_rewrite import COMPONENTS, COUNTER, SHARING
from tests.binding.test_rewrite_handles import HOLDER
from tests.guests.stock_world import GUESTS
from wasm_engine.runtime._wasmtime.rewrite import rewrite

TEXTS = [*COMPONENTS.values(), HOLDER]
MAGIC, CORE = b"\0asm\x0d\0\x01\0", b"\0asm\x01\0\0\0"


def valid(wasm: bytes) -> bool:
    try:
        wit.Component(seen().engine, wasm)
    except wasmtime.WasmtimeError:
        return False
    return True


def check(wasm: bytes) -> None:
    """What holds for any bytes."""
    found = rewrite(wasm)
    assert bool(found.capture and found.rollback) == (found.wasm == wasm)
    assert "\n" not in found.capture + found.rollback
    assert len(found.capture) < 200
    assert found.surplus >= 0
    if found.wasm != wasm:
        assert valid(found.wasm) is valid(wasm)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A component with some bytes changed, taken out, put in or moved."""
    wasm = bytearray(of(draw(st.sampled_from(TEXTS))))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(8, max(8, len(wasm) - 1)))
        match draw(st.integers(0, 4)):
            case 0:
                wasm[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case 1:
                del wasm[at : at + draw(st.integers(1, 20))]
            case 2:
                wasm[at:at] = draw(st.binary(min_size=1, max_size=8))
            case 3:
                length = draw(st.integers(1, 40))
                to = draw(st.integers(8, len(wasm)))
                wasm[to:to] = wasm[at : at + length]
            case _:
                wasm[at:] = b""
    return bytes(wasm)


@given(damaged())
@settings(max_examples=400, deadline=None)
def test_damaged_components(wasm):
    check(wasm)


@given(st.binary(max_size=80))
@settings(max_examples=200, deadline=None)
def test_noise(noise):
    check(noise)
    check(MAGIC + noise)
    check(MAGIC + b"\x01" + bytes([8 + len(noise)]) + CORE + noise)


@pytest.mark.parametrize("text", [COUNTER, SHARING, HOLDER], ids=["counter", "sharing", "holder"])
def test_every_byte_in_turn(text):
    wasm = of(text)
    for at in range(8, len(wasm)):
        for value in (0, 0xFF, wasm[at] ^ 1):
            changed = wasm[:at] + bytes([value]) + wasm[at + 1 :]
            found = rewrite(changed)
            assert bool(found.capture) == (found.wasm == changed)


def test_every_length():
    wasm = (GUESTS / "testing/ping/ping.wasm").read_bytes()
    for length in range(len(wasm)):
        found = rewrite(wasm[:length])
        if found.capture:
            assert found.wasm == wasm[:length]


def leb(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def section(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + leb(len(content)) + content


def module(*sections: tuple[int, bytes]) -> bytes:
    return MAGIC + section(1, CORE + b"".join(section(*each) for each in sections))


def nested(depth: int) -> bytes:
    inner = MAGIC
    for _ in range(depth):
        inner = MAGIC + section(4, inner)
    return inner


FLOOD = 200_000
DEEP = b"\x01\x42\x01\x01" * FLOOD
ENDLESS = b"\x80" * FLOOD
HOSTILE = {
    "many items said": module((1, b"\xff\xff\xff\xff\x0f")),
    "many items said outside": MAGIC + section(7, b"\xff\xff\xff\xff\x0f"),
    "a long number": module((2, ENDLESS + b"\0")),
    "a number of 33 bits": module((11, b"\x01\x01\x80\x80\x80\x80\x10")),
    "types in types": MAGIC + section(7, DEEP),
    "components in components": nested(2000),
    "a long branch table": module((10, b"\x01" + section(0, b"")[1:] + b"\x0e" * FLOOD)),
    "a function of blocks": module((10, b"\x01" + leb(FLOOD + 1) + b"\0" + b"\x02\x40" * 100_000)),
    "tables of branches": module(
        (10, b"\x01" + leb(12 * 16_000 + 1) + b"\0" + (b"\x0e\x09" + b"\0" * 10) * 16_000)
    ),
    "numbers without end in code": module((10, b"\x01" + leb(FLOOD + 2) + b"\0\x41" + ENDLESS)),
    "an offset without end": module((11, b"\x01\0" + b"\x41\0\x41\0\x6a" * 40_000)),
    "sections twice": module((3, b"\0"), (3, b"\0")),
    "sections in disorder": module((3, b"\0"), (1, b"\0")),
    "a section that is empty": module((1, b"")),
    "a name that is no text": MAGIC + section(10, b"\x01\0\x02\xff\xfe\x03\x01"),
    "another number of segments": module((12, b"\x02"), (11, b"\x01\x01\0")),
    "more after the segments": module((11, b"\x01\x01\0\0")),
    "more after the start": module((8, b"\0\0")),
    "an offset of two": module((5, b"\x01\0\x01"), (11, b"\x01\0\x41\0\x41\0\x0b\0")),
    "an offset of none": module((5, b"\x01\0\x01"), (11, b"\x01\0\x0b\0")),
    "an offset that moves": module(
        (5, b"\x01\0\x01"), (6, b"\x01\x7f\x01\x41\0\x0b"), (11, b"\x01\0\x23\0\x0b\0")
    ),
    "an offset of its own": module(
        (5, b"\x01\0\x01"), (6, b"\x01\x7f\0\x41\0\x0b"), (11, b"\x01\0\x23\0\x0b\0")
    ),
}


@pytest.mark.parametrize("wasm", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile(wasm):
    found = rewrite(wasm)
    assert found.capture == found.rollback
    if found.capture:
        assert found.wasm == wasm
        assert found.capture.startswith("it cannot be read: ")
    assert not valid(wasm)
    assert not valid(found.wasm)


COSTLY = {
    "it has too many sections": MAGIC + b"\0\x01\0" * 100_001,
    "its code takes too long to look through": module(
        (1, b"\x01\x60\0\0"),
        (3, b"\x01\0"),
        (10, b"\x01" + leb(3 * 300_001 + 2) + b"\0" + b"\xfc\x09\0" * 300_001 + b"\x0b"),
    ),
    "it has too many mutable globals": of(
        "(component (core module " + "(global (mut i32) (i32.const 1))" * 2501 + ")"
        "(core instance (instantiate 0)) (core instance (instantiate 0)))"
    ),
    "it has too many core instances": of(
        "(component (core module) " + "(core instance (instantiate 0))" * 257 + ")"
    ),
}


@pytest.mark.parametrize("reason", COSTLY)
def test_what_would_cost_too_much_is_left_alone(reason):
    found = rewrite(COSTLY[reason])
    assert found.wasm == COSTLY[reason]
    assert found.capture == found.rollback == reason


INVALID = {
    "a start function with a parameter": "(memory 1) (start 1) (func) (func (param i32))",
    "a start function with a result": "(start 1) (func) (func (result i32) (i32.const 1))",
    "an offset of 64 bits": '(memory 1) (data (i64.const 0) "a")',
    "an offset that changes": "(memory 1) (global (mut i32) (i32.const 0))"
    ' (data (global.get 0) "")',
    "no memory": '(data (i32.const 0) "a")',
    "a function that there is not": "(memory 1) (start 0) (func (call 1))",
    "a global that there is not": "(global (mut i32) (i32.const 1)) (func (drop (global.get 1)))",
    "an export that there is not": '(global (mut i32) (i32.const 1)) (export "a" (global 1))',
    "a type that there is not": "(memory 1) (start 0) (func) (table 1 funcref) (elem (i32.const 0)"
    " 0) (func (call_indirect (type 3) (i32.const 0)))",
}


@pytest.mark.parametrize("made", ["", "(core instance (instantiate 0))"])
@pytest.mark.parametrize("text", INVALID.values(), ids=INVALID.keys())
def test_nothing_that_was_refused_is_taken(text, made):
    wasm = of(f"(component (core module {text}) {made})")
    assert not valid(wasm)
    assert not valid(rewrite(wasm).wasm)


def test_names_and_debug_information_stay():
    text = SHARING.replace("(core module $part", '(core module $part (@custom "kept" "whole")')
    found = rewritten(of(text))
    assert found.wasm.count(b"\x04kept") == 1
    assert b"component-name" in found.wasm
    compiled(seen().engine, found.wasm)
