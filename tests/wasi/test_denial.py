"""What nothing implements is refused in its own type."""

from __future__ import annotations

from typing import Any

import pytest

from wasm_engine.concepts.errors import GuestTrap
from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime._wasmtime import types as wit
from wasm_engine.runtime.wasi import deny

SOCKET_ERROR = wit.Enum(("unknown", "access-denied", "not-supported"))
HTTP_ERROR = wit.Variant(
    (("DNS-timeout", None), ("HTTP-request-denied", None), ("internal-error", wit.String()))
)


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        (wit.Result(wit.U32(), SOCKET_ERROR), Err("access-denied")),
        (wit.Result(None, wit.Enum(("unsupported", "x"))), Err("unsupported")),
        (wit.Result(None, wit.Enum(("io", "not-permitted"))), Err("not-permitted")),
        (wit.Result(wit.U32(), HTTP_ERROR), Err(("HTTP-request-denied", None))),
        (wit.Result(wit.String(), None), Err(None)),
        (wit.Option(wit.String()), None),
    ],
)
def test_a_refusal_has_the_type_that_was_asked_for(result: wit.Type, answer: Any) -> None:
    function = deny("wasi:some/thing#do", wit.FuncType((("a", wit.U32()),), result))
    assert function.name == "wasi:some/thing#do"
    assert function.call(None, 1) == answer


@pytest.mark.parametrize(
    "result",
    [
        None,
        wit.U32(),
        wit.Own("wasi:some/thing#resource"),
        wit.Result(None, wit.String()),
        wit.Result(None, wit.Enum(("some", "thing"))),
        wit.Result(None, wit.Variant((("access-denied", wit.String()),))),
    ],
)
def test_where_the_type_has_no_refusal_the_guest_traps(result: wit.Type | None) -> None:
    function = deny("wasi:some/thing#do", wit.FuncType((), result))
    with pytest.raises(GuestTrap, match="not-implemented"):
        function.call(None)
