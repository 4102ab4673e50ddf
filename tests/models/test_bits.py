"""Portable models give the same bits on another x86 CPU; the originals need not."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from tests.models import elsewhere
from tests.models.conftest import SAMPLES
from wasm_engine.concepts.portable import EXACT, MEASURED, portability
from wasm_engine.host.cpu import computes_portably, flags
from wasm_engine.host.model_files import look_into

GOLDEN = Path(__file__).parents[1] / "goldens/models/bits.json"
_SETUP = "the tests need qemu-x86_64: `make .venv/qemu.stamp` brings one"
OLDER = "Haswell"
"""The emulated CPU: the first with AVX2 and FMA, without AVX-512 and VNNI."""


@pytest.fixture(scope="module")
def here(made):
    """Digests of results on the CPU of this machine."""
    return elsewhere.digests(made)


PORTABLE = (
    "attention.portable", "bert.portable", "conv.portable", "conv.quantized", "mlp.portable",
    "mlp.quantized",
)  # fmt: skip


def _there(folder):
    """The same on an older CPU: one process computes them all."""
    found = Path(sys.prefix) / "qemu" / "qemu-x86_64"
    program = str(found) if found.exists() else shutil.which("qemu-x86_64")
    assert program, _SETUP
    line = [program, "-cpu", OLDER, sys.executable, elsewhere.__file__, str(folder)]
    env = {name: os.environ[name] for name in ("PATH", "ORT_DISABLE_TELEMETRY")}
    env["OMP_NUM_THREADS"] = "1"
    done = subprocess.run(line, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_portable_models_give_the_same_bits_on_an_older_cpu_and_others_need_not(made, here):
    """One test, for the emulated process is costly and would be run by each worker of pytest."""
    assert computes_portably()
    there = _there(made)
    assert [name for name in PORTABLE if here[name] != there[name]] == []
    every = here["every"]
    assert [op for op, digest in every.items() if there["every"][op] != digest] == []
    # Registers of 512 bits sum a softmax in 16 lanes, those of 256 in 8: this machine has either.
    assert (here["attention"] != there["attention"]) == ("avx512f" in flags())
    # Pairs of products of eight bits overflow where there is no VNNI; those of seven do not.
    for name, right in (("integers.full", False), ("integers.seven", True)):
        assert (there[name]["y"] == _exact(made / f"{name}.onnx")) == right
    assert here["integers.seven"] == there["integers.seven"]


def _exact(file):
    """The digest of what a product of integers comes to."""
    held = numpy_helper.to_array(onnx.load(str(file)).graph.initializer[0]).astype(np.int32)
    product = SAMPLES["integers"]["x"].astype(np.int32) @ held
    return hashlib.sha256(product.tobytes()).hexdigest()


def test_every_op_that_counts_as_portable_is_computed(made, here):
    model = look_into(made / "every.onnx")
    assert portability(model) == ()
    assert {it.op for it in model.graph.nodes} == set(here["every"]) == EXACT | MEASURED


def test_portable_models_give_the_bits_that_they_gave_on_other_machines(here):
    golden = json.loads(GOLDEN.read_text())
    release = ".".join(onnxruntime.__version__.split(".")[:2])
    # Another release may compute in another order; what its bits are is then written anew.
    assert golden["onnxruntime"] == release
    assert {name: here[name] for name in (*PORTABLE, "every")} == golden["digests"]
