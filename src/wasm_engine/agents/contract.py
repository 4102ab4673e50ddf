"""The contract `wasm-engine:agent@0.1.0` as types: what a component must export, and may import.

A test holds this against the WIT text.
"""

from __future__ import annotations

from collections.abc import Mapping

from wasm_engine.agents import packages
from wasm_engine.agents.standards import other_type
from wasm_engine.concepts.canonical import encode, sha256_hex
from wasm_engine.concepts.errors import BadComponent
from wasm_engine.runtime.component import Component, Interface, bare
from wasm_engine.runtime.wit import (
    U8,
    U16,
    U64,
    Bool,
    Enum,
    FuncType,
    List,
    Option,
    Record,
    Result,
    String,
    Tuple,
    Type,
    Variant,
)

PACKAGE = "wasm-engine:agent"
VERSION = "0.1.0"
HANDLER = f"{PACKAGE}/handler"
REDUCER = f"{PACKAGE}/reducer"
COMMAND = "wasi:cli/run"

_TEXT, _NUMBER = String(), U64()
_BYTES = List(U8())
_BODY = Variant((("text", _TEXT), ("bytes", _BYTES)))
_HEADERS = List(Tuple((_TEXT, _TEXT)))
_MESSAGE = Record(
    (
        ("id", _NUMBER),
        ("sender", _TEXT),
        ("topic", _TEXT),
        ("body", _BODY),
        ("headers", _HEADERS),
        ("request", Option(_NUMBER)),
    )
)
_FAULT = Record((("code", _TEXT), ("detail", _TEXT)))
_OPTIONS = Record((("timeout", Option(_NUMBER)), ("headers", _HEADERS)))
_LEVEL = Enum(("debug", "info", "warning", "error"))
_TOOL = Record(
    tuple((name, _TEXT) for name in ("name", "description", "input-schema", "output-schema"))
)
_REQUEST = Record(
    (
        ("method", _TEXT),
        ("url", _TEXT),
        ("headers", _HEADERS),
        ("body", Option(_BODY)),
        ("timeout", Option(_NUMBER)),
    )
)
_RESPONSE = Record((("status", U16()), ("headers", _HEADERS), ("body", _BODY)))
_OUTGOING = Record((("to", _TEXT), ("topic", _TEXT), ("body", _BODY)))


def _f(result: Type | None, **params: Type) -> FuncType:
    return FuncType(tuple((k.replace("_", "-"), ty) for k, ty in params.items()), result)


def _or_fault(ok: Type | None) -> Result:
    return Result(ok, _FAULT)


_DONE = _or_fault(None)
_MAIL: dict[str, Type] = {"to": _TEXT, "topic": _TEXT, "body": _BODY, "options": _OPTIONS}

IMPORTS: Mapping[str, Mapping[str, FuncType]] = {
    f"{PACKAGE}/messaging": {
        "send": _f(_DONE, **_MAIL),
        "publish": _f(_DONE, topic=_TEXT, body=_BODY, options=_OPTIONS),
        "reply": _f(_DONE, body=_BODY),
        "defer": _f(_or_fault(_NUMBER)),
        "reply-to": _f(_DONE, request=_NUMBER, body=_BODY),
        "ask": _f(_or_fault(_BODY), **_MAIL),
        "start": _f(_or_fault(_NUMBER), **_MAIL),
        "wait-any": _f(_or_fault(_NUMBER), requests=List(_NUMBER)),
        "take": _f(_or_fault(_BODY), request=_NUMBER),
        "cancel-request": _f(None, request=_NUMBER),
        "schedule": _f(_or_fault(_NUMBER), after=_NUMBER, topic=_TEXT, body=_BODY),
        "cancel": _f(Bool(), id=_NUMBER),
    },
    f"{PACKAGE}/agents": {
        "spawn": _f(_or_fault(_TEXT), kind=_TEXT, key=_TEXT, config=_TEXT),
        "stop": _f(_DONE, agent=_TEXT),
        "watch": _f(_DONE, agent=_TEXT),
    },
    f"{PACKAGE}/state": {
        "get": _f(Option(_TEXT), key=_TEXT),
        "set": _f(_DONE, key=_TEXT, value=_TEXT),
        "delete": _f(None, key=_TEXT),
        "keys": _f(List(_TEXT), prefix=_TEXT),
        "get-bytes": _f(Option(_BYTES), key=_TEXT),
        "set-bytes": _f(_DONE, key=_TEXT, value=_BYTES),
    },
    f"{PACKAGE}/context": {
        "self-address": _f(_TEXT),
        "world-name": _f(_TEXT),
        "step": _f(_NUMBER),
        "now": _f(_NUMBER),
        "random": _f(_NUMBER),
        "config": _f(_TEXT),
    },
    f"{PACKAGE}/tools": {
        "available": _f(List(_TOOL)),
        "call": _f(_or_fault(_TEXT), name=_TEXT, arguments=_TEXT),
    },
    f"{PACKAGE}/http": {
        "fetch": _f(_or_fault(_RESPONSE), request=_REQUEST),
        "start": _f(_or_fault(_NUMBER), request=_REQUEST),
        "take": _f(_or_fault(_RESPONSE), number=_NUMBER),
    },
    f"{PACKAGE}/log": {"write": _f(None, level=_LEVEL, text=_TEXT)},
}
"""What the contract's imports look like, by interface and function."""

EXPORTS: Mapping[str, Mapping[str, FuncType]] = {
    HANDLER: {"init": _f(_DONE), "handle": _f(_DONE, message=_MESSAGE)},
    REDUCER: {
        "reduce": _f(_or_fault(Tuple((_TEXT, List(_OUTGOING)))), state=_TEXT, message=_MESSAGE)
    },
    COMMAND: {"run": _f(Result(None, None))},
}
"""What makes a component an agent: one of these interfaces."""


DIGEST = sha256_hex(
    encode(
        [[n, f, str(ty)] for t in (IMPORTS, EXPORTS) for n, i in t.items() for f, ty in i.items()]
    )
)
"""Digest of the contract; part of the fingerprint."""


def role_of(component: Component, label: str) -> str:
    """Which of the contract's exports makes the component an agent.

    Raises:
        BadComponent: None does, or one has another type than the contract says; or an import of
            the contract is wanted with another type.
    """
    check_imports(component, label)
    offered = {bare(name): (name, it) for name, it in component.exports.items()}
    for role, functions in EXPORTS.items():
        if role in offered:
            name, interface = offered[role]
            _check_version(name, label)
            _compare(role, functions, interface, label, "exports")
            for function in functions:
                if function not in interface.functions:
                    message = f"{label} misses the export {role}#{function}"
                    raise BadComponent(message)
            return role
    raise BadComponent(
        f"{label} is no agent: it exports neither {HANDLER}, {REDUCER} nor {COMMAND}",
        hint="component show FILE lists what it offers",
    )


def check_imports(component: Component, label: str) -> None:
    """Whether what a component imports of the contract, and of WASI, is as it is here.

    Raises:
        BadComponent: It was built for another version, or with another type.
    """
    for name, interface in component.imports.items():
        expected, version = IMPORTS.get(bare(name)), VERSION
        if expected is None and bare(name) in packages.IMPORTS:
            version, expected = packages.IMPORTS[bare(name)]
        if expected is not None:
            _check_version(name, label, version)
            _compare(bare(name), expected, interface, label, "imports")
        for function, ty in interface.functions.items():
            wanted = other_type(bare(name), function, str(ty))
            if wanted is not None:
                message = (
                    f"{label} was built for another draft: it imports {name}#{function} as "
                    f"`{ty}`; this engine has `{wanted}`"
                )
                raise BadComponent(message)


def _check_version(name: str, label: str, ours: str = VERSION) -> None:
    version = name.partition("@")[2]
    if name.startswith("wasm-engine:") and version != ours:
        package = name.partition("/")[0]
        message = f"{label} was built for {name}; this engine speaks {package}@{ours}"
        raise BadComponent(message)


def _compare(
    name: str, expected: Mapping[str, FuncType], found: Interface, label: str, verb: str
) -> None:
    for function, ty in found.functions.items():
        wanted = expected.get(function)
        if wanted is not None and str(ty) != str(wanted):
            message = f"{label} {verb} {name}#{function} as `{ty}`; the contract says `{wanted}`"
            raise BadComponent(message)
