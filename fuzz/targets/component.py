"""Components: the rewriting of their bytes, and the reading of their types."""

from __future__ import annotations

from functools import cache

import wasmtime
from wasmtime import component as wit

from fuzz.sources import ROOT, texts
from tests.binding.components import ENGINE, GUEST, echo_of
from tests.binding.rewriting import seen
from tests.binding.test_rewrite import COMPONENTS
from tests.binding.test_rewrite_handles import HOLDER
from tests.binding.test_values import NAMES
from wasm_engine.concepts.errors import BadComponent
from wasm_engine.runtime._wasmtime.compile import Compiler
from wasm_engine.runtime._wasmtime.rewrite import rewrite

REFUSES = (BadComponent,)
MEMORY = 1024


def check(data: bytes) -> None:
    """Rewriting never raises and makes nothing valid; what is valid has types, or is refused."""
    found = rewrite(data)
    assert bool(found.capture and found.rollback) == (found.wasm == data)
    valid = _is_valid(data)
    if found.wasm != data:
        assert _is_valid(found.wasm) is valid
    if valid:
        _compiler().load_many([("guest.wasm", data)])


def _is_valid(wasm: bytes) -> bool:
    try:
        wit.Component(seen().engine, wasm)
    except wasmtime.WasmtimeError:
        return False
    return True


@cache
def _compiler() -> Compiler:
    return Compiler(ENGINE, None, None)


def seeds() -> list[bytes]:
    """Those that the tests rewrite, one with values of every type, and a guest in C."""
    written = [*COMPONENTS.values(), HOLDER, GUEST, echo_of("$va", NAMES)]
    found = [bytes(wasmtime.wat2wasm(text)) for text in written]
    return [*found, *texts([ROOT / "guests/testing/ping/ping.wasm"])]
