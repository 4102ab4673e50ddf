"""JSON Schema, as far as answers of models are held to it: a subset, whose rest is refused.

What an answer is told by must be the same on every machine and in every release, so no library
judges it. A keyword that is not known here is refused with the schema, not passed over.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

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
MAX_WORK = 1_000_000
"""Comparisons within these parts: names that are required, values of `enum`, what is in `const`."""
MAX_DEPTH = 256
MOST_PLACE = 200
"""Characters of where something does not fit."""
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
        schema = json_text.read_whole(text)
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
        found = _Judge(schema).look(schema, value, None, 0)
        return "" if found is None else found.told()
    except _TooLong:
        return "it takes too long to hold it against the schema"
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
    return f" at {_cut(at, MOST_PLACE)}" if at else ""


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


class _TooLong(Exception):
    """A value takes more work to be judged than it may."""


_Place: TypeAlias = "tuple[_Place, str] | None"
"""Where something is in a value: in what, and how it is reached from there. Spelled when told."""


class _Misfit(NamedTuple):
    """What does not fit, in words with values in them.

    Values are spelled when it is told. Most are not: of `anyOf` another one fits.
    """

    at: _Place
    what: str
    values: Sequence[Any] = ()

    def told(self) -> str:
        """For people, and models."""
        steps, at = [], self.at
        while at is not None:
            at, step = at
            steps.append(step)
        place = _cut("".join(reversed(steps)), MOST_PLACE) or "the answer"
        return f"{place}: {self.what.format(*map(_short, self.values))}"


class _Judge:
    """Holds one value against one schema, within bounds."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._steps = self._work = 0

    def look(self, schema: Any, value: Any, at: _Place, depth: int) -> _Misfit | None:
        """What does not fit; None where all does.

        Raises:
            _TooLong: Nobody knows.
        """
        self._steps += 1
        if self._steps > MAX_STEPS or depth > MAX_DEPTH:
            raise _TooLong
        if isinstance(schema, bool):
            return None if schema else _Misfit(at, "nothing may be here")
        found = self._by_value(schema, value, at)
        if found:
            return found
        if isinstance(value, dict):
            found = self._object(schema, value, at, depth)
        elif isinstance(value, list):
            found = self._array(schema, value, at, depth)
        elif isinstance(value, str):
            found = _counted(schema, len(value), "Length", "characters", at)
        elif _is_number(value):
            found = _number(schema, value, at)
        return found or self._combined(schema, value, at, depth)

    def _spend(self, work: int) -> None:
        self._work += work
        if self._work > MAX_WORK:
            raise _TooLong

    def _by_value(self, schema: dict[str, Any], value: Any, at: _Place) -> _Misfit | None:
        if "type" in schema:
            kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            self._spend(len(kinds))
            if not any(_TYPES[kind](value) for kind in kinds):
                return _Misfit(at, f"expected {' or '.join(kinds)}, given {{}}", [value])
        if "const" in schema and not self._same(schema["const"], value):
            return _Misfit(at, "expected {}, given {}", [schema["const"], value])
        if "enum" in schema and not any(self._same(one, value) for one in schema["enum"]):
            some = schema["enum"][:10]
            listed = ", ".join(["{}"] * len(some))
            return _Misfit(at, f"expected one of {listed}, given {{}}", [*some, value])
        return None

    def _same(self, one: Any, other: Any) -> bool:
        """Whether two JSON values are the same: true is not 1, but 1.0 is."""
        self._spend(1)
        if isinstance(one, bool) or isinstance(other, bool):
            return one is other
        if isinstance(one, list) and isinstance(other, list):
            return len(one) == len(other) and all(map(self._same, one, other))
        if isinstance(one, dict) and isinstance(other, dict):
            return one.keys() == other.keys() and all(
                self._same(one[key], other[key]) for key in one
            )
        return bool(one == other)

    def _object(
        self, schema: dict[str, Any], value: dict[str, Any], at: _Place, depth: int
    ) -> _Misfit | None:
        required = schema.get("required", ())
        self._spend(len(required))
        for name in required:
            if name not in value:
                return _Misfit(at, "{} is missing", [name])
        found = _counted(schema, len(value), "Properties", "properties", at)
        if found:
            return found
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        for name, inner in value.items():
            if name not in known and others is False:
                return _Misfit(at, "{} may not be there", [name])
            found = self.look(known.get(name, others), inner, (at, f".{name}"), depth + 1)
            if found:
                return found
        return None

    def _array(
        self, schema: dict[str, Any], value: list[Any], at: _Place, depth: int
    ) -> _Misfit | None:
        found = _counted(schema, len(value), "Items", "items", at)
        if found:
            return found
        if schema.get("uniqueItems") and self._repeats(value):
            return _Misfit(at, "two items are the same")
        first, rest = schema.get("prefixItems", []), schema.get("items", True)
        for number, inner in enumerate(value):
            one = first[number] if number < len(first) else rest
            found = self.look(one, inner, (at, f"[{number}]"), depth + 1)
            if found:
                return found
        return None

    def _repeats(self, items: list[Any]) -> bool:
        texts = set()
        for item in items:
            text = json_text.write(item)
            self._spend(4 + len(text) // 16)
            texts.add(text)
        return len(texts) < len(items)

    def _combined(
        self, schema: dict[str, Any], value: Any, at: _Place, depth: int
    ) -> _Misfit | None:
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
        for one in schema.get("anyOf", ()):
            if not self.look(one, value, at, depth + 1):
                break
        else:
            if "anyOf" in schema:
                return _Misfit(at, "none of anyOf fits {}", [value])
        if "oneOf" in schema:
            found = self._one_of(schema["oneOf"], value, at, depth)
            if found:
                return found
        if "not" in schema and not self.look(schema["not"], value, at, depth + 1):
            return _Misfit(at, "{} is what may not be", [value])
        return None

    def _one_of(self, each: list[Any], value: Any, at: _Place, depth: int) -> _Misfit | None:
        fitting = 0
        for one in each:
            fitting += not self.look(one, value, at, depth + 1)
        if fitting == 1:
            return None
        return _Misfit(at, f"{fitting} of oneOf fit, and one should")


def _counted(
    schema: dict[str, Any], count: int, what: str, called: str, at: _Place
) -> _Misfit | None:
    least, most = schema.get(f"min{what}", 0), schema.get(f"max{what}")
    if count < least:
        return _Misfit(at, f"expected at least {least} {called}, given {count}")
    if most is not None and count > most:
        return _Misfit(at, f"expected at most {most} {called}, given {count}")
    return None


def _number(schema: dict[str, Any], value: float, at: _Place) -> _Misfit | None:
    for keyword, is_beyond, says in _BOUNDS:
        if keyword in schema and is_beyond(value, schema[keyword]):
            return _Misfit(at, f"expected {says} {{}}, given {{}}", [schema[keyword], value])
    return None


_BOUNDS: Final = (
    ("minimum", operator.lt, "at least"),
    ("maximum", operator.gt, "at most"),
    ("exclusiveMinimum", operator.le, "more than"),
    ("exclusiveMaximum", operator.ge, "less than"),
)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


def _short(value: Any) -> str:
    return _cut(json_text.write(value), 60)
