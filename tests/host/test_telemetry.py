"""No library that is loaded tells anybody, or leaves anything in the user's folders."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

LOADED = {
    "a session": "from wasm_engine.host.onnx_runtime import onnxruntime; onnxruntime()",
    "tools": "import wasm_engine.toolchain.models.sessions",
    "language": "import wasm_engine.host.chat_genai",
}


@pytest.mark.parametrize("how", LOADED)
def test_onnx_runtime_makes_no_number_for_the_machine(how, tmp_path):
    env = {name: it for name, it in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    places = {name: str(tmp_path) for name in ("HOME", "XDG_CACHE_HOME", "TMPDIR")}
    subprocess.run([sys.executable, "-c", LOADED[how]], env=env | places, check=True)
    assert list(tmp_path.iterdir()) == []
