"""Whatever a guest calls, in whatever order: an answer or a failure of the guest, no mistake."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wasi.activations import PlainGuest
from tests.wasi.any_calls import ASKED, HTTP, SHAPES, Caller, arguments_for, possible
from wasm_engine.concepts.errors import GuestFailure
from wasm_engine.runtime.wasi import Quota, Tree, WasiState


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.data())
def test_any_call(data: st.DataObject) -> None:
    tree = Tree(Quota(bytes=100_000, nodes=12))
    caller = Caller(PlainGuest(WasiState(tree=tree, stdin=b"input"), work=10**9))
    held = caller.held
    caller.call("get-directories", [], [])
    for name in data.draw(st.lists(st.sampled_from(sorted(SHAPES)), max_size=40)):
        shape = SHAPES[name].split()
        if not possible(shape, held):
            continue
        try:
            caller.call(name, shape, data.draw(arguments_for(shape, held)))
        except GuestFailure:
            return
        assert 0 <= tree.usage.bytes <= 100_000
        assert 0 <= tree.usage.nodes <= 12
    for rep in sorted(held.of["H"], reverse=True):  # streams before their bodies
        caller.call("drop", ["H"], [rep])
    assert caller.guest.wasi.room.held == 0
    assert (tree.usage.nodes == 0) == (not tree.root.entries)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_any_request(data: st.DataObject) -> None:
    caller = Caller(PlainGuest(WasiState(stdin=b"input"), work=10**9))
    caller.guest.serve = lambda *asked: (200, [("X-Served", asked[0])], asked[3] or b"nothing")
    held = caller.held
    for name, arguments in ASKED[: data.draw(st.integers(0, len(ASKED)))]:
        caller.call(name, SHAPES[name].split(), arguments)
    for name in data.draw(st.lists(st.sampled_from(HTTP), max_size=40)):
        shape = SHAPES[name].split()
        if not possible(shape, held):
            continue
        try:
            caller.call(name, shape, data.draw(arguments_for(shape, held)))
        except GuestFailure:
            return
    for rep in sorted(held.of["H"], reverse=True):  # streams before their bodies
        caller.call("drop", ["H"], [rep])
    assert caller.guest.wasi.room.held == 0
