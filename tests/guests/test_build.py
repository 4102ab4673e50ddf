"""The committed components are those of the committed sources."""

from __future__ import annotations

import importlib

import pytest

from tests.guests.stock_world import GUESTS
from wasm_engine.runtime.text import to_binary


@pytest.fixture
def build(monkeypatch):
    monkeypatch.syspath_prepend(str(GUESTS))
    return importlib.import_module("build")


def test_no_c_guest_was_changed_without_a_build(build):
    # A compiler is not needed: the record has the digests of all that a component is built from.
    assert build.RECORD.read_text() == build.record(), "run: python guests/build.py"


def test_text_guests_are_built_to_the_same_bytes(build):
    built = build.build_text("")
    assert {path.name for path, data in built.items() if path.read_bytes() != data} == set()
    assert len(built) > 15


def test_a_component_imports_types_before_what_uses_them(build):
    text = build.WIT.read_text()
    contract = build.Contract(text)
    assert contract.full_name("state") == "wasm-engine:agent/state@0.1.0"
    assert contract.worlds["agent"].exports == ["handler"]
    assert list(contract.interfaces["types"].types) == ["address", "body", "message", "fault"]
    assert contract.interfaces["tools"].functions["call"].parameters[0][0] == "name"


def test_what_the_world_does_not_offer_is_refused(build):
    core = to_binary(
        '(module (import "evil" "door" (func)) (global (export "__heap_base") i32 (i32.const 8)))'
    )
    with pytest.raises(ValueError, match="evil is not in the world"):
        build.component(core, build.Contract(build.WIT.read_text()), "agent")
