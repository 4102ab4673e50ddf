"""JSON text of values of WIT types, as `json_values` says what it is like.

What writes a type is made once, of what writes its parts. The text is the canonical one: what
`json_text.write` makes of the same value.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from wasm_engine.agents.tools.schemas import EXACT, SOME
from wasm_engine.concepts import json_text
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.json_text import quoted
from wasm_engine.runtime import wit

Writer = Callable[[Any], str]
_NULL = "null"


def text_of_arguments(ty: wit.FuncType, values: tuple[Any, ...]) -> str:
    """The JSON text that `json_values.arguments_of` reads so."""
    return writer(wit.Record(ty.params))(values)


@lru_cache(maxsize=1024)
def result_writer(ty: wit.Type | None) -> Writer:
    """What makes the JSON text of a function's results; where it has none, of None.

    It raises `NotJson` for one that is nested deeper than JSON may be.
    """
    write = writer(ty)
    if _depth(ty) <= json_text.MAX_DEPTH:
        return write

    def checked(value: Any) -> str:
        text = write(value)
        json_text.check(text)
        return text

    return checked


@lru_cache(maxsize=1024)
def writer(ty: wit.Type | None) -> Writer:
    """What makes the JSON text of a value of the type; total."""
    match ty:
        case None:
            return lambda _value: _NULL
        case wit.Bool():
            return lambda value: "true" if value else "false"
        case wit.F32() | wit.F64():
            return _float
        case wit.S64() | wit.U64():
            return lambda value: repr(value) if -EXACT <= value <= EXACT else f'"{value}"'
        case wit.String() | wit.Char():
            return quoted
        case wit.Enum(names=names):
            return {name: quoted(name) for name in names}.__getitem__
        case wit.Flags(names=names):
            spelled = [(name, quoted(name)) for name in names]
            return lambda value: f"[{','.join([it for name, it in spelled if name in value])}]"
        case wit.Own() | wit.Borrow():
            message = f"a handle ({ty}) has no JSON"
            raise TypeError(message)
        case _:
            return _compound(ty)


def _compound(ty: wit.Type) -> Writer:
    match ty:
        case wit.List(element=wit.U8()):
            return lambda value: f'"{base64.b64encode(value).decode()}"'
        case wit.List(element=element):
            each = writer(element)
            return lambda value: f"[{','.join(map(each, value))}]"
        case wit.Tuple(elements=elements):
            writers = [writer(it) for it in elements]
            return lambda value: (
                f"[{','.join([it(x) for it, x in zip(writers, value, strict=True)])}]"
            )
        case wit.Record(fields=fields):
            return _record(fields)
        case wit.Variant(cases=cases):
            return _variant(dict(cases))
        case wit.Option():
            return _option(ty)
        case wit.Result():
            return _result(ty)
        case _:
            return repr  # a whole number


def _float(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return '"NaN"' if math.isnan(value) else '"Infinity"' if value > 0 else '"-Infinity"'


def _tuple(writers: list[Writer]) -> Writer:
    def write(value: tuple[Any, ...]) -> str:
        return f"[{','.join([it(part) for it, part in zip(writers, value, strict=True)])}]"

    return write


def _record(fields: tuple[tuple[str, wit.Type], ...]) -> Writer:
    """Keys are sorted, wherever their values are in the record."""
    places = sorted((name, place) for place, (name, _) in enumerate(fields))
    parts = [(f"{quoted(name)}:", writer(fields[place][1]), place) for name, place in places]
    return lambda value: f"{{{','.join([key + it(value[place]) for key, it, place in parts])}}}"


def _variant(cases: Mapping[str, wit.Type | None]) -> Writer:
    bare = {name: quoted(name) for name, ty in cases.items() if ty is None}
    full = {
        name: (f"{{{quoted(name)}:", writer(ty)) for name, ty in cases.items() if ty is not None
    }

    def write(value: tuple[str, Any]) -> str:
        name, payload = value
        if name in bare:
            return bare[name]
        key, it = full[name]
        return f"{key}{it(payload)}}}"

    return write


def _option(ty: wit.Option) -> Writer:
    inner, wrapped = writer(ty.payload), ty.wrapped
    if isinstance(ty.payload, wit.Option):
        some = inner
        inner = lambda value: f'{{"{SOME}":{some(value)}}}'  # noqa: E731
    if wrapped:
        return lambda value: _NULL if value is None else inner(value[0])
    return lambda value: _NULL if value is None else inner(value)


def _result(ty: wit.Result) -> Writer:
    ok, err, wrapped = writer(ty.ok), writer(ty.err), ty.wrapped

    def write(value: Any) -> str:
        if isinstance(value, Err):
            return f'{{"error":{err(value.payload)}}}'
        return f'{{"ok":{ok(value[0] if wrapped else value)}}}'

    return write


def _depth(ty: wit.Type | None) -> int:
    """How deep the arrays and objects of the type's values can be nested."""
    match ty:
        case wit.List(element=wit.U8()):
            return 1
        case wit.List(element=inner) | wit.Option(payload=inner):
            return 1 + _depth(inner)
        case wit.Tuple(elements=elements):
            return 1 + max(map(_depth, elements), default=0)
        case wit.Record(fields=parts) | wit.Variant(cases=parts):
            return 1 + max((_depth(it) for _, it in parts), default=0)
        case wit.Result(ok=ok, err=err):
            return 1 + max(_depth(ok), _depth(err))
        case wit.Flags():
            return 1
        case _:
            return 0
