"""JSON Schema, as far as answers are held to it."""

from __future__ import annotations

import json
import time

import pytest

from wasm_engine.concepts.json_schema import KEYWORDS, misfit, read_schema
from wasm_engine.concepts.mistakes import Wrong

FITS = [
    ({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}, {"a": 1}),
    ({"type": ["string", "null"]}, None),
    ({"type": "integer"}, 1.0),
    ({"type": "number", "minimum": 0, "exclusiveMaximum": 2}, 1.5),
    ({"enum": [1, "x", None]}, None),
    ({"const": {"a": [1, 2]}}, {"a": [1.0, 2]}),
    ({"type": "array", "items": {"type": "string"}, "maxItems": 2, "uniqueItems": True}, ["a"]),
    ({"prefixItems": [{"type": "string"}], "items": False}, ["a"]),
    ({"type": "string", "minLength": 2, "maxLength": 2}, "äö"),
    ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, 3),
    ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "x"),
    ({"allOf": [{"minimum": 1}, {"maximum": 3}]}, 2),
    ({"not": {"type": "string"}}, 2),
    ({"$ref": "#/$defs/n", "$defs": {"n": {"type": "integer"}}}, 4),
    ({"properties": {"next": {"$ref": "#"}}, "additionalProperties": False}, {"next": {}}),
    ({"additionalProperties": {"type": "integer"}, "minProperties": 1}, {"a": 1}),
    (True, "whatever"),
    ({"title": "x", "description": "y", "default": 3, "format": "date", "$schema": "z"}, "x"),
]
MISFITS = [
    ({"type": "object"}, [], "the answer: expected object, given []"),
    ({"required": ["a"]}, {}, 'the answer: "a" is missing'),
    ({"properties": {"a": {"type": "integer"}}}, {"a": 1.5}, ".a: expected integer, given 1.5"),
    ({"type": "integer"}, True, "the answer: expected integer, given true"),
    ({"const": 1}, True, "the answer: expected 1, given true"),
    ({"enum": ["a", "b"]}, "c", 'the answer: expected one of "a", "b", given "c"'),
    ({"items": {"maximum": 3}}, [1, 4], "[1]: expected at most 3, given 4"),
    ({"exclusiveMinimum": 3}, 3, "the answer: expected more than 3, given 3"),
    ({"exclusiveMaximum": 3}, 3, "the answer: expected less than 3, given 3"),
    ({"minimum": 3}, 2, "the answer: expected at least 3, given 2"),
    ({"minItems": 2}, [1], "the answer: expected at least 2 items, given 1"),
    ({"maxItems": 0}, [1], "the answer: expected at most 0 items, given 1"),
    ({"uniqueItems": True}, [{"a": 1}, {"a": 1}], "the answer: two items are the same"),
    ({"maxProperties": 0}, {"a": 1}, "the answer: expected at most 0 properties, given 1"),
    ({"minLength": 2}, "x", "the answer: expected at least 2 characters, given 1"),
    ({"maximum": 3}, 4, "the answer: expected at most 3, given 4"),
    ({"maxLength": 0}, "x", "the answer: expected at most 0 characters, given 1"),
    ({"additionalProperties": False}, {"b": 1}, 'the answer: "b" may not be there'),
    ({"prefixItems": [{}], "items": False}, [1, 2], "[1]: nothing may be here"),
    ({"anyOf": [{"type": "string"}]}, 1, "the answer: none of anyOf fits 1"),
    ({"oneOf": [{}, {}]}, 1, "the answer: 2 of oneOf fit, and one should"),
    ({"allOf": [{"minimum": 3}]}, 1, "the answer: expected at least 3, given 1"),
    ({"not": {}}, "x", 'the answer: "x" is what may not be'),
    ({"$ref": "#/$defs/n", "$defs": {"n": {"type": "null"}}}, 4, "expected null, given 4"),
    (False, 1, "the answer: nothing may be here"),
]


@pytest.mark.parametrize(("schema", "value"), FITS)
def test_what_fits_fits(schema, value):
    assert misfit(read_schema(json.dumps(schema)), value) == ""


@pytest.mark.parametrize(("schema", "value", "says"), MISFITS)
def test_what_does_not_fit_is_told_where_with_the_expected_and_the_given(schema, value, says):
    assert says in misfit(read_schema(json.dumps(schema)), value)


def test_each_keyword_is_tried():
    tried = {key for row in (*FITS, *MISFITS) if isinstance(row[0], dict) for key in row[0]}
    assert set(KEYWORDS) <= tried


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ({"pattern": "x"}, 'uses "pattern", which nobody checks'),
        ({"tpye": "string"}, 'uses "tpye", which nobody checks; did you mean "type"'),
        ({"properties": {"a": {"if": {}}}}, 'at /properties/a uses "if"'),
        ({"type": "text"}, 'type cannot be "text"'),
        ({"minItems": -1}, "minItems cannot be -1"),
        ({"enum": []}, "enum cannot be an array"),
        ({"$ref": "http://elsewhere"}, "[$]ref cannot be"),
        ({"$ref": "#/$defs/a"}, "[$]ref cannot be"),
        ({"items": [1]}, "items cannot be an array"),
        ({"anyOf": [3]}, "at /anyOf/0 must be an object, not 3"),
        (3, "must be an object, not 3"),
    ],
)
def test_a_schema_that_is_none_or_says_more_is_refused(schema, says):
    with pytest.raises(Wrong, match=says):
        read_schema(json.dumps(schema))


def test_schemas_that_never_end_do_not_take_for_ever():
    endless = read_schema('{"$ref":"#"}')
    assert "too long" in misfit(endless, 1)
    doubling = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(60)}
    doubling["d60"] = {"type": "string"}
    bomb = read_schema(json.dumps({"$ref": "#/$defs/d0", "$defs": doubling}))
    assert misfit(bomb, 1)


def test_values_and_schemas_that_are_large_do_not_take_for_ever():
    """Each of these took seconds to minutes; none takes one now, nor tells more than a line."""
    text, many = "x" * 1_000_000, list(range(9_000))
    for schema, value, says in (
        ({"anyOf": [{"const": 0}] * 2_000}, [text], "none of anyOf fits"),
        ({"items": {"enum": many}}, [8_999] * 2_000, "too long"),
        ({"items": {"required": ["a"] * 9_000}}, [{"a": 1}] * 9_000, "too long"),
        ({"anyOf": [{"uniqueItems": True, "not": {}}] * 100}, many, "too long"),
        ({"not": {"items": {"enum": many}}}, [8_999] * 2_000, "too long"),
        ({"additionalProperties": {"type": "null"}}, {text: 1}, "...: expected null, given 1"),
    ):
        before = time.process_time()
        found = misfit(read_schema(json.dumps(schema)), value)
        assert says in found
        assert len(found) < 400
        assert time.process_time() - before < 5


@pytest.mark.parametrize("half", [r'{"enum":["\ud800"]}', r'{"const":{"\udfff":1}}'])
def test_a_schema_with_half_a_character_is_refused(half):
    with pytest.raises(Wrong, match="half a character"):
        read_schema(half)
    assert read_schema(r'{"enum":["\ud83d\ude00"]}')
