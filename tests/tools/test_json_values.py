"""Values of WIT types as JSON: what goes in comes back, by itself and through a real guest."""

from __future__ import annotations

import json
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.wit_types import random_type
from tests.binding.components import PLENTY, HostGuest, call, component_of, echo_of, link
from tests.binding.test_values import NAMES
from wasm_engine.agents.tools.json_values import (
    Unfit,
    arguments_of,
    reader,
)
from wasm_engine.agents.tools.json_writing import result_writer, text_of_arguments, writer
from wasm_engine.agents.tools.schemas import parameters_schema, schema_of
from wasm_engine.concepts import json_text
from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime import wit


@pytest.mark.parametrize("seed", range(8))
def test_values_of_any_type_come_back_through_json_and_a_guest(seed):
    made = random_type(random.Random(seed))
    component = component_of(echo_of(made.text, NAMES))
    ty = component.exports[""].functions["echo"]
    instance = link(component, {}, set()).instantiate(HostGuest(), PLENTY)
    values = st.binary() if made.text == "u8" else st.lists(made.values, max_size=4)

    @settings(max_examples=10, deadline=None, database=None, derandomize=True)
    @given(values)
    def check(value):
        given_text = text_of_arguments(ty, (value,))
        arguments = arguments_of(ty, given_text)
        assert arguments == (value,)
        answer = call(instance, "", "echo", *arguments)
        assert f'{{"x":{result_writer(ty.result)(answer)}}}' == given_text
        assert json_text.write(json_text.read(given_text)) == given_text
        assert _fits(parameters_schema(ty), json.loads(given_text))

    check()


def _fits(schema, value):  # noqa: PLR0911 - as much of JSON Schema as our own has
    """Whether a value fits a schema."""
    if "anyOf" in schema:
        return any(_fits(it, value) for it in schema["anyOf"])
    if "oneOf" in schema:
        return sum(_fits(it, value) for it in schema["oneOf"]) == 1
    if "const" in schema:
        return value == schema["const"]
    if "enum" in schema:
        return isinstance(value, str) and value in schema["enum"]
    kind = schema["type"]
    if kind == "null":
        return value is None
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        return type(value) is int and schema["minimum"] <= value <= schema["maximum"]
    if kind == "number":
        return type(value) in (int, float)
    if kind == "string":
        return isinstance(value, str) and len(value) <= schema.get("maxLength", 1 << 30)
    if kind == "array":
        first = schema.get("prefixItems")
        if first is not None:
            return len(value) == len(first) and all(map(_fits, first, value))
        return isinstance(value, list) and all(_fits(schema["items"], it) for it in value)
    known = schema["properties"]
    return (
        isinstance(value, dict)
        and set(value) <= set(known)
        and set(schema.get("required", ())) <= set(value)
        and all(_fits(known[name], it) for name, it in value.items())
    )


LINE = wit.Record((("name", wit.String()), ("price", wit.Option(wit.U32()))))
ORDER = wit.FuncType((("lines", wit.List(LINE)), ("note", wit.Option(wit.String()))), None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"lines": [{"name": "a"}, {"name": "b", "price": -1}]}',
         "/lines/1/price: must be from 0 to 4294967295, not -1"),
        ('{"lines": [{"price": 1}]}', "/lines/0/name: is missing"),
        ('{"lines": [], "notes": ""}', '/notes: is not known; did you mean "note"?'),
        ('{"lines": {}}', "/lines: must be an array, not an object"),
        ('{"note": null}', "/lines: is missing"),
        ("[]", "must be an object, not an array"),
        ('{"lines": ', "it is not JSON"),
        ('{"lines": [{"name": "\\ud800"}]}',
         "/lines/0/name: text with half a character (a lone surrogate)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_its_place(text, said):
    with pytest.raises(Unfit) as caught:
        arguments_of(ORDER, text)
    assert str(caught.value) == said


def test_what_may_be_left_out_is():
    assert arguments_of(ORDER, '{"lines": [{"name": "a"}]}') == ([("a", None)], None)


def test_a_pointer_escapes_what_has_a_meaning_in_it():
    with pytest.raises(Unfit) as caught:
        arguments_of(ORDER, '{"a/b~c": 1}')
    assert str(caught.value).startswith("/a~1b~0c: ")


NESTED = wit.Option(wit.Option(wit.U8()))
NOTHING_OR = wit.Option(wit.Result(None, wit.String()))


@pytest.mark.parametrize(
    ("ty", "value", "plain"),
    [
        (NESTED, None, None),
        (NESTED, (None,), {"some": None}),
        (NESTED, (7,), {"some": 7}),
        (NOTHING_OR, None, None),
        (NOTHING_OR, (None,), {"ok": None}),
        (NOTHING_OR, (Err("x"),), {"error": "x"}),
        (wit.U64(), 2**53 - 1, 2**53 - 1),
        (wit.U64(), 2**64 - 1, "18446744073709551615"),
        (wit.S64(), -(2**63), "-9223372036854775808"),
        (wit.F64(), math.inf, "Infinity"),
        (wit.F64(), -math.inf, "-Infinity"),
        (wit.List(wit.U8()), b"\0\xff", "AP8="),
        (wit.Flags(("r", "w", "x")), frozenset({"x", "r"}), ["r", "x"]),
        (wit.Variant((("none", None), ("some", wit.U8()))), ("none", None), "none"),
        (wit.Variant((("none", None), ("some", wit.U8()))), ("some", 3), {"some": 3}),
        (wit.Tuple((wit.Bool(), wit.Char())), (True, "ö"), [True, "ö"]),
        (wit.Enum(("red", "green")), "green", "green"),
    ],
)
def test_there_is_one_spelling_for_each_value(ty, value, plain):
    assert writer(ty)(value) == json_text.write(plain)
    assert reader(ty)(plain) == value
    assert _fits(schema_of(ty), plain)


@pytest.mark.parametrize(
    ("ty", "plain", "value"),
    [
        (wit.U64(), "7", 7),
        (wit.U8(), 7.0, 7),
        (wit.List(wit.U8()), [0, 255], b"\0\xff"),
        (wit.Variant((("none", None),)), {"none": None}, ("none", None)),
        (wit.F32(), 3, 3.0),
    ],
)
def test_other_spellings_are_taken_where_they_cannot_be_mistaken(ty, plain, value):
    assert reader(ty)(plain) == value


@pytest.mark.parametrize(
    ("ty", "plain"),
    [
        (wit.Bool(), 1),
        (wit.U8(), True),
        (wit.U8(), "7"),
        (wit.U8(), 256),
        (wit.U64(), "-1"),
        (wit.U64(), "1_0"),
        (wit.U64(), "9" * 21),
        (wit.F64(), "nan"),
        (wit.F32(), 1e39),
        (wit.Char(), "ab"),
        (wit.String(), 3),
        (wit.List(wit.U8()), "=="),
        (wit.List(wit.U8()), [256]),
        (wit.Flags(("r",)), ["r", "r"]),
        (wit.Flags(("r",)), ["w"]),
        (wit.Flags(("r",)), "r"),
        (wit.Enum(("a",)), "b"),
        (wit.Variant((("n", wit.U8()),)), "n"),
        (wit.Variant((("n", wit.U8()),)), {"n": 1, "m": 2}),
        (wit.Result(None, None), {"ok": 1}),
        (wit.Result(wit.U8(), None), None),
        (NESTED, 7),
        (wit.Tuple((wit.U8(), wit.U8())), [1]),
    ],
)
def test_what_is_not_of_the_type_is_refused(ty, plain):
    with pytest.raises(Unfit):
        reader(ty)(plain)


def test_not_a_number_has_a_name():
    assert writer(wit.F64())(math.nan) == '"NaN"'
    assert math.isnan(reader(wit.F64())("NaN"))


def test_what_is_nested_too_deep_is_not_told():
    ty: wit.Type = wit.U8()
    for _ in range(json_text.MAX_DEPTH + 1):
        ty = wit.Tuple((ty,))
    value: object = 7
    for _ in range(json_text.MAX_DEPTH):
        value = (value,)
    whole = wit.Tuple((ty,))
    assert result_writer(ty.elements[0])(value) == "[" * 128 + "7" + "]" * 128
    with pytest.raises(json_text.NotJson, match="nested more than 128 deep"):
        result_writer(ty)((value,))
    with pytest.raises(json_text.NotJson):
        result_writer(whole)(((value,),))
