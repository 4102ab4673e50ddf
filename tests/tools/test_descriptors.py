"""What a component offers as tools is told the same way for ever, and never by surprise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.binding.components import load, wasm_of
from tests.guests.stock_world import GUESTS
from wasm_engine.agents import contract, packages
from wasm_engine.agents.tools.descriptors import descriptors_of
from wasm_engine.agents.tools.docs import documentation, section
from wasm_engine.agents.tools.json_values import reader
from wasm_engine.agents.tools.json_writing import writer
from wasm_engine.concepts import json_text
from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime import wit
from wasm_engine.runtime.gate import holds_handles

GOLDEN = Path(__file__).parent.parent / "goldens" / "tools" / "descriptors.json"

SHOP = r"""
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024)
    (func (export "nothing"))
    (func (export "number") (param i64) (result i64) local.get 0)
    (func (export "price") (param i32 i32 i32 i64) (result f64) f64.const 0.5)
    (func (export "find") (param i32 i32) (result i32) i32.const 8))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $mem))
  (alias core export $i "realloc" (core func $realloc))
  (func $nothing (canon lift (core func $i "nothing")))
  (func $number (param "n" u64) (result u64) (canon lift (core func $i "number")))
  (func $find (param "words" (list string)) (result (result (list u8) (error string)))
    (canon lift (core func $i "find") (memory $mem) (realloc $realloc)))
  (type $unit' (enum "piece" "box")) (export $unit "unit" (type $unit'))
  (type $days' (flags "mon" "tue")) (export $days "days" (type $days'))
  (func $price (param "unit" $unit) (param "days" $days) (param "limit" (option s64))
    (result f64) (canon lift (core func $i "price")))
  (instance $prices (export "number" (func $number)))
  (instance $stock (export "number" (func $number)) (export "find" (func $find)))
  (export "init" (func $nothing))
  (export "price" (func $price))
  (export "shop:goods/prices@1.0.0" (instance $prices))
  (export "shop:goods/stock@1.0.0" (instance $stock)))
"""
SAID = section(
    {"stock": {"find": "Finds goods by their words.\n", "number": "How many there are."}}
)


@pytest.fixture(scope="module")
def shop():
    wasm = wasm_of(SHOP) + SAID
    return descriptors_of("shop", load(wasm), wasm)


def test_every_function_is_a_tool_with_the_descriptor_and_the_digest_it_always_had(shop):
    told = [{**it.as_json(), "digest": it.digest} for it in shop]
    assert told == json.loads(GOLDEN.read_text())


def test_names_tell_the_interface_where_a_function_is_in_two(shop):
    assert [it.name for it in shop] == [
        "shop.find", "shop.price", "shop.prices.number", "shop.stock.number",
    ]  # fmt: skip


def test_another_description_is_another_descriptor(shop):
    wasm = wasm_of(SHOP)
    bare = {it.name: it for it in descriptors_of("shop", load(wasm), wasm)}
    now = {it.name: it.digest for it in shop}
    assert [name for name, it in bare.items() if it.digest != now[name]] == [
        "shop.find", "shop.stock.number",
    ]  # fmt: skip


def test_a_function_with_a_resource_says_why_it_is_none():
    wasm = wasm_of(
        """(component
          (type $r (resource (rep i32))) (export $thing "thing" (type $r))
          (core module $m (func (export "make") (result i32) i32.const 1))
          (core instance $i (instantiate $m))
          (func (export "make") (result (own $thing)) (canon lift (core func $i "make"))))"""
    )
    (found,) = descriptors_of("x", load(wasm), wasm)
    assert "resource" in found.refusal


@pytest.mark.parametrize(
    "section_of",
    [b"", b"\0", b"\0\x05", SAID[:-1], SAID.replace(b'{"int', b'{{int'),
     SAID.replace(b"package-docs\0", b"package-docs\x09")],
)  # fmt: skip
def test_documentation_that_is_damaged_is_as_good_as_none(section_of):
    assert documentation(b"\0asm\x0d\0\x01\0" + section_of) == {}


@settings(max_examples=30, deadline=None, database=None, derandomize=True)
@given(st.binary(max_size=60))
def test_bytes_that_nobody_wrote_say_nothing_and_harm_nothing(data):
    documentation(data)
    documentation(b"\0asm\x0d\0\x01\0" + data)


def _values(ty):  # noqa: C901, PLR0911, PLR0912 - one line each
    """What makes values of a type."""
    match ty:
        case None:
            return st.none()
        case wit.Bool():
            return st.booleans()
        case wit.U8() | wit.U16() | wit.U32() | wit.U64():
            return st.integers(0, 2 ** int(str(ty)[1:]) - 1)
        case wit.S8() | wit.S16() | wit.S32() | wit.S64():
            bits = int(str(ty)[1:]) - 1
            return st.integers(-(2**bits), 2**bits - 1)
        case wit.F32() | wit.F64():
            return st.floats(width=int(str(ty)[1:]), allow_nan=False)
        case wit.Char():
            return st.characters(exclude_categories=["Cs"])
        case wit.String():
            return st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
        case wit.Enum(names=names):
            return st.sampled_from(names)
        case wit.Flags(names=names):
            return st.frozensets(st.sampled_from(names))
        case wit.List(element=wit.U8()):
            return st.binary(max_size=5)
        case wit.List(element=element):
            return st.lists(_values(element), max_size=2)
        case wit.Tuple(elements=parts):
            return st.tuples(*map(_values, parts))
        case wit.Record(fields=fields):
            return st.tuples(*(_values(it) for _, it in fields))
        case wit.Variant(cases=cases):
            return st.one_of(*(st.tuples(st.just(name), _values(it)) for name, it in cases))
        case wit.Option(payload=payload, wrapped=wrapped):
            some = _values(payload)
            return st.none() | (some.map(lambda it: (it,)) if wrapped else some)
        case wit.Result(ok=ok, err=err, wrapped=wrapped):
            fine = _values(ok)
            fine = fine.map(lambda it: (it,)) if wrapped else fine
            return fine | _values(err).map(Err)
    raise AssertionError(ty)


def _standard_types():
    """Types of functions that components of others import, as our guests import them."""
    found = {}
    for path in ("testing/keeper/keeper.wasm", "testing/fetch/fetch.wasm",
                 "testing/blobs/blobs.wasm"):  # fmt: skip
        for interface in load((GUESTS / path).read_bytes()).imports.values():
            found |= {str(it): it for it in interface.functions.values()}
    for table in (contract.IMPORTS, {n: it for n, (_, it) in packages.IMPORTS.items()}):
        for functions in table.values():
            found |= {str(it): it for it in functions.values()}
    types = {str(it): it for f in found.values() for it in (*(t for _, t in f.params), f.result)}
    return [types[name] for name in sorted(types) if not holds_handles(types[name])]


def test_types_of_standard_interfaces_come_back():
    types = _standard_types()
    assert len(types) > 20

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(st.data())
    def check(data):
        ty = data.draw(st.sampled_from(types))
        value = data.draw(_values(ty))
        assert reader(ty)(json_text.read(writer(ty)(value))) == value

    check()
