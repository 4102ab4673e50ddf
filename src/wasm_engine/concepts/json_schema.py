"""JSON Schema, as far as answers of models are held to it: a subset, whose rest is refused.

What an answer is told by must be the same on every machine and in every release, so no library
judges it. A keyword that is not known here is refused with the schema, not passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from wasm_engine.concepts import json_text
from wasm_engine.concepts.json_text import NotJson
from wasm_engine.concepts.mistakes import Wrong, nearest, shown

ANNOTATIONS: Final = frozenset(
    {
        "$schema", "$id", "$comment", "title", "description", "default", "examples", "format",
        "deprecated", "readOnly", "writeOnly", "x-guidance",
    }
)  # fmt: skip
"""Keywords that bind nobody."""
MAX_STEPS = 20_000
"""Parts of a schema that are held against parts of one value; `anyOf` in `anyOf` adds up."""
MAX_DEPTH = 256
_REF = "#/$defs/"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "null": lambda it: it is None,
    "boolean": lambda it: isinstance(it, bool),
    "integer": lambda it: _is_number(it) and it == int(it),
    "number": _is_number,
    "string": lambda it: isinstance(it, str),
    "array": lambda it: isinstance(it, list),
    "object": lambda it: isinstance(it, dict),
}


def read_schema(text: str) -> Any:
    """The schema in JSON text.

    Raises:
        Wrong: It is none, or uses what is not known here; the text says what, and where.
    """
    try:
        schema = json_text.read(text)
    except NotJson as error:
        raise Wrong(f"the schema: {error}") from None
    definitions = schema.get("$defs", {}) if isinstance(schema, dict) else {}
    _check(schema, "", definitions if isinstance(definitions, dict) else {}, 0)
    return schema


def misfit(schema: Any, value: Any) -> str:
    """Where a value does not fit a schema, and what was expected; empty where it fits.

    Args:
        schema: What `read_schema` answered.
        value: What JSON text holds.
    """
    try:
        return _Judge(schema).look(schema, value, "", 0)
    except NotJson as error:  # half of a character in it
        return f"the answer: {error}"


def _check(schema: Any, at: str, definitions: Mapping[str, Any], depth: int) -> None:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise Wrong(f"the schema{_place(at)} must be an object, not {shown(schema)}")
    if depth > MAX_DEPTH:
        raise Wrong("the schema is nested too deep")
    for keyword, said in schema.items():
        if keyword in ANNOTATIONS:
            continue
        if keyword not in KEYWORDS:
            near = nearest(keyword, KEYWORDS)
            raise Wrong(f"the schema{_place(at)} uses {shown(keyword)}, which nobody checks{near}")
        if not _SHAPES[keyword](said, definitions):
            raise Wrong(f"the schema{_place(at)}: {keyword} cannot be {shown(said)}")
        for inner, place in _inner(keyword, said):
            _check(inner, f"{at}/{keyword}{place}", definitions, depth + 1)


def _place(at: str) -> str:
    return f" at {at}" if at else ""


def _inner(keyword: str, said: Any) -> Iterator[tuple[Any, str]]:
    """The schemas in what a keyword says, and where."""
    if keyword in {"properties", "$defs"}:
        yield from ((inner, f"/{name}") for name, inner in said.items())
    elif keyword in {"anyOf", "oneOf", "allOf", "prefixItems"}:
        yield from ((inner, f"/{number}") for number, inner in enumerate(said))
    elif keyword in {"items", "additionalProperties", "not"}:
        yield said, ""


def _is_count(said: Any, _definitions: Any) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and said >= 0


def _is_bound(said: Any, _definitions: Any) -> bool:
    return _is_number(said)


def _is_schema(said: Any, _definitions: Any) -> bool:
    return isinstance(said, bool | dict)


def _are_schemas(said: Any, _definitions: Any) -> bool:
    return isinstance(said, list) and bool(said)


def _are_named(said: Any, _definitions: Any) -> bool:
    return isinstance(said, dict)


def _are_names(said: Any, _definitions: Any) -> bool:
    return isinstance(said, list) and all(isinstance(it, str) for it in said)


def _is_type(said: Any, _definitions: Any) -> bool:
    listed = said if isinstance(said, list) else [said]
    return bool(listed) and all(isinstance(it, str) and it in _TYPES for it in listed)


def _is_reference(said: Any, definitions: Mapping[str, Any]) -> bool:
    if said == "#":
        return True
    return (
        isinstance(said, str) and said.startswith(_REF) and said.removeprefix(_REF) in definitions
    )


_SHAPES: Mapping[str, Callable[[Any, Any], bool]] = {
    "type": _is_type,
    "enum": lambda said, _: isinstance(said, list) and bool(said),
    "const": lambda *_: True,
    "properties": _are_named,
    "required": _are_names,
    "additionalProperties": _is_schema,
    "minProperties": _is_count,
    "maxProperties": _is_count,
    "items": _is_schema,
    "prefixItems": _are_schemas,
    "minItems": _is_count,
    "maxItems": _is_count,
    "uniqueItems": lambda said, _: isinstance(said, bool),
    "minLength": _is_count,
    "maxLength": _is_count,
    "minimum": _is_bound,
    "maximum": _is_bound,
    "exclusiveMinimum": _is_bound,
    "exclusiveMaximum": _is_bound,
    "anyOf": _are_schemas,
    "oneOf": _are_schemas,
    "allOf": _are_schemas,
    "not": _is_schema,
    "$ref": _is_reference,
    "$defs": _are_named,
}
KEYWORDS: Final = tuple(_SHAPES)
"""Keywords that values are held to."""


class _Judge:
    """Holds one value against one schema, within bounds."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._steps = 0

    def look(self, schema: Any, value: Any, at: str, depth: int) -> str:
        """Where a value does not fit; empty where it does."""
        self._steps += 1
        if self._steps > MAX_STEPS or depth > MAX_DEPTH:
            return "it takes too long to hold it against the schema"
        if isinstance(schema, bool):
            return "" if schema else _says(at, "nothing may be here")
        found = self._by_value(schema, value, at)
        if found:
            return found
        if isinstance(value, dict):
            found = self._object(schema, value, at, depth)
        elif isinstance(value, list):
            found = self._array(schema, value, at, depth)
        elif isinstance(value, str):
            found = _text(schema, value, at)
        elif _is_number(value):
            found = _number(schema, value, at)
        return found or self._combined(schema, value, at, depth)

    def _by_value(self, schema: dict[str, Any], value: Any, at: str) -> str:
        if "type" in schema:
            kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            if not any(_TYPES[kind](value) for kind in kinds):
                return _says(at, f"expected {' or '.join(kinds)}, given {_short(value)}")
        if "const" in schema and not _same(schema["const"], value):
            return _says(at, f"expected {_short(schema['const'])}, given {_short(value)}")
        if "enum" in schema and not any(_same(one, value) for one in schema["enum"]):
            listed = ", ".join(_short(one) for one in schema["enum"][:10])
            return _says(at, f"expected one of {listed}, given {_short(value)}")
        return ""

    def _object(self, schema: dict[str, Any], value: dict[str, Any], at: str, depth: int) -> str:
        for name in schema.get("required", ()):
            if name not in value:
                return _says(at, f"{_short(name)} is missing")
        found = _counted(schema, len(value), "Properties", at)
        if found:
            return found
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        for name, inner in value.items():
            place = f"{at}.{name}"
            if name not in known and others is False:
                return _says(at, f"{_short(name)} may not be there")
            found = self.look(known.get(name, others), inner, place, depth + 1)
            if found:
                return found
        return ""

    def _array(self, schema: dict[str, Any], value: list[Any], at: str, depth: int) -> str:
        found = _counted(schema, len(value), "Items", at)
        if found:
            return found
        if schema.get("uniqueItems") and len({json_text.write(it) for it in value}) < len(value):
            return _says(at, "two items are the same")
        first, rest = schema.get("prefixItems", []), schema.get("items", True)
        for number, inner in enumerate(value):
            one = first[number] if number < len(first) else rest
            found = self.look(one, inner, f"{at}[{number}]", depth + 1)
            if found:
                return found
        return ""

    def _combined(self, schema: dict[str, Any], value: Any, at: str, depth: int) -> str:
        for one in schema.get("allOf", ()):
            found = self.look(one, value, at, depth + 1)
            if found:
                return found
        if "$ref" in schema:
            name = schema["$ref"]
            target = self._root if name == "#" else self._root["$defs"][name.removeprefix(_REF)]
            found = self.look(target, value, at, depth + 1)
            if found:
                return found
        if "anyOf" in schema and all(
            self.look(one, value, at, depth + 1) for one in schema["anyOf"]
        ):
            return _says(at, f"none of anyOf fits {_short(value)}")
        if "oneOf" in schema:
            fitting = sum(not self.look(one, value, at, depth + 1) for one in schema["oneOf"])
            if fitting != 1:
                return _says(at, f"{fitting} of oneOf fit, and one should")
        if "not" in schema and not self.look(schema["not"], value, at, depth + 1):
            return _says(at, f"{_short(value)} is what may not be")
        return ""


def _counted(schema: dict[str, Any], count: int, what: str, at: str) -> str:
    least, most = schema.get(f"min{what}", 0), schema.get(f"max{what}")
    if count < least:
        return _says(at, f"expected at least {least} {what.lower()}, given {count}")
    if most is not None and count > most:
        return _says(at, f"expected at most {most} {what.lower()}, given {count}")
    return ""


def _text(schema: dict[str, Any], value: str, at: str) -> str:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if len(value) < least:
        return _says(at, f"expected at least {least} characters, given {len(value)}")
    if most is not None and len(value) > most:
        return _says(at, f"expected at most {most} characters, given {len(value)}")
    return ""


def _number(schema: dict[str, Any], value: float, at: str) -> str:
    if "minimum" in schema and value < schema["minimum"]:
        return _says(at, f"expected at least {schema['minimum']}, given {value}")
    if "maximum" in schema and value > schema["maximum"]:
        return _says(at, f"expected at most {schema['maximum']}, given {value}")
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        return _says(at, f"expected more than {schema['exclusiveMinimum']}, given {value}")
    if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
        return _says(at, f"expected less than {schema['exclusiveMaximum']}, given {value}")
    return ""


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same: true is not 1, but 1.0 is."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(one == other)


def _says(at: str, what: str) -> str:
    return f"{at or 'the answer'}: {what}"


def _short(value: Any) -> str:
    text = json_text.write(value)
    return text if len(text) <= 60 else text[:57] + "..."
