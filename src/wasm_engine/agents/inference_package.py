"""The package `wasm-engine:inference` as types: models of tensors, of vectors, of language.

A component names the version that it wants, and its bytes are in the run. A test holds this against
the WIT text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wasm_engine.runtime.wit import (
    F32,
    F64,
    S8,
    S16,
    S32,
    S64,
    U8,
    U16,
    U32,
    U64,
    Bool,
    Enum,
    FuncType,
    List,
    Option,
    Record,
    Result,
    String,
    Type,
    Variant,
)

NAME: Final = "wasm-engine:inference"
VERSION: Final = "0.1.0"

_TEXT, _NUMBER = String(), U64()
_FAULT = Record((("code", _TEXT), ("detail", _TEXT)))
_SPAN = Option(_NUMBER)


def _f(ok: Type | None, **params: Type) -> FuncType:
    named = tuple((name.replace("_", "-"), ty) for name, ty in params.items())
    return FuncType(named, Result(ok, _FAULT))


_DATA = Variant(
    (
        ("float32", List(F32())),
        ("float64", List(F64())),
        ("float16", List(U16())),
        ("bfloat16", List(U16())),
        ("int8", List(S8())),
        ("int16", List(S16())),
        ("int32", List(S32())),
        ("int64", List(S64())),
        ("uint8", List(U8())),
        ("uint16", List(U16())),
        ("uint32", List(U32())),
        ("uint64", List(U64())),
        ("boolean", List(Bool())),
        ("text", List(_TEXT)),
    )
)
_TENSORS = List(Record((("name", _TEXT), ("shape", List(U32())), ("data", _DATA))))
_SLOTS = List(
    Record(
        (
            ("name", _TEXT),
            ("element", _TEXT),
            ("shape", List(Option(U32()))),
            ("optional", Bool()),
        )
    )
)
_MODEL = Record((("digest", _TEXT), ("portable", Bool()), ("inputs", _SLOTS), ("outputs", _SLOTS)))
_RUN: dict[str, Type] = {"model": _TEXT, "inputs": _TENSORS, "timeout": _SPAN}

MODELS: Mapping[str, FuncType] = {
    "describe": _f(_MODEL, model=_TEXT),
    "run": _f(_TENSORS, **_RUN),
    "start": _f(_NUMBER, **_RUN),
    "take": _f(_TENSORS, number=_NUMBER),
}
EMBEDDINGS: Mapping[str, FuncType] = {
    "dimensions": _f(U32(), model=_TEXT),
    "embed": _f(List(F32()), model=_TEXT, texts=List(_TEXT)),
}

_CALLS = List(Record((("id", _TEXT), ("name", _TEXT), ("arguments", _TEXT))))
_TURNS = List(
    Record(
        (
            ("role", Enum(("system", "user", "assistant", "tool"))),
            ("content", _TEXT),
            ("calls", _CALLS),
            ("answers", Option(_TEXT)),
        )
    )
)
_TOOLS = List(Record((("name", _TEXT), ("description", _TEXT), ("parameters", _TEXT))))
_CHOICE = Variant((("free", None), ("none", None), ("required", None), ("named", _TEXT)))
_OPTIONS = Record(
    (
        ("tools", _TOOLS),
        ("choice", _CHOICE),
        ("schema", Option(_TEXT)),
        ("most", Option(U32())),
        ("temperature", Option(F64())),
        ("top-p", Option(F64())),
        ("top-k", Option(U32())),
        ("seed", Option(_NUMBER)),
        ("stop", List(_TEXT)),
        ("timeout", _SPAN),
    )
)
_ANSWER = Record(
    (
        ("content", _TEXT),
        ("calls", _CALLS),
        ("finish", Enum(("stop", "length", "calls", "refused"))),
        ("usage", Record((("prompt", _NUMBER), ("answer", _NUMBER)))),
    )
)
_ASK: dict[str, Type] = {"model": _TEXT, "turns": _TURNS, "options": _OPTIONS}

CHAT: Mapping[str, FuncType] = {
    "describe": _f(Record((("context", U32()), ("most", U32()))), model=_TEXT),
    "complete": _f(_ANSWER, **_ASK),
    "start": _f(_NUMBER, **_ASK),
    "take": _f(_ANSWER, number=_NUMBER),
}

INTERFACES: Mapping[str, Mapping[str, FuncType]] = {
    f"{NAME}/models": MODELS,
    f"{NAME}/embeddings": EMBEDDINGS,
    f"{NAME}/chat": CHAT,
}
"""Functions of each interface, by its name without version."""
