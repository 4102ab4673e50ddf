"""Values of WIT types as JSON, and back; for every type but handles.

    bool string enum          true, "text", "name"
    integers                  3; of 64 bits beyond 2**53 - 1 on either side as text, "18446744..."
    floats                    0.5; "Infinity", "-Infinity", "NaN"
    char                      text of one character
    list, tuple               array; list<u8> is base64, and an array of numbers is taken, too
    record                    object; an option may be left out
    option                    null or the value; {"some": value} where the value is an option itself
    variant                   {"case": value}, "case" where it has no value
    result                    {"ok": value}, {"error": value}; null where there is no value
    flags                     array of names

What is wrong is told with the place, as a JSON pointer: `/lines/3/price: ...`.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import repeat
from typing import Any

from wasm_engine.agents.tools.schemas import BITS, EXACT, NOT_FINITE, SOME
from wasm_engine.concepts import json_text
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.json_text import NotJson, is_unicode
from wasm_engine.concepts.mistakes import nearest, shown
from wasm_engine.runtime import wit

Converter = Callable[[Any], Any]
Fields = tuple[tuple[str, wit.Type], ...]
_MOST_DIGITS = 20
_LARGEST_F32 = float.fromhex("0x1.fffffeffffffp+127")
"""What rounds to the largest number of 32 bits, and not beyond it."""


class Unfit(ValueError):
    """JSON that is not of a type.

    Attributes:
        what: What it must be instead.
        place: The keys and indices that lead to it, innermost first.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
        self.place: list[str] = []

    def within(self, key: str | int) -> Unfit:
        """The same, seen from what holds it."""
        self.place.append(str(key))
        return self

    def __str__(self) -> str:
        keys = (key.replace("~", "~0").replace("/", "~1") for key in reversed(self.place))
        pointer = "".join(f"/{key}" for key in keys)
        return f"{pointer}: {self.what}" if pointer else self.what


def arguments_of(ty: wit.FuncType, text: str) -> tuple[Any, ...]:
    """A function's arguments, of JSON text: an object with one property for each parameter.

    Raises:
        Unfit: It is no JSON, or does not fit; says where, and what must be there.
    """
    return arguments_reader(ty.params)(text)


@lru_cache(maxsize=1024)
def arguments_reader(params: Fields) -> Callable[[str], tuple[Any, ...]]:
    """What does the same for a function with these parameters."""
    fields = _reading_fields(params)

    def read(text: str) -> tuple[Any, ...]:
        try:
            found = json_text.read(text or "{}")
        except NotJson as wrong:
            raise Unfit(str(wrong)) from None
        values: tuple[Any, ...] = fields(found)
        return values

    return read


@lru_cache(maxsize=1024)
def reader(ty: wit.Type | None) -> Converter:
    """What makes a value of the type of plain JSON values; it raises `Unfit`."""
    match ty:
        case None:
            return _null
        case wit.Bool():
            return _bool
        case wit.F32() | wit.F64():
            return _float32 if isinstance(ty, wit.F32) else _float
        case wit.Char():
            return _char
        case wit.String():
            return _string
        case wit.Enum(names=names):
            return lambda value: _name(value, names)
        case wit.Flags(names=names):
            return _reading_flags(names)
        case _:
            return _reading_whole(ty) if type(ty) in BITS else _reading_compound(ty)


def _reading_compound(ty: wit.Type) -> Converter:
    match ty:
        case wit.List(element=wit.U8()):
            return _bytes
        case wit.List(element=element):
            return _reading_list(reader(element))
        case wit.Tuple(elements=elements):
            return _reading_tuple([reader(it) for it in elements])
        case wit.Record(fields=fields):
            return _reading_fields(fields)
        case wit.Option():
            return _reading_option(ty)
        case wit.Variant(cases=cases):
            return _reading_variant(cases)
        case wit.Result():
            return _reading_result(ty)
    message = f"a handle ({ty}) has no JSON"
    raise TypeError(message)


def _null(value: Any) -> None:
    if value is not None:
        raise Unfit(f"must be null, not {_told(value)}")


def _bool(value: Any) -> bool:
    if value is True or value is False:
        return value
    raise Unfit(f"must be true or false, not {_told(value)}")


def _string(value: Any) -> str:
    if value.__class__ is str and value.isascii():
        return value
    if not isinstance(value, str):
        raise Unfit(f"must be text, not {_told(value)}")
    return _unicode(value)


def _unicode(text: str) -> str:
    if not is_unicode(text):
        raise Unfit("text with half a character (a lone surrogate)")
    return text


def _char(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 1:
        raise Unfit(f"must be text of one character, not {_told(value)}")
    return _unicode(value)


def _reading_whole(ty: wit.Type) -> Converter:
    low, high = BITS[type(ty)]

    def read(value: Any) -> int:
        if value.__class__ is int and low <= value <= high:
            return value
        number = value
        if isinstance(value, float) and value.is_integer() and abs(value) <= EXACT:
            number = int(value)
        elif isinstance(value, str) and high > EXACT:
            number = _digits(value)
        if isinstance(number, bool) or not isinstance(number, int):
            raise Unfit(f"must be a whole number, not {_told(value)}")
        if not low <= number <= high:
            raise Unfit(f"must be from {low} to {high}, not {_told(value)}")
        return number

    return read


def _digits(text: str) -> int | None:
    """The number that a text is the decimal digits of, and nothing else."""
    digits = text.removeprefix("-")
    plain = digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS
    return int(text) if plain else None


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        if value in NOT_FINITE:
            return float(value)
        raise Unfit(f"must be a number, not {_told(value)}")
    return float(value)


def _float32(value: Any) -> float:
    number = _float(value)
    if math.isfinite(number) and abs(number) > _LARGEST_F32:
        raise Unfit(f"must be a number of 32 bits, not {_told(value)}")
    return number


def _bytes(value: Any) -> bytes:
    if isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise Unfit("must be base64, or an array of numbers from 0 to 255") from None
    if not isinstance(value, list):
        raise Unfit(f"must be base64, or an array of numbers, not {_told(value)}")
    return bytes(_each(value, repeat(reader(wit.U8()))))


def _each(values: list[Any], readers: Iterable[Converter]) -> list[Any]:
    found: list[Any] = []
    try:
        for value, read in zip(values, readers, strict=False):
            found.append(read(value))
    except Unfit as unfit:
        raise unfit.within(len(found)) from None
    return found


def _reading_list(element: Converter) -> Converter:
    def read(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise Unfit(f"must be an array, not {_told(value)}")
        return _each(value, repeat(element))

    return read


def _reading_tuple(elements: list[Converter]) -> Converter:
    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) != len(elements):
            raise Unfit(f"must be an array of {len(elements)}, not {_told(value)}")
        return tuple(_each(value, elements))

    return read


def _reading_fields(fields: Fields) -> Converter:
    readers = [(name, reader(ty), isinstance(ty, wit.Option)) for name, ty in fields]
    names = dict(fields).keys()

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, dict):
            raise Unfit(f"must be an object, not {_told(value)}")
        for key in value:
            if key not in names:
                near = nearest(key, [name for name, _ in fields])
                raise Unfit(f"is not known{near}").within(key)
        found: list[Any] = []
        try:
            for name, read_one, optional in readers:
                known = name in value
                found.append(read_one(value[name]) if known else _left_out(optional=optional))
        except Unfit as unfit:
            raise unfit.within(readers[len(found)][0]) from None
        return tuple(found)

    return read


def _left_out(*, optional: bool) -> Any:
    if not optional:
        raise Unfit("is missing")


def _inner(value: Mapping[str, Any], name: str, read: Converter) -> Any:
    """What is in an object under a name that it has."""
    try:
        return read(value[name])
    except Unfit as unfit:
        raise unfit.within(name) from None


def _reading_option(ty: wit.Option) -> Converter:
    inner, nested, wrapped = reader(ty.payload), isinstance(ty.payload, wit.Option), ty.wrapped

    def read(value: Any) -> Any:
        if value is None:
            return None
        if nested:
            if not isinstance(value, dict) or list(value) != [SOME]:
                raise Unfit(f'must be null or {{"{SOME}": value}}, not {_told(value)}')
            found = _inner(value, SOME, inner)
        else:
            found = inner(value)
        return (found,) if wrapped else found

    return read


def _reading_flags(names: tuple[str, ...]) -> Converter:
    def read(value: Any) -> frozenset[str]:
        if not isinstance(value, list):
            raise Unfit(f"must be an array of names, not {_told(value)}")
        found = _each(value, repeat(lambda name: _name(name, names)))
        if len(set(found)) != len(found):
            raise Unfit("names one of them twice")
        return frozenset(found)

    return read


def _name(value: Any, names: tuple[str, ...]) -> str:
    if not isinstance(value, str):
        raise Unfit(f"must be a name, not {_told(value)}{nearest('', names)}")
    if value not in names:
        raise Unfit(f"{shown(value)} is none of the names{nearest(value, names)}")
    return value


def _reading_variant(cases: tuple[tuple[str, wit.Type | None], ...]) -> Converter:
    readers = {name: reader(ty) for name, ty in cases}
    bare = {name for name, ty in cases if ty is None}
    names = tuple(readers)

    def read(value: Any) -> tuple[str, Any]:
        if isinstance(value, str):
            name = _name(value, names)
            if name not in bare:
                raise Unfit(f'{shown(name)} has a value: {{"{name}": value}}')
            return name, None
        if not isinstance(value, dict) or len(value) != 1:
            raise Unfit(f'must be {{"case": value}}, or "case", not {_told(value)}')
        name = _name(next(iter(value)), names)
        return name, _inner(value, name, readers[name])

    return read


def _reading_result(ty: wit.Result) -> Converter:
    ok, err, wrapped = reader(ty.ok), reader(ty.err), ty.wrapped

    def read(value: Any) -> Any:
        if not isinstance(value, dict) or list(value) not in (["ok"], ["error"]):
            raise Unfit(f'must be {{"ok": value}} or {{"error": value}}, not {_told(value)}')
        if "error" in value:
            return Err(_inner(value, "error", err))
        found = _inner(value, "ok", ok)
        return (found,) if wrapped else found

    return read


def _told(value: Any) -> str:
    """A JSON value for a message."""
    if value is None:
        return "null"
    return "an object" if isinstance(value, dict) else shown(value)
