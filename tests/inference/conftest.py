"""The models of these tests, made once."""

from __future__ import annotations

import pytest

from tests.inference import models


@pytest.fixture(scope="session")
def zoo(tmp_path_factory):
    """A folder of models, by what they are called."""
    folder = tmp_path_factory.mktemp("zoo")
    models.mlp(folder / "mlp.onnx")
    models.mlp(folder / "other.onnx", seed=7)
    models.mlp(folder / "recorded.onnx", portable=False)
    for name in ("conv", "attention", "every_element", "mixed", "loop", "gather", "wide"):
        getattr(models, name)(folder / f"{name}.onnx")
    return folder
