"""JSON Schema of WIT types: what the JSON of `json_values` is like, for people and models."""

from __future__ import annotations

from typing import Any

from wasm_engine.runtime import wit

BITS: dict[type, tuple[int, int]] = {
    wit.S8: (-(2**7), 2**7 - 1),
    wit.U8: (0, 2**8 - 1),
    wit.S16: (-(2**15), 2**15 - 1),
    wit.U16: (0, 2**16 - 1),
    wit.S32: (-(2**31), 2**31 - 1),
    wit.U32: (0, 2**32 - 1),
    wit.S64: (-(2**63), 2**63 - 1),
    wit.U64: (0, 2**64 - 1),
}
"""The least and the greatest value of each type of whole numbers."""
EXACT = 2**53 - 1
"""Up to here, on either side of 0, every reader of JSON keeps a whole number as it is."""
NOT_FINITE = ("Infinity", "-Infinity", "NaN")
"""What JSON has no number for is told by its name."""
SOME = "some"
"""The key under which the value of an option stands whose value may be null itself."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def parameters_schema(ty: wit.FuncType) -> dict[str, Any]:
    """The schema of a function's arguments: an object, one property for each parameter."""
    return {"$schema": DIALECT, **_object(ty.params)}


def result_schema(ty: wit.FuncType) -> dict[str, Any]:
    """The schema of what a function answers; null where that is nothing."""
    return {"$schema": DIALECT, **schema_of(ty.result)}


def schema_of(ty: wit.Type | None) -> dict[str, Any]:
    """The schema of a type; of no type at all, null."""
    match ty:
        case None:
            return {"type": "null"}
        case wit.Bool():
            return {"type": "boolean"}
        case wit.F32() | wit.F64():
            return {"anyOf": [{"type": "number"}, {"enum": list(NOT_FINITE)}]}
        case wit.Char():
            return {"type": "string", "minLength": 1, "maxLength": 1}
        case wit.String():
            return {"type": "string"}
        case wit.Enum(names=names):
            return {"type": "string", "enum": list(names)}
        case wit.Flags(names=names):
            items = {"type": "string", "enum": list(names)}
            return {"type": "array", "items": items, "uniqueItems": True}
        case wit.Own() | wit.Borrow():
            message = f"a handle ({ty}) has no JSON"
            raise TypeError(message)
        case _:
            return _whole(ty) if type(ty) in BITS else _compound(ty)


def _whole(ty: wit.Type) -> dict[str, Any]:
    low, high = BITS[type(ty)]
    number = {"type": "integer", "minimum": low, "maximum": high}
    if high <= EXACT:
        return number
    digits = {"type": "string", "pattern": f"^{'-?' if low else ''}[0-9]{{1,20}}$"}
    return {"anyOf": [number, digits]}


def _compound(ty: wit.Type) -> dict[str, Any]:
    match ty:
        case wit.List(element=wit.U8()):
            array = {"type": "array", "items": schema_of(wit.U8())}
            return {"anyOf": [{"type": "string", "contentEncoding": "base64"}, array]}
        case wit.List(element=element):
            return {"type": "array", "items": schema_of(element)}
        case wit.Tuple(elements=elements):
            items = [schema_of(it) for it in elements]
            size = {"minItems": len(items), "maxItems": len(items)}
            return {"type": "array", "prefixItems": items, "items": False, **size}
        case wit.Record(fields=fields):
            return _object(fields)
        case wit.Option(payload=payload):
            inner = schema_of(payload)
            if isinstance(payload, wit.Option):
                inner = _one(SOME, inner)
            return {"anyOf": [{"type": "null"}, inner]}
        case wit.Variant(cases=cases):
            return {"oneOf": [_case(name, payload) for name, payload in cases]}
        case wit.Result(ok=ok, err=err):
            return {"oneOf": [_one("ok", schema_of(ok)), _one("error", schema_of(err))]}
    message = f"{ty} is no type"
    raise TypeError(message)


def _case(name: str, payload: wit.Type | None) -> dict[str, Any]:
    return {"const": name} if payload is None else _one(name, schema_of(payload))


def _one(name: str, inner: dict[str, Any]) -> dict[str, Any]:
    """An object with just this property."""
    return {
        "type": "object",
        "properties": {name: inner},
        "required": [name],
        "additionalProperties": False,
    }


def _object(fields: tuple[tuple[str, wit.Type], ...]) -> dict[str, Any]:
    """An object with these properties; options may be left out."""
    required = [name for name, ty in fields if not isinstance(ty, wit.Option)]
    return {
        "type": "object",
        "properties": {name: schema_of(ty) for name, ty in fields},
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }
