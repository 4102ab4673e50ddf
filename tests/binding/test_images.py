"""An instance that was captured, restored or taken back is what the other was, in all it does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wasmtime import WasmtimeError

from tests.binding.components import GUEST, PLENTY, HostGuest, call, component_of, guest, link, load
from tests.binding.components import wasm_of as binary
from tests.binding.keepable import WAT, Driven, Thing, linked, new
from tests.binding.rewriting import Kept, mapping
from wasm_engine.concepts.errors import GuestTrap, LimitExceeded, NotCapturable
from wasm_engine.concepts.hostcall import SUSPEND
from wasm_engine.host.written_pages import PAGES
from wasm_engine.runtime._wasmtime.image import Image
from wasm_engine.runtime._wasmtime.slot import LIVE

ADDRESSES = st.integers(0, 131068)
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("poke"), ADDRESSES, st.integers(0, 2**32 - 1)),
        st.tuples(st.just("peek"), ADDRESSES),
        st.tuples(st.just("set"), st.integers(0, 4), st.integers(0, 2**64 - 1)),
        st.just(("sum",)),
        st.tuples(st.just("grow"), st.integers(0, 2)),
        st.tuples(st.just("make"), st.integers(0, 1)),
        st.tuples(st.just("drop"), st.integers(0, 7)),
        st.tuples(st.just("swallow"), st.integers(0, 7)),
        st.just(("through", 0, 16)),
        st.just(("through", 1, 0)),
    ),
    max_size=12,
)
QUICK = settings(max_examples=60, deadline=None, derandomize=True, database=None)


class Frozen:
    """The host's side: a table that can be given again."""

    def __init__(self, host: HostGuest) -> None:
        objects = [(rep, Thing(0)) for rep, _ in host.resources.objects()]
        self._parts = (host.resources.freeze(), objects)

    def thawed(self) -> HostGuest:
        made = HostGuest()
        made.resources.thaw(*self._parts)
        return made


def driven(operations, made: Driven | None = None) -> Driven:
    made = made or new()
    for operation in operations:
        made.do(*operation)
    return made


def beginning() -> tuple[Image, Frozen]:
    instance = new().instance
    return instance.capture(), Frozen(instance.guest)


@QUICK
@given(before=OPERATIONS, after=OPERATIONS)
def test_a_restored_instance_is_the_captured_one(before, after):
    image, _ = beginning()
    one = driven(before)
    parts = one.instance.difference(image)
    held, host = dict(one.held), Frozen(one.instance.guest)
    one.seen.clear()
    other = Driven(linked().restore(host.thawed(), PLENTY, image, parts), held)
    assert other.instance.fuel == PLENTY.fuel
    for operation in after:
        one.do(*operation)
        other.do(*operation)
    assert other.look() == one.look()
    # However it came to be, what differs is the same.
    assert other.instance.difference(image) == one.instance.difference(image)


@QUICK
@given(before=OPERATIONS, after=OPERATIONS)
def test_an_instance_that_was_taken_back_is_a_new_one(before, after):
    used = new()
    image = used.instance.capture()
    for operation in before:
        used.do(*operation)
    grown = used.instance.memory_sizes() != list(image.sizes)
    assert used.instance.rollback(image, HostGuest()) is not grown
    if not grown:
        again = driven(after, Driven(used.instance))
        assert again.look() == driven(after).look()


@QUICK
@given(rounds=st.lists(OPERATIONS, min_size=2, max_size=5))
def test_it_can_be_taken_back_many_times(rounds):
    image, _ = beginning()
    instance = linked().restore(HostGuest(), PLENTY, image)
    for operations in rounds:
        instance.watch()
        made = driven(operations, Driven(instance))
        assert made.look() == driven(operations).look()
        if not instance.rollback(image, HostGuest()):
            instance = linked().restore(HostGuest(), PLENTY, image)


def test_images_of_equal_instances_are_equal():
    one, two, other = (new().instance.capture() for _ in range(3))
    assert one.digest == two.digest == other.digest
    changed = driven([("poke", 4, 1)]).instance.capture()
    assert changed.digest != one.digest
    assert driven([("set", 1, 99)]).instance.capture().digest not in (one.digest, changed.digest)


def test_an_image_stays_what_it_was():
    one = driven([("poke", 4, 1), ("set", 0, 3)])
    image = one.instance.capture()
    digest = image.digest
    one.do("poke", 4, 2)
    again = linked().restore(HostGuest(), PLENTY, image).capture()
    assert again.digest == digest == image.digest


def test_beginning_takes_the_fuel_that_it_always_took():
    """Nothing for data, and the start function: as long as wasmtime itself filled memory."""
    spent = Kept(binary(WAT), engine=mapping()).used
    assert spent > 10
    assert PLENTY.fuel - new().instance.fuel == spent
    assert linked().instantiate(HostGuest(), PLENTY._replace(fuel=spent + 1)).fuel == 1
    for fuel in range(spent + 2):
        assert left(fuel) == left_of_the_original(fuel)


def left(fuel: int) -> int | None:
    """What is left of the fuel when an instance has begun; None where it was too little."""
    try:
        return linked().instantiate(HostGuest(), PLENTY._replace(fuel=fuel)).fuel
    except LimitExceeded:
        return None


def left_of_the_original(fuel: int) -> int | None:
    try:
        return Kept(binary(WAT), engine=mapping(), fuel=fuel).fuel
    except WasmtimeError:
        return None


def test_memory_that_grew_cannot_be_taken_back():
    made = new()
    image = made.instance.capture()
    made.do("grow", 1)
    assert not made.instance.rollback(image)


def test_nor_can_an_instance_that_lies_over_another_image():
    one, two = new().instance, new().instance
    image = one.capture()
    assert not two.rollback(image)
    two.adopt(image)
    assert two.rollback(image)


def test_nothing_is_captured_while_a_call_is_in_progress():
    instance = guest()
    image = instance.capture()
    instance.begin("test:guest/run", "wait", (1,))
    instance.poll()
    with pytest.raises(NotCapturable, match="in progress"):
        instance.capture()
    with pytest.raises(NotCapturable, match="in progress"):
        instance.difference(image)
    assert not instance.rollback(image)
    assert instance.memories()[0][512:528] == b"0123456789abcdef"


def test_what_cannot_be_captured_says_why():
    wat = """(component (core module $m (table 1 funcref)
        (func $f (export "f") (table.set (i32.const 0) (ref.func $f))) (elem declare func $f))
      (core instance $i (instantiate $m)) (func (export "f") (canon lift (core func $i "f"))))"""
    component = component_of(wat)
    assert component.keeping.capture.startswith("it changes its tables")
    instance = link(component, {}, set()).instantiate(HostGuest(), PLENTY)
    with pytest.raises(NotCapturable, match="changes its tables"):
        instance.capture()
    call(instance, "", "f")


def test_what_was_added_is_not_shown():
    component = component_of(GUEST)
    assert component.keeping.rewritten
    assert "" not in component.exports


def test_what_is_kept_of_a_component_is_kept_with_its_code(tmp_path):
    first = load(binary(GUEST), cache=tmp_path / "cache")
    again = load(binary(GUEST), cache=tmp_path / "cache")
    assert first.keeping == again.keeping
    assert again.keeping.rewritten


@pytest.mark.parametrize("known", ["by words", "not at all"])
def test_where_the_kernel_says_less_it_is_the_same(monkeypatch, known):
    if known == "by words":
        monkeypatch.setattr(PAGES, "scans", False)
    else:
        monkeypatch.setattr(type(PAGES), "written", lambda *_: None)
    made = new()
    image = made.instance.capture()
    for operation in [("poke", 70000, 5), ("poke", 8, 9), ("set", 3, 1)]:
        made.do(*operation)
    pages = [(memory, page) for memory, page, _ in made.instance.difference(image).pages]
    assert pages == [(0, 0), (0, 17)]
    assert made.instance.rollback(image)
    assert made.instance.difference(image) == (list(image.sizes), [], [])


def test_many_written_pages_are_dropped_rather_than_copied(monkeypatch):
    monkeypatch.setattr("wasm_engine.runtime._wasmtime.snapshots.COPIED", 2)
    made = new()
    image = made.instance.capture()
    for _ in range(2):
        for page in range(8):
            made.do("poke", page * 4096, 5)
        assert made.instance.rollback(image)
        assert made.instance.difference(image).pages == []


LONG_START = """(component
  (core module $m (memory 1) (data (i32.const 9) "x")
    (func $start (local $i i32)
      (loop $l (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $l (i32.lt_u (local.get $i) (i32.const 50000))))
      (i32.store (i32.const 0) (local.get $i)))
    (start $start))
  (core instance $i (instantiate $m)))"""


def test_a_long_beginning_is_sliced_and_gone_on_with():
    made = link(component_of(LONG_START), {}, set())
    one = made.instantiate(HostGuest(), PLENTY)
    other = made.instantiate(HostGuest(), PLENTY._replace(slice=1000))
    assert one.memories() == other.memories()
    assert one.memories()[0][:4] == (50000).to_bytes(4, "little")
    spent = Kept(binary(LONG_START), engine=mapping()).used
    assert PLENTY.fuel - one.fuel == PLENTY.fuel - other.fuel == spent


def test_a_beginning_that_waits_is_refused():
    wat = """(component
      (import "test:host/api@0.1.0" (instance $host (export "wait" (func (result u64)))))
      (core func $wait (canon lower (func $host "wait")))
      (core module $m (import "host" "wait" (func $wait (result i64)))
        (func $start (drop (call $wait))) (start $start))
      (core instance $i (instantiate $m
        (with "host" (instance (export "wait" (func $wait)))))))"""
    made = link(component_of(wat), {"wait": lambda _: SUSPEND}, {"wait"})
    before = len(LIVE)
    with pytest.raises(GuestTrap) as trap:
        made.instantiate(HostGuest(), PLENTY)
    assert trap.value.code == "unavailable-in-init"
    assert len(LIVE) == before
