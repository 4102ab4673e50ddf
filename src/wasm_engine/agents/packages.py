"""WIT packages beside the contract, as types: what agents may import besides, and of which version.

The contract's digest is in every fingerprint, and so is what it says for ever; these came later. A
component names the version that it wants, and its bytes are in the run. A test holds this against
the WIT texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from wasm_engine.agents import inference_package
from wasm_engine.runtime.wit import (
    U32,
    U64,
    Bool,
    FuncType,
    List,
    Option,
    Record,
    Result,
    String,
    Type,
)

_TEXT, _NUMBER = String(), U64()
_FAULT = Record((("code", _TEXT), ("detail", _TEXT)))


class Package(NamedTuple):
    """A WIT package: its version, and its interfaces' functions, by name without version."""

    version: str
    interfaces: Mapping[str, Mapping[str, FuncType]]


def _f(ok: Type | None, **params: Type) -> FuncType:
    named = tuple((name.replace("_", "-"), ty) for name, ty in params.items())
    return FuncType(named, Result(ok, _FAULT))


_STATEMENT: dict[str, Type] = {"database": _TEXT, "statement": _TEXT, "parameters": _TEXT}
SQL = Package(
    "0.1.0",
    {
        "wasm-engine:sql/sql": {
            "query": _f(_TEXT, **_STATEMENT),
            "execute": _f(_NUMBER, **_STATEMENT),
            "batch": _f(_TEXT, database=_TEXT, statements=_TEXT),
        }
    },
)

FLOW = Package(
    "0.1.0",
    {
        "wasm-engine:flow/flow": {
            "labels": FuncType((), List(_TEXT)),
            "declassify": _f(None, label=_TEXT),
        }
    },
)

_SPAN = Option(_NUMBER)
_QUESTION: dict[str, Type] = {
    "role": _TEXT,
    "question": _TEXT,
    "options": Record((("choices", List(_TEXT)), ("timeout", _SPAN))),
}
_PROPOSAL: dict[str, Type] = {"role": _TEXT, "what": _TEXT, "details": _TEXT, "timeout": _SPAN}
_DECISION = Record((("approved", Bool()), ("comment", _TEXT), ("by", _TEXT)))

HUMAN = Package(
    "0.1.0",
    {
        "wasm-engine:human/human": {
            "ask": _f(_TEXT, **_QUESTION),
            "approve": _f(_DECISION, **_PROPOSAL),
            "start-ask": _f(_NUMBER, **_QUESTION),
            "start-approve": _f(_NUMBER, **_PROPOSAL),
            "take-answer": _f(_TEXT, number=_NUMBER),
            "take-decision": _f(_DECISION, number=_NUMBER),
        }
    },
)
_STANDING = Record((("name", _TEXT), ("digest", _TEXT), ("on-trial", Bool())))
SWAP = Package(
    "0.1.0",
    {
        "wasm-engine:swap/swap": {
            "swap": _f(U32(), kind=_TEXT, to=_TEXT, keep_old=Option(U32())),
            "running": _f(_STANDING, kind=_TEXT),
        }
    },
)
SECRETS = Package("0.1.0", {"wasm-engine:secrets/secrets": {"reference": _f(_TEXT, name=_TEXT)}})

RUNNER = "wasm-engine:code/runner"
"""What an interpreter exports that runs submitted code; nobody imports it but by a tool."""
_OUTCOME = Record((("value", _TEXT), ("printed", _TEXT)))
CODE = Package("0.1.0", {RUNNER: {"run": _f(_OUTCOME, source=_TEXT, input=_TEXT)}})

INFERENCE = Package(inference_package.VERSION, inference_package.INTERFACES)

PACKAGES: tuple[Package, ...] = (FLOW, HUMAN, INFERENCE, SECRETS, SQL, SWAP)
"""All of them."""

IMPORTS: Mapping[str, tuple[str, Mapping[str, FuncType]]] = {
    name: (package.version, functions)
    for package in PACKAGES
    for name, functions in package.interfaces.items()
}
"""Version and functions of each interface, by its name without version."""
