"""What a component's WIT says of its functions, and the JSON that tools are called with."""

from __future__ import annotations

import json

from wasm_engine.agents.tools.docs import documentation
from wasm_engine.agents.tools.json_values import Unfit, arguments_of
from wasm_engine.agents.tools.json_writing import text_of_arguments
from wasm_engine.runtime import wit

FORMS = ("text",)
REFUSES = (Unfit,)
WORDS = (
    b'"lines"', b'"some"', b'"ok"', b'"error"', b'"case"', b'"NaN"', b"null",
    b"18446744073709551615",
    b"package-docs", b'"interfaces"', b'"worlds"', b'"funcs"', b'"docs"',
)  # fmt: skip
_COMPONENT = b"\0asm\x0d\x00\x01\x00"
_TEXT, _NUMBER = wit.String(), wit.U64()
_LINE = wit.Record((("name", _TEXT), ("price", wit.Option(wit.Option(wit.F32())))))
_PART = wit.Variant((("case", None), ("bytes", wit.List(wit.U8())), ("line", _LINE)))
_TYPE = wit.FuncType(
    (
        ("lines", wit.List(_PART)),
        ("kept", wit.Option(wit.Result(wit.Tuple((wit.Char(), wit.S8())), wit.Enum(("a", "b"))))),
        ("flags", wit.Option(wit.Flags(("r", "w")))),
        ("number", wit.Option(_NUMBER)),
    ),
    None,
)


def check(data: bytes) -> None:
    """What is said is text, whatever it is said with; arguments that are read are written so."""
    for said in documentation(data).values():
        said.encode()
    documentation(_COMPONENT + data)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    values = arguments_of(_TYPE, text)
    again = text_of_arguments(_TYPE, values)
    assert text_of_arguments(_TYPE, arguments_of(_TYPE, again)) == again


def seeds() -> list[bytes]:
    """Arguments that fit, and a component that says something of itself."""
    line = {"line": {"name": "tea", "price": {"some": 0.5}}}
    full = {"lines": ["case", {"bytes": "AP8="}, line], "kept": {"ok": ["x", -1]}}
    told = {"interfaces": {"api": {"funcs": {"add": "Adds.", "sub": {"docs": "Takes off."}}}}}
    body = b"\x0cpackage-docs\x00" + json.dumps(told).encode()
    return [
        json.dumps({**full, "flags": ["r"], "number": "7"}).encode(),
        b'{"lines":[]}',
        _COMPONENT + b"\0" + bytes([len(body)]) + body,
    ]
