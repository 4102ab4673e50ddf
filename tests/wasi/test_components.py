"""WASI as components meet it: linked by introspection, with handles, and with waiting."""

from __future__ import annotations

from typing import Any

import pytest
import wasmtime

from tests.wasi.activations import (
    EPOCH,
    FUNCTIONS,
    PlainGuest,
    plain_guest,
    run_command,
)
from tests.wasi.components import COMMAND, UNSUPPORTED
from wasm_engine.concepts.errors import GuestTrap
from wasm_engine.runtime._wasmtime.compile import Compiler
from wasm_engine.runtime._wasmtime.component import Import
from wasm_engine.runtime._wasmtime.engine import Engine
from wasm_engine.runtime._wasmtime.instance import Finished, Limits
from wasm_engine.runtime._wasmtime.linked import Linked
from wasm_engine.runtime._wasmtime.types import FuncType
from wasm_engine.runtime.wasi import GuestExit, Tree, deny


def define(interface: str, function: str, ty: FuncType) -> Import:
    name = f"{interface.partition('@')[0]}#{function}"
    found = FUNCTIONS.get(name) or deny(name, ty)
    return Import(found.call, found.suspends)


@pytest.fixture(scope="module")
def linked() -> dict[str, Linked]:
    texts = {"command": COMMAND, "unsupported": UNSUPPORTED}
    wasms = [(name, bytes(wasmtime.wat2wasm(text))) for name, text in texts.items()]
    components = Compiler(Engine(), None).load_many(wasms)
    return {name: component.link(define) for name, component in zip(texts, components, strict=True)}


def call(linked: Linked, guest: PlainGuest, function: str) -> Any:
    instance = linked.instantiate(guest, Limits(10**9, 1 << 24, 10**8))
    try:
        instance.begin("", function, ())
        polled = instance.poll()
        assert isinstance(polled, Finished)
        return polled.value
    finally:
        instance.close()


def test_a_command_waits_prints_and_renames(linked: dict[str, Linked]) -> None:
    guest = plain_guest(Tree())
    assert run_command(linked["command"], guest) == 0
    assert guest.printed["stdout"] == b"slept\n"
    assert EPOCH + 10**9 <= guest.time < EPOCH + 2 * 10**9
    assert list(guest.wasi.tree.root.entries) == ["new"]
    assert guest.wasi.tree.root.opens == 0
    assert len(guest.resources) == 0


def test_a_command_that_exits_has_a_status(linked: dict[str, Linked]) -> None:
    with pytest.raises(GuestExit) as left:
        call(linked["command"], plain_guest(Tree()), "leave")
    assert left.value.status == 1


def test_writing_without_a_permit_traps(linked: dict[str, Linked]) -> None:
    with pytest.raises(GuestTrap, match="write-not-permitted"):
        call(linked["command"], plain_guest(Tree()), "overwrite")


def test_what_is_not_there_is_refused_by_type(linked: dict[str, Linked]) -> None:
    assert call(linked["unsupported"], plain_guest(), "refused") == 11
    with pytest.raises(GuestTrap, match="not-implemented"):
        call(linked["unsupported"], plain_guest(), "trapped")
