"""The committed components are what they should be: small, and of the contract and nothing else."""

from __future__ import annotations

import pytest

from tests.guests.stock_world import GUESTS, engine, loaded

SMALLEST = {"testing/ping/ping.wasm": 4096}
WORLDS = {
    "testing/ping/ping.wasm": ({"messaging"}, {"handler"}),
    "testing/scripted/scripted.wasm": (
        {"messaging", "agents", "state", "context", "log"},
        {"handler"},
    ),
    "testing/tally/tally.wasm": (set(), {"reducer"}),
    "testing/mirror/mirror.wasm": ({"messaging"}, {"handler"}),
    "std/searcher/searcher.wasm": ({"messaging", "state"}, {"handler"}),
}


@pytest.mark.parametrize("path", WORLDS)
def test_it_imports_what_it_uses_and_exports_its_world(path):
    ty = loaded(path).type
    imports, exports = WORLDS[path]

    def full(names):
        return {f"wasm-engine:agent/{name}@0.1.0" for name in names}

    assert set(ty.imports(engine())) == full(imports | {"types"})
    assert set(ty.exports(engine())) == full(exports)


@pytest.mark.parametrize("path", WORLDS)
def test_it_is_small(path):
    assert (GUESTS / path).stat().st_size < SMALLEST.get(path, 32768)
