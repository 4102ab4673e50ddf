"""Values of every type survive the way in and out; what does not fit is refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.binding.components import (
    PLENTY,
    RUN,
    HostGuest,
    call,
    component_of,
    echo_of,
    guest,
    link,
)
from wasm_engine.concepts.errors import Bug
from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime._wasmtime import types as wit

NAMES = """
  (type $rec' (record (field "a" u32) (field "b-c" string) (field "d" (list u8)) (field "e" bool)))
  (import "rec" (type $rec (eq $rec')))
  (type $en' (enum "red" "green" "dark-blue")) (import "en" (type $en (eq $en')))
  (type $fl' (flags "r" "w" "x" "y1")) (import "fl" (type $fl (eq $fl')))
  (type $va' (variant (case "none") (case "num" s64) (case "txt" string) (case "recs" (list $rec))))
  (import "va" (type $va (eq $va')))
"""


def integers(bits, signed):
    low = -(2 ** (bits - 1)) if signed else 0
    return st.integers(low, low + 2**bits - 1)


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
RECORD = st.tuples(integers(32, False), TEXT, st.binary(), st.booleans())
TYPES = {
    "bool": st.booleans(),
    "s8": integers(8, True),
    "u8": None,
    "s16": integers(16, True),
    "u16": integers(16, False),
    "s32": integers(32, True),
    "u32": integers(32, False),
    "s64": integers(64, True),
    "u64": integers(64, False),
    "float32": st.floats(width=32, allow_nan=False),
    "float64": st.floats(allow_nan=False),
    "char": st.characters(exclude_categories=["Cs"]),
    "string": TEXT,
    "$rec": RECORD,
    "$en": st.sampled_from(["red", "green", "dark-blue"]),
    "$fl": st.frozensets(st.sampled_from(["r", "w", "x", "y1"])),
    "$va": st.one_of(
        st.just(("none", None)),
        st.tuples(st.just("num"), integers(64, True)),
        st.tuples(st.just("txt"), TEXT),
        st.tuples(st.just("recs"), st.lists(RECORD, max_size=3)),
    ),
    "(option u32)": st.none() | integers(32, False),
    "(option (option string))": st.none() | st.just((None,)) | st.tuples(TEXT),
    "(result)": st.none() | st.just(Err()),
    "(result string (error u32))": TEXT | st.builds(Err, integers(32, False)),
    "(result (list u8))": st.binary() | st.just(Err()),
    "(result (error string))": st.none() | st.builds(Err, TEXT),
    "(option (result (error string)))": st.none()
    | st.just((None,))
    | st.builds(lambda t: (Err(t),), TEXT),
    "(result (result u32 (error u8)) (error string))": st.tuples(integers(32, False))
    | st.builds(lambda n: (Err(n),), integers(8, False))
    | st.builds(Err, TEXT),
    "(tuple u8 string float32)": st.tuples(
        integers(8, False), TEXT, st.floats(width=32, allow_nan=False)
    ),
    "(list (list u8))": st.lists(st.lists(st.binary(), max_size=3), max_size=3),
    "(list u64)": st.lists(integers(64, False)),
    "(list (list (list (list (option string)))))": st.lists(
        st.lists(st.lists(st.lists(st.none() | TEXT, max_size=2), max_size=2), max_size=2),
        max_size=2,
    ),
}
TYPES["(list (list u8))"] = st.lists(st.binary(), max_size=4)


def echo(wat_type, value):
    component = component_of(echo_of(wat_type, NAMES))
    instance = link(component, {}, set()).instantiate(HostGuest(), PLENTY)
    try:
        return call(instance, "", "echo", value)
    finally:
        instance.close()


@pytest.mark.parametrize("wat_type", TYPES)
def test_values_of_every_type_come_back(wat_type):
    one = TYPES[wat_type]
    values = st.binary() if one is None else st.lists(one, max_size=5)

    @settings(max_examples=25, deadline=None, database=None)
    @given(values)
    def check(value):
        assert echo(wat_type, value) == value

    check()


def test_large_lists_come_back():
    assert echo("u8", bytes(range(256)) * 1000) == bytes(range(256)) * 1000
    assert echo("u64", list(range(50_000))) == list(range(50_000))
    assert echo("string", ["x" * 1000] * 1000) == ["x" * 1000] * 1000


def test_nan_and_infinities_come_back():
    answer = echo("float64", [math.nan, math.inf, -math.inf, -0.0])
    assert math.isnan(answer[0])
    assert answer[1:3] == [math.inf, -math.inf]
    assert math.copysign(1, answer[3]) == -1


MISFITS = [
    ("u8", [1, 2], "bytes, not list"),
    ("u8", "text", "bytes, not str"),
    ("u8", 5, "bytes, not int"),
    ("u16", [65536], ""),
    ("u16", [-1], ""),
    ("s8", [128], ""),
    ("u64", [2**64], ""),
    ("u32", ["1"], ""),
    ("u32", [1.5], ""),
    ("u32", b"1234", "a list is needed"),
    ("float32", [1e300], ""),
    ("float64", ["1"], ""),
    ("bool", [1], "a bool is needed"),
    ("char", ["ab"], ""),
    ("char", [""], ""),
    ("char", ["\ud800"], "not a Unicode scalar value"),
    ("char", [65], ""),
    ("string", ["\udfff"], "surrogates not allowed"),
    ("string", [b"x"], ""),
    ("string", "abc", "a list is needed, not str"),
    ("string", [None], ""),
    ("$rec", [(1, "x", b"")], ""),
    ("$rec", [(1, "x", b"", True, 5)], ""),
    ("$rec", [{"a": 1}], ""),
    ("$rec", [7], ""),
    ("$en", ["yellow"], "yellow"),
    ("$en", [0], ""),
    ("$fl", [{"z"}], "z"),
    ("$fl", ["r"], "not str"),
    ("$va", [("other", None)], "other"),
    ("$va", [("none", 5)], "no payload"),
    ("$va", ["none"], ""),
    ("$va", [("num", None)], ""),
    ("(option u32)", [(5,)], ""),
    ("(option (option string))", ["x"], ""),
    ("(result)", [5], "no payload"),
    ("(result)", [Err(5)], "no payload"),
    ("(result string (error u32))", [None], ""),
    ("(result string (error u32))", [Err("x")], ""),
    ("(result (result u32 (error u8)) (error string))", [5], ""),
    ("(list u64)", [5], "a list is needed"),
]


@pytest.mark.parametrize(("wat_type", "value", "reason"), MISFITS)
def test_what_does_not_fit_is_refused(wat_type, value, reason):
    component = component_of(echo_of(wat_type, NAMES))
    instance = link(component, {}, set()).instantiate(HostGuest(), PLENTY)
    with pytest.raises(Bug, match=r"arguments of #echo do not fit its type: .*") as refused:
        instance.begin("", "echo", (value,))
    assert reason in str(refused.value)
    good = b"" if wat_type == "u8" else []
    assert call(instance, "", "echo", good) == good  # nothing has happened


@pytest.mark.parametrize("arguments", [(), (1, 2), ("x",), (None,)])
def test_wrong_arguments_are_refused(arguments):
    instance = guest()
    with pytest.raises(Bug):
        instance.begin(RUN, "number", arguments)
    assert call(instance, RUN, "number", 1) == 2


@pytest.mark.parametrize("answer", [None, -1, 2**64, "1", 1.0, b"", Err(1), object()])
def test_a_host_function_that_answers_what_it_must_not_is_at_fault(answer):
    instance, bystander = guest({"number": lambda *_: answer}), guest()
    instance.begin(RUN, "number", (1,))
    with pytest.raises(Bug, match="number answered a value that is not u64"):
        instance.poll()
    assert not instance.alive
    assert call(bystander, RUN, "number", 1) == 2


def test_a_host_function_without_a_result_answers_none():
    instance = guest({"hit": lambda _: 5})
    instance.begin(RUN, "hit", ())
    with pytest.raises(Bug, match="hit answered a value that is not nothing"):
        instance.poll()


def test_types_are_equal_by_what_they_are_and_print_as_wit():
    assert wit.List(wit.U8()) == wit.List(wit.U8()) != wit.List(wit.S8())
    record = wit.Record((("a", wit.U32()), ("b", wit.Option(wit.String()))))
    assert str(record) == "record { a: u32, b: option<string> }"
    assert str(wit.Result(None, wit.Enum(("x", "y")))) == "result<_, enum { x, y }>"
    assert str(wit.Result(None, None)) == "result"
    assert str(wit.FuncType((("self", wit.Borrow("a:b/c#d")),), wit.Own("a:b/c#d"))) == (
        "func(self: borrow<d>) -> d"
    )
    assert str(wit.Variant((("a", None), ("b", wit.Tuple((wit.U8(), wit.Char())))))) == (
        "variant { a, b(tuple<u8, char>) }"
    )
