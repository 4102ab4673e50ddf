"""What the operator of a machine asks of components, it asks of tools; and powers come through."""

from __future__ import annotations

import pytest

from wasm_engine.agents.demands import demands
from wasm_engine.agents.read_manifest import read_manifest
from wasm_engine.concepts.errors import Refused
from wasm_engine.control import keyring
from wasm_engine.control.checks import check
from wasm_engine.control.locks import lock
from wasm_engine.control.powers import powers
from wasm_engine.control.runs import resume, run
from wasm_engine.control.signing import sign

WORLD = """
[agents.a]
source = "handy.wasm"
tools = ["worldly"]
grants = ["keyvalue-read:shop"]

[tools.worldly]
component = "worldly.wasm"
grants = ["keyvalue:shop"]
own-authority = true
"""


@pytest.fixture
def manifest(folder, tmp_path, monkeypatch):
    """A world in a file, on a machine that wants signatures of `ada`, who has a key here."""
    home = tmp_path / "home"
    monkeypatch.setenv("WASM_ENGINE_HOME", str(home))
    keyring.trust(keyring.new("ada").file, "ada")
    for name in ("handy", "worldly"):
        (tmp_path / f"{name}.wasm").write_bytes((folder / f"{name}.wasm").read_bytes())
    (home / "config").mkdir(exist_ok=True)
    (home / "config/policy.toml").write_text('require-signers = ["ada"]\n')
    path = tmp_path / "world.toml"
    path.write_text(WORLD)
    return path


def test_a_tool_that_nobody_signed_is_refused(manifest, tmp_path):
    sign(manifest.with_name("handy.wasm"), key="ada")
    with pytest.raises(Refused) as caught:
        check(manifest)
    assert "tools/worldly: " in str(caught.value)
    assert "  a: " not in str(caught.value)
    sign(manifest.with_name("worldly.wasm"), key="ada")
    kept = tmp_path / "a.run"
    assert run(manifest, file=kept, send=[("a", "do", "worldly.self {}")]).status == "idle"
    assert resume(kept).status == "idle"


def test_the_signature_of_a_lock_is_one_of_its_tools(manifest):
    lock(manifest)
    sign(manifest.with_suffix(".lock"), key="ada")
    assert check(manifest).missing == ()


def test_what_a_tool_may_of_its_own_is_a_power_of_who_calls_it(manifest):
    found = {(it.action, it.target) for it in powers(manifest).powers}
    assert {("tool", "worldly"), ("keyvalue.read", "shop"), ("keyvalue.write", "shop")} <= found


def test_what_a_tool_asks_for_an_operator_may_bound(manifest):
    asked = {(it.bound, it.at): it.amount for it in demands(read_manifest(manifest))}
    assert asked["memory", "tools.worldly.memory"] == 64 << 20
    assert asked["fuel", "tools.worldly.fuel"] == 100_000_000
