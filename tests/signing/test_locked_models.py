"""A lock holds a world to its models: by bytes where they lie here, else by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.control.conftest import WORLD
from tests.inference.models import mlp
from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.errors import Refused
from wasm_engine.control.checks import check
from wasm_engine.control.locks import lock
from wasm_engine.control.runs import run
from wasm_engine.host.model_files import digest_at

MODELS = """
[models.clever]
folder = "clever"
[models.far]
server = "local"
[models.own]
guest = true
[models.said]
script = "answers.toml"
[models.sorter]
file = "sorter.onnx"
"""


@pytest.fixture
def modelled(world: Path, policy) -> Path:
    """The world with a model of each sort, and what the operator says of its server."""
    policy('[servers.local]\nurl = "http://127.0.0.1:9/v1"\n')
    folder = world.parent
    (folder / "clever").mkdir()
    (folder / "clever/genai_config.json").write_text("{}")
    (folder / "clever/weights.bin").write_bytes(b"some")
    (folder / "answers.toml").write_text('[[answer]]\ncontent = "aye"\n')
    mlp(folder / "sorter.onnx")
    world.write_text(WORLD + MODELS)
    return world


def sha(path: Path) -> str:
    return sha256_hex(path.read_bytes())


def test_a_world_of_other_models_is_refused_with_both_digests(modelled, command):
    report = lock(modelled)
    assert (report.models, report.written) == (5, True)
    assert check(modelled).missing == ()
    here = modelled.parent
    old = {
        "clever": f"clever sha256:{digest_at(here / 'clever')}",
        "said": f"answers.toml sha256:{sha(here / 'answers.toml')}",
        "sorter": f"sorter.onnx sha256:{sha(here / 'sorter.onnx')}",
    }
    (here / "clever/weights.bin").write_bytes(b"more")
    (here / "answers.toml").write_text('[[answer]]\ncontent = "nay"\n')
    mlp(here / "sorter.onnx", seed=7)
    modelled.write_text((WORLD + MODELS).replace('"local"', '"local"\nmodel = "llama"'))
    new = {
        "clever": f"clever sha256:{digest_at(here / 'clever')}",
        "said": f"answers.toml sha256:{sha(here / 'answers.toml')}",
        "sorter": f"sorter.onnx sha256:{sha(here / 'sorter.onnx')}",
    }
    lines = [f"model {name}: locked {old[name]}, now {new[name]}" for name in old]
    lines.append("model far: locked server:local=far, now server:local=llama")
    status, _, err = command("run", modelled, "--run", here / "x.run")
    assert status == 4
    assert all(line in err for line in lines)
    assert f"wasm-engine lock {modelled}" in err
    assert not (here / "x.run").exists()
    for refused in (check, lambda it: lock(it, check=True)):
        with pytest.raises(Refused) as caught:
            refused(modelled)
        assert all(line in str(caught.value) for line in lines)
    lock(modelled)
    assert check(modelled).missing == ()


def test_models_that_come_and_go_are_named(modelled):
    lock(modelled)
    modelled.write_text((WORLD + MODELS).replace("[models.own]", "[models.theirs]"))
    with pytest.raises(Refused) as caught:
        check(modelled)
    assert "model own: locked guest, and no longer in the world" in str(caught.value)
    assert "model theirs: not locked, now guest" in str(caught.value)


def test_a_world_that_was_locked_without_models_is_held_to_have_none(world):
    lock(world)
    assert run(world).status == "idle"
    (world.parent / "answers.toml").write_text('[[answer]]\ncontent = "aye"\n')
    world.write_text(WORLD + '\n[models.said]\nscript = "answers.toml"\n')
    with pytest.raises(Refused, match=r"model said: not locked, now answers\.toml sha256:"):
        check(world)
