"""What the host keeps for an instance between messages, frozen and thawed: nothing differs."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wasi.activations import EPOCH, Calls, PlainGuest
from tests.wasi.any_calls import ASKED, HTTP, SHAPES, Caller, Held, arguments_for, possible
from wasm_engine.agents.material import ListedFile
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import GuestFailure, NotCapturable
from wasm_engine.runtime.entropy import Entropy
from wasm_engine.runtime.guest import Guest
from wasm_engine.runtime.resources import Drop, Give, ResourceTable
from wasm_engine.runtime.wasi import Preopen, Quota, Tree, WasiState, freeze, mounted, thaw


def listed(path: str, kind: str, content: bytes = b"", target: str = "") -> ListedFile:
    return ListedFile(path, kind, len(content), sha256(content).digest(), target, lambda: content)


FOLDER = mounted(
    [
        listed("folder", "directory"),
        listed("folder/file", "file", b"what is mounted"),
        listed("link", "link", target="folder"),
    ],
    time=EPOCH,
)


def tree() -> Tree:
    made = Tree(Quota(bytes=100_000, nodes=12), time=EPOCH)
    made.mount("/m", FOLDER)
    made.mount("/a/m", FOLDER)
    return made


def new_guest() -> PlainGuest:
    preopens = (Preopen(), Preopen("/mounted", "/m/folder"))
    state = WasiState(args=("name",), tree=tree, preopens=preopens, stdin=b"some input")
    guest = PlainGuest(state, work=10**9)
    guest.serve = lambda *asked: (200, [("X-Served", asked[0])], asked[3] or b"nothing")
    return guest


def frozen(guest: PlainGuest) -> bytes:
    return canonical.encode(freeze(guest.wasi, guest.resources))


def copy_of(guest: PlainGuest) -> PlainGuest:
    """Another guest that is what this one is, made of bytes."""
    other = new_guest()
    thaw(other.wasi, other.resources, canonical.decode(frozen(guest)))
    other.time, other.work = guest.time, guest.work
    other.issued = dict(guest.issued)
    return other


def outcome(caller: Caller, name: str, shape: list[str], arguments: list[Any]) -> Any:
    try:
        return caller.call(name, shape, arguments)
    except GuestFailure as failure:
        return (failure.code, failure.detail)


NAMES = st.lists(st.sampled_from(sorted(SHAPES)), max_size=40)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_a_thawed_guest_answers_as_the_frozen_one_would(data: st.DataObject) -> None:
    first = Caller(new_guest())
    if data.draw(st.booleans()):
        first.call("get-directories", [], [])
    try_out(first, data, NAMES)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.data())
def test_a_thawed_guest_goes_on_with_its_requests(data: st.DataObject) -> None:
    first = Caller(new_guest())
    for name, arguments in ASKED[: data.draw(st.integers(0, len(ASKED)))]:
        first.call(name, SHAPES[name].split(), arguments)
    try_out(first, data, st.lists(st.sampled_from(HTTP), max_size=30))


def try_out(first: Caller, data: st.DataObject, names: st.SearchStrategy[list[str]]) -> None:
    for name in data.draw(names):
        shape = SHAPES[name].split()
        if possible(shape, first.held):
            arguments = data.draw(arguments_for(shape, first.held))
            before, first.guest.touched = frozen(first.guest), False
            first.guest.resources.touched = False
            outcome(first, name, shape, arguments)
            if frozen(first.guest) != before:
                assert first.guest.touched or first.guest.resources.touched, name
    first.guest.effects.clear()  # the message has ended
    held = Held()
    held.of = {kind: list(reps) for kind, reps in first.held.of.items()}
    second = Caller(copy_of(first.guest), held)
    assert frozen(second.guest) == frozen(first.guest)
    undecoded = new_guest()
    thaw(undecoded.wasi, undecoded.resources, freeze(first.guest.wasi, first.guest.resources))
    assert frozen(undecoded) == frozen(first.guest)
    for name in data.draw(names):
        shape = SHAPES[name].split()
        if possible(shape, first.held):
            arguments = data.draw(arguments_for(shape, first.held))
            expected = outcome(first, name, shape, arguments)
            assert outcome(second, name, shape, arguments) == expected
            assert frozen(second.guest) == frozen(first.guest)


def test_what_was_opened_stays_open_though_it_has_no_name_any_more() -> None:
    guest = new_guest()
    calls = Calls(guest)
    (base, _), _ = calls("get-directories")
    file = calls("descriptor.open-at", base, frozenset(), "f", {"create"}, {"read", "write"})
    calls("descriptor.write", file, b"kept", 0)
    calls("descriptor.unlink-file-at", base, "f")
    rep = guest.resources.give(file)
    other = copy_of(guest)
    assert other.wasi.tree.usage.bytes == 4
    assert Calls(other)("descriptor.read", other.resources.lend(rep), 10, 0) == (b"kept", True)
    other.resources.drop(rep)
    assert other.wasi.tree.usage.bytes == 0


def test_streams_on_one_standard_input_go_on_sharing_it() -> None:
    guest = new_guest()
    calls = Calls(guest)
    reps = [guest.resources.give(calls("get-stdin")) for _ in range(2)]
    calls("input-stream.read", guest.resources.lend(reps[0]), 5)
    other = copy_of(guest)
    streams = [other.resources.lend(rep) for rep in reps]
    assert Calls(other)("input-stream.read", streams[0], 2) == b"in"
    assert Calls(other)("input-stream.read", streams[1], 9) == b"put"


def test_a_mount_in_a_folder_that_was_renamed_is_found_again() -> None:
    guest = new_guest()
    calls = Calls(guest)
    (base, _), _ = calls("get-directories")
    calls("descriptor.rename-at", base, "a", base, "z")
    path = frozenset({"symlink-follow"}), "z/m/folder/file"
    rep = guest.resources.give(calls("descriptor.open-at", base, *path, frozenset(), {"read"}))
    root = guest.resources.give(base)
    other = copy_of(guest)
    again = Calls(other)
    found = again("descriptor.open-at", other.resources.lend(root), *path, frozenset(), {"read"})
    assert again("descriptor.is-same-object", found, other.resources.lend(rep))
    assert again("descriptor.read", found, 100, 0) == (b"what is mounted", True)


def test_contents_that_are_mounted_are_not_copied() -> None:
    guest = new_guest()
    calls = Calls(guest)
    _, (mount, _) = calls("get-directories")
    file = calls("descriptor.open-at", mount, frozenset(), "file", frozenset(), {"read"})
    calls("descriptor.read", file, 100, 0)
    guest.resources.give(file)
    assert b"what is mounted" not in frozen(guest)


def test_files_that_nobody_asked_for_are_not_made() -> None:
    guest = new_guest()
    other = copy_of(guest)
    assert not guest.wasi.looked_at
    assert not other.wasi.looked_at


def test_what_cannot_be_made_anew_is_said() -> None:
    guest = new_guest()
    guest.resources.give(object())
    with pytest.raises(NotCapturable, match="holds a object"):
        frozen(guest)


CHOICES = st.lists(st.integers(0, 99), max_size=60)


def live(table: ResourceTable, held: list[int], choices: list[int]) -> None:
    for choice in choices:
        if choice < 50 or not held:
            held.append(table.give(Thing(), f"r{choice % 3}"))
        else:
            table.drop(held.pop(choice % len(held)))


class Engine:
    """The engine's own table of handles, as tests/binding/test_handle_places.py knows it."""

    def __init__(self, table: ResourceTable) -> None:
        self.places = [None if it is None else tuple(it) for it in table.places]
        self.vacant = list(table._vacant)

    def make(self, moves: list[Give | Drop]) -> None:
        for move in moves:
            if isinstance(move, Give):
                self.give(*move)
            else:
                held = self.places[move.at]
                assert held is not None
                assert move.resource in {held[1], ""}
                self.places[move.at] = None
                self.vacant.append(move.at)

    def give(self, rep: int, resource: str) -> int:
        index = self.vacant.pop() if self.vacant else len(self.places)
        self.places[index : index + 1] = [(rep, resource)]
        return index


@settings(max_examples=200, deadline=None, derandomize=True)
@given(CHOICES, CHOICES, CHOICES)
def test_tables_of_handles_are_brought_back(
    before: list[int], since: list[int], after: list[int]
) -> None:
    table, held, thawed = ResourceTable(), [], ResourceTable()
    live(table, held, before)
    thawed.thaw(canonical.decode(canonical.encode(table.freeze())), table.objects())
    again = list(held)
    assert thawed.freeze() == table.freeze()
    live(table, held, since)
    for engine, moves in (
        (Engine(ResourceTable()), ResourceTable().moves(thawed)),
        (Engine(table), table.moves(thawed)),
    ):
        engine.make(moves)
        while (
            engine.places and engine.places[-1] is None and len(engine.places) > len(thawed.places)
        ):
            engine.places.pop()
        assert [None if it is None else tuple(it) for it in thawed.places] == engine.places
    engine = Engine(table)
    engine.make(table.moves(thawed))
    held = again
    for choice in after:
        if choice < 50 or not held:
            rep = thawed.give(Thing(), "n")
            held.append(rep)
            assert thawed.places[engine.give(rep, "n")] == (rep, "n")
        else:
            rep = held.pop(choice % len(held))
            index = next(i for i, it in enumerate(thawed.places) if it and it.rep == rep)
            thawed.drop(rep)
            engine.make([Drop(index, "")])


def test_what_a_guest_opened_and_kept_is_all_that_is_dropped() -> None:
    table, held = ResourceTable(), []
    live(table, held, [0, 0])
    thawed = ResourceTable()
    thawed.thaw(table.freeze(), table.objects())
    live(table, held, [0, 0, 0])
    assert [type(move) for move in table.moves(thawed)] == [Drop] * 3
    for rep in reversed(held[2:]):
        table.drop(rep)
    assert table.moves(thawed) == []


class Thing:
    """An object of its own."""


def test_a_guest_keeps_the_beginning_of_a_line() -> None:
    def guest() -> Guest:
        state = WasiState(tree=tree)
        return Guest(config="{}", epoch=EPOCH, entropy=Entropy(1), work=10**9, wasi=state)

    first, second = guest(), guest()
    first.print("stderr", b"one\nhalf a li")
    second.thaw(canonical.decode(canonical.encode(first.freeze())))
    second.print("stderr", b"ne\n")
    assert second.segment.logs == [("warning", "half a line")]
    assert not second.touched
    second.resources.give(object())
    assert second.touched
