"""The components of this repository, rewritten: what they did, and kept halfway."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from wasmtime import WasmtimeError
from wasmtime import component as wit

from tests.binding.components import PLENTY, HostGuest, link, load
from tests.binding.rewriting import FUEL, Kept, compiled, mapping, of, rewritten, seen
from tests.guests import stock_world
from tests.guests.stock_world import StockWorld
from wasm_engine.concepts.errors import LimitExceeded
from wasm_engine.runtime._wasmtime.instance import MAX_INSTANCES
from wasm_engine.runtime._wasmtime.rewrite.outer import MOST_INSTANCES

ROOT = Path(__file__).parents[2]
FOLDERS = ("guests/testing", "guests/std", "guests/sdk", "examples")
ALL = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("**/*.wasm"))
# Core modules, of which one is the kits' adapter; and what components may not use.
REFUSED = {
    "core-module.wasm",
    "command.wasm",
    *(path.name for path in ALL if path.name.startswith("feature-")),
}
USABLE = [path for path in ALL if path.name not in REFUSED]
CAN_BEGIN = [path for path in USABLE if not path.name.startswith(("start-", "sockets"))]


READERS = {"embedder", "splitter", "tokenizer"}
"""Standard tools that read their configuration as they begin, and import nothing else of agents."""
CONFIGURED = {"wasm-engine:agent/context@0.1.0": {"config": lambda _store: "{}"}}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_none_is_forgotten():
    listed = subprocess.run(
        ["git", "ls-files", "*.wasm"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert {ROOT / line for line in listed.stdout.splitlines()} <= set(ALL)


@pytest.mark.parametrize("path", USABLE, ids=name_of)
def test_all_can_be_kept(path):
    found = rewritten(path.read_bytes())
    assert (found.capture, found.rollback) == ("", "")
    compiled(seen().engine, found.wasm)


@pytest.mark.parametrize("path", CAN_BEGIN, ids=name_of)
def test_they_begin_as_they_did(path):
    wasm = path.read_bytes()
    given = CONFIGURED if path.parent.parent == ROOT / "guests/std" and path.stem in READERS else {}
    original, kept = Kept(wasm, given), Kept.begun(wasm, given)
    assert kept.memories == original.memories
    assert kept.fuel == Kept(wasm, given, engine=mapping()).fuel


@pytest.mark.parametrize("path", [it for it in ALL if it.name in REFUSED], ids=name_of)
def test_what_is_refused_is_refused_still(path):
    for wasm in (path.read_bytes(), rewritten(path.read_bytes()).wasm):
        with pytest.raises(WasmtimeError):
            wit.Component(seen().engine, wasm)


@pytest.fixture
def worlds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Makes the stock world's engine one whose memories are seen."""
    monkeypatch.setattr(stock_world, "engine", lambda: seen().engine)
    seen().made.clear()
    yield
    seen().made.clear()


class World(StockWorld):
    """An instance that is seen from outside."""

    def __init__(self, wasm: bytes) -> None:
        seen().made.clear()
        super().__init__(compiled(seen().engine, wasm))
        self.memories = list(seen().made)

    def root(self, name: str, *arguments: int) -> int | None:
        index = self._instance.get_export_index(self.store, name)
        assert index is not None
        return self._instance.get_func(self.store, index)(self.store, *arguments)

    def looks(self) -> tuple[object, ...]:
        contents = [memory.content for memory in self.memories]
        return self.store.get_fuel(), contents, dict(self.state), list(self.calls)


SCRIPTS = [
    "send a/b t 5:hello;incr a;get a",
    "set k 100:" + "x" * 100 + ";get k;touch;keys k",
    "flood a t x 3;grow 3;touch",
    "incr a;dance",
    "#" + "y" * 5000,
    "incr a;get a;touch",
]


@pytest.mark.parametrize("guest", ["testing/scripted/scripted.wasm", "testing/ping/ping.wasm"])
def test_they_do_what_they_did(worlds, guest):
    wasm = (stock_world.GUESTS / guest).read_bytes()
    original, kept = World(wasm), World(rewritten(wasm).wasm)
    kept.root("we-begin")
    for world in (original, kept):
        world.store.set_fuel(FUEL)
        assert world.init() is None
    assert original.looks() == kept.looks()
    for script in SCRIPTS:
        ended = [world.handle("script", script) for world in (original, kept)]
        assert ended[0] == ended[1]
        assert original.looks() == kept.looks()


@pytest.mark.parametrize("after", range(len(SCRIPTS)))
def test_an_agent_is_made_again_at_rest(worlds, after):
    wasm = (stock_world.GUESTS / "testing/scripted/scripted.wasm").read_bytes()
    found = rewritten(wasm)
    first = World(found.wasm)
    first.root("we-begin")
    first.init()
    for script in SCRIPTS[:after]:
        first.handle("script", script)
    seen().sizes[:] = [memory.size for memory in first.memories]
    second = World(found.wasm)
    for old, new in zip(first.memories, second.memories, strict=True):
        new.fill(old.content)
    for k, slots in enumerate(found.slots):
        for slot in range(slots):
            second.root(f"we-set-{k}", slot, first.root(f"we-get-{k}", slot))
    second.state.update(first.state)
    second._id = first._id
    for world in (first, second):
        world.calls.clear()
        world.store.set_fuel(FUEL)
    for script in SCRIPTS[after:]:
        assert first.handle("script", script) == second.handle("script", script)
        assert first.looks() == second.looks()


def test_as_many_instances_as_ever():
    """What is added takes none of the guest's own, and gives it none."""
    assert MOST_INSTANCES == MAX_INSTANCES
    text = """(core module $a (memory (export "m") 1))
      (core module $m (import "a" "m" (memory 1)) (data (i32.const 0) "a"))
      (core instance $a (instantiate $a))"""
    made = '(core instance (instantiate $m (with "a" (instance $a))))' * 255
    linked = link(load(of(f"(component {text} {made})")), {}, set())
    linked.instantiate(HostGuest(), PLENTY).close()
    linked = link(
        load(of(f"(component {text} {made} (core instance (instantiate $a)))")), {}, set()
    )
    with pytest.raises(LimitExceeded):
        linked.instantiate(HostGuest(), PLENTY)
