"""A model that is tried: its form gives the same bits, and is not used once it was touched."""

from __future__ import annotations

import sys
from pathlib import Path

import onnxruntime
import pytest

from tests.models.graphs import FLOAT, node, some, weights, write
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control import models
from wasm_engine.control.model_tools import warm
from wasm_engine.host import model_forms, onnx_session
from wasm_engine.host.found_model import find_model
from wasm_engine.host.onnx_runtime import stored_options
from wasm_engine.toolchain.models.sessions import computed, opened

RELEASE = onnxruntime.__version__


@pytest.fixture
def large(tmp_path):
    """A model of 6 MB: forms are made of those that take a while."""
    nodes = [node("MatMul", "x a", "b"), node("Relu", "b", "c"), node("MatMul", "c d", "y")]
    tensors = [weights("a", 64, 12000), weights("d", 12000, 64, seed=2)]
    slots = [("x", FLOAT, ["n", 64])], [("y", FLOAT, ["n", 64])]
    return write(tmp_path / "large.onnx", nodes, *slots, tensors)


def test_a_form_loads_from_the_cache_and_gives_the_same_bits(large, monkeypatch):
    # How long loading takes is the machine's matter: here any form counts as faster.
    monkeypatch.setattr("wasm_engine.toolchain.models.warming._WORTH", 1e9)
    kept = models.add(large)
    told = []
    report = warm("large", progress=lambda *it: told.append(it))
    assert (report.digest, report.device) == (kept.digest, "cpu")
    assert told[-1] == (kept.size, kept.size)
    assert min(report.hashing, report.loading, report.first_run, report.run, report.form) > 0
    form = model_forms.form_of(kept.digest, RELEASE)
    assert form.parent.stat().st_mode & 0o777 == 0o700
    feed = {"x": some(3, 64)}
    bits = [it.tobytes() for it in computed(opened(large), feed)]
    assert [it.tobytes() for it in computed(opened(form, how=stored_options(1)), feed)] == bits
    assert warm("large").form is not None
    data = form.with_name(model_forms.WEIGHTS)
    data.write_bytes(data.read_bytes())
    assert model_forms.form_of(kept.digest, RELEASE) is None
    assert warm("large").form is not None
    assert model_forms.form_of(kept.digest, RELEASE) == form
    assert model_forms.form_of(kept.digest, "0.0.0") is None
    models.remove("large")
    assert not form.exists()


def test_worlds_compute_the_form_where_there_is_one(large, monkeypatch):
    monkeypatch.setattr("wasm_engine.toolchain.models.warming._WORTH", 1e9)
    found, opened_ones = find_model(str(large), large), []
    made = onnx_session.new_session

    def new_session(model, *_, **how):
        opened_ones.append(model)
        return made(model, *_, **how)

    monkeypatch.setattr(onnx_session, "new_session", new_session)
    given = [("x", "float32", [3, 64], some(3, 64).tobytes())]
    plain = onnx_session.session_of(found, "cpu", 1)
    before = plain.compute(given, 10**10, 1 << 20)
    del plain
    warm(str(large))
    fast = onnx_session.session_of(found, "cpu", 1)
    assert fast.compute(given, 10**10, 1 << 20) == before
    form = model_forms.form_of(found.digest.hex(), RELEASE)
    assert [type(opened_ones[0]), *opened_ones[1:]] == [bytes, str(form)]


def test_a_form_that_is_not_faster_or_gives_other_bits_is_not_kept(large, monkeypatch):
    monkeypatch.setattr("wasm_engine.toolchain.models.warming._WORTH", 0.0)
    report = warm(str(large))
    assert report.form is None
    assert model_forms.form_of(report.digest, RELEASE) is None
    monkeypatch.setattr("wasm_engine.toolchain.models.warming._WORTH", 1e9)
    bits = iter(range(9))
    monkeypatch.setattr("wasm_engine.toolchain.models.warming._bits", lambda *_: next(bits))
    assert warm(str(large)).form is None
    assert model_forms.form_of(report.digest, RELEASE) is None


def test_of_a_small_model_no_form_is_made(made, command):
    status, out, _ = command("model", "warm", made / "mlp.onnx")
    assert status == 0
    assert "on cpu" in out
    assert "form" not in out


def test_a_device_that_is_not_there_is_refused(made, command):
    assert "CUDAExecutionProvider" not in onnxruntime.get_available_providers()
    status, _, err = command("model", "warm", made / "mlp.onnx", "--device", "cuda")
    assert (status, "no CUDA device can compute models here" in err) == (2, True)


def test_a_kept_model_that_was_changed_is_refused(large):
    kept = models.add(large)
    place = Path(kept.place)
    place.chmod(0o600)
    data = bytearray(place.read_bytes())
    data[-9] ^= 1
    place.write_bytes(data)
    with pytest.raises(Misuse, match="was changed: its digest is"):
        warm("large")


def test_who_lacks_the_packages_is_told_how_to_come_by_them(made, command, monkeypatch):
    for name in [it for it in sys.modules if it.startswith("wasm_engine.toolchain.models")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("wasm_engine.toolchain.models", raising=False)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    for words in (("warm",), ("prepare", "--out", "x.onnx")):
        status, _, err = command("model", *words, made / "mlp.onnx")
        assert status == 2
        assert "packages that compute models, and onnxruntime is missing" in err
        assert "pip install 'wasm-engine[models]'" in err
    assert command("model", "show", made / "mlp.onnx")[0] == 0
