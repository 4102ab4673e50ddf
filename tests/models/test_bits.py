"""Portable models give the same bits on another x86 CPU; the originals need not."""

from __future__ import annotations

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


@pytest.fixture(scope="module")
def there(made):
    """The same on an older one: one process computes them all."""
    found = Path(sys.prefix) / "qemu" / "qemu-x86_64"
    program = str(found) if found.exists() else shutil.which("qemu-x86_64")
    assert program, _SETUP
    line = [program, "-cpu", OLDER, sys.executable, elsewhere.__file__, str(made)]
    env = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"}
    done = subprocess.run(line, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


PORTABLE = (
    "attention.portable", "bert.portable", "conv.portable", "conv.quantized", "mlp.portable",
    "mlp.quantized",
)  # fmt: skip


@pytest.mark.parametrize("name", PORTABLE)
def test_a_portable_model_gives_the_same_bits_on_an_older_cpu(name, here, there):
    assert computes_portably()
    assert here[name] == there[name]


def test_every_op_that_counts_as_portable_is_among_them(made, here, there):
    model = look_into(made / "every.onnx")
    assert portability(model) == ()
    assert {it.op for it in model.graph.nodes} == EXACT | MEASURED
    assert set(here["every"]) == EXACT | MEASURED
    assert {op for op, digest in here["every"].items() if there["every"][op] != digest} == set()


def test_portable_models_give_the_bits_that_they_gave_on_other_machines(here):
    golden = json.loads(GOLDEN.read_text())
    release = ".".join(onnxruntime.__version__.split(".")[:2])
    # Another release may compute in another order; what its bits are is then written anew.
    assert golden["onnxruntime"] == release
    assert {name: here[name] for name in (*PORTABLE, "every")} == golden["digests"]


def test_what_is_not_portable_differs_between_cpus_of_other_widths(here, there):
    # Registers of 512 bits sum a softmax in 16 lanes, those of 256 in 8: this machine has either.
    wide = "avx512f" in flags()
    assert (here["attention"] != there["attention"]) == wide
    assert (here["mlp"] != there["mlp"]) == wide


def test_integers_of_eight_bits_are_wrong_on_an_older_cpu_and_those_of_seven_are_not(
    made, here, there
):
    for name, right in (("integers.full", False), ("integers.seven", True)):
        model = onnx.load(str(made / f"{name}.onnx"))
        held = numpy_helper.to_array(model.graph.initializer[0]).astype(np.int32)
        exact = SAMPLES["integers"]["x"].astype(np.int32) @ held
        digest = elsewhere.hashlib.sha256(exact.tobytes()).hexdigest()
        assert (there[name]["y"] == digest) == right
        assert not right or here[name]["y"] == digest
